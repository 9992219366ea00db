//! Shallow sizes of instances and class objects, once the classes of all objects are known.

use super::address_index::AddressIndex;
use super::class::{ClassIndex, ClassKind, Classes};
use super::class_edges::NONE;
use super::gaps;
use super::layout::Layout;
use super::layout::Packing;
use super::locate::Blocks;
use super::packing;
use super::sizes::{ShallowSizes, SizesBuilder, UNIT};
use super::stack_chunks;
use crate::graph::{Column, Sizes};
use crate::hprof::{Container, IdSize};

/// What sizes are found from.
pub struct Sizing<'a> {
    /// The classes.
    pub classes: &'a Classes,
    /// Objects of the classes, by class number.
    pub class_objects: &'a [u32],
    /// Class number of each object.
    pub class_column: &'a [u32],
    /// Addresses to indexes.
    pub index: &'a AddressIndex,
    /// The dump.
    pub bytes: &'a [u8],
    /// Its records.
    pub container: &'a Container,
    /// Where objects lie in the dump.
    pub blocks: &'a Blocks,
    /// Width of identifiers.
    pub id: IdSize,
}

impl Sizing<'_> {
    /// Sizes of all objects: those of arrays stand in `builder` already. Completes `layout` where sizes follow from distances.
    pub fn sizes(&self, layout: &mut Layout, builder: SizesBuilder) -> ShallowSizes {
        let of_classes = self.instance_sizes(layout);
        self.size_class_objects(layout, &of_classes, &builder);
        if layout.packing != Packing::Mat {
            let heap = stack_chunks::Heap {
                bytes: self.bytes,
                container: self.container,
                classes: self.classes,
                layout,
                index: self.index,
                blocks: self.blocks,
                id: self.id,
            };
            for (object, bytes) in stack_chunks::sizes(heap, self.class_column) {
                builder.set(object, bytes);
            }
        }
        let mut sizes = builder.finish();
        sizes.set_classes(&of_classes, self.class_column, |class| {
            self.classes.get(ClassIndex(class)).kind == ClassKind::Instance
        });
        sizes
    }

    /// Bytes of an instance of each class.
    fn instance_sizes(&self, layout: &mut Layout) -> Vec<u64> {
        let classes = self.classes;
        if layout.packing != Packing::Gaps {
            return packing::instance_bytes(layout, classes);
        }
        let mut is_class_object = vec![false; self.index.len()];
        for &object in self.class_objects.iter().filter(|&&object| object != NONE) {
            is_class_object[object as usize] = true;
        }
        let instance = |object: u32| {
            let class = self.class_column[object as usize];
            let kind = classes.get(ClassIndex(class)).kind;
            (kind == ClassKind::Instance && !is_class_object[object as usize]).then_some(class)
        };
        let gaps = gaps::measure(self.index, classes.len(), instance);
        gaps::instance_sizes(layout, classes, &gaps)
    }

    fn size_class_objects(&self, layout: &Layout, of_classes: &[u64], builder: &SizesBuilder) {
        let pseudo = |name: u64| {
            let name = self.container.string(self.bytes, name);
            name.is_some_and(|name| name.starts_with(b"<"))
        };
        let by_gaps = layout.packing == Packing::Gaps;
        let base = self.class_object_base(by_gaps, of_classes);
        for (i, &object) in self.class_objects.iter().enumerate() {
            if object != NONE {
                let gap = by_gaps.then(|| self.gap(object)).flatten();
                let bytes = gaps::class_object_bytes(layout, self.classes, base, i, gap, pseudo);
                builder.set(object, bytes);
            }
        }
    }

    /// What a class object without statics takes, in bytes: arrays and interfaces have none.
    fn class_object_base(&self, by_gaps: bool, of_classes: &[u64]) -> u64 {
        let formula = self.classes.named("java.lang.Class").next();
        let formula = formula.map_or(0, |class| of_classes[class.0 as usize]);
        if !by_gaps {
            return formula;
        }
        let plain = self.classes.iter();
        let plain = plain.filter(|(_, class)| class.dumped && class.dump.statics.is_empty());
        let smallest = plain
            .map(|(i, _)| self.class_objects[i.0 as usize])
            .filter(|&object| object != NONE)
            .filter_map(|object| self.gap(object))
            .min();
        smallest.unwrap_or(formula)
    }

    /// Bytes from an object to the next one in the order of addresses.
    fn gap(&self, object: u32) -> Option<u64> {
        let address = self.index.address(object);
        Some(self.index.next_after(address)? - address)
    }
}

/// The shallow sizes as the graph asks for them.
pub struct Shallow<'a> {
    /// The column.
    pub sizes: &'a ShallowSizes,
    /// Class number of each object.
    pub classes: &'a Column,
    /// Number of classes.
    pub count: usize,
}

impl Sizes for Shallow<'_> {
    #[inline]
    fn units(&self, node: u32) -> u64 {
        self.sizes.units(node, self.classes.get(node))
    }

    fn unit(&self) -> u64 {
        UNIT
    }

    fn total(&self, _nodes: usize) -> u64 {
        self.sizes.total_units()
    }

    fn groups(&self) -> usize {
        self.count
    }

    #[inline]
    fn group(&self, node: u32) -> u32 {
        self.classes.get(node)
    }

    #[inline]
    fn units_in(&self, node: u32, group: u32) -> u64 {
        self.sizes.units(node, group)
    }
}

/// The greatest common divisor of the distances between objects, as MAT takes it.
pub fn mat_alignment(index: &AddressIndex, first: u32) -> u64 {
    let mut addresses = index.addresses_from(first);
    let Some(base) = addresses.next() else {
        return 8;
    };
    addresses.fold(0u64, |divisor, address| gcd(divisor, address - base))
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
