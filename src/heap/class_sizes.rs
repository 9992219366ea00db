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

/// Sizes instances and class objects.
#[expect(
    clippy::too_many_arguments,
    reason = "called once, from the list of passes"
)]
pub fn size_objects(
    layout: &mut Layout,
    classes: &Classes,
    class_objects: &[u32],
    class_column: &[u32],
    index: &AddressIndex,
    builder: SizesBuilder,
    bytes: &[u8],
    container: &Container,
    (blocks, id): (&Blocks, IdSize),
) -> ShallowSizes {
    let sizes = if layout.packing == Packing::Gaps {
        let mut mirrors = vec![false; index.len()];
        class_objects
            .iter()
            .filter(|&&object| object != NONE)
            .for_each(|&object| mirrors[object as usize] = true);
        let instance = |object: u32| {
            let class = class_column[object as usize];
            (classes.get(ClassIndex(class)).kind == ClassKind::Instance
                && !mirrors[object as usize])
                .then_some(class)
        };
        let gaps = gaps::measure(index, classes.len(), instance);
        gaps::instance_sizes(layout, classes, &gaps)
    } else {
        packing::instance_bytes(layout, classes)
    };
    let pseudo = |name: u64| {
        container
            .string(bytes, name)
            .is_some_and(|name| name.starts_with(b"<"))
    };
    let gap = |object: u32| Some(index.next_after(index.address(object))? - index.address(object));
    // What a class object without statics takes: arrays and interfaces have none.
    let plain = classes
        .iter()
        .filter(|(_, class)| class.dumped && class.dump.statics.is_empty());
    let smallest = plain
        .map(|(i, _)| class_objects[i.0 as usize])
        .filter(|&object| object != NONE)
        .filter_map(gap)
        .min();
    let formula = classes
        .named("java.lang.Class")
        .next()
        .map_or(0, |class| sizes[class.0 as usize]);
    let base = if layout.packing == Packing::Gaps {
        smallest.unwrap_or(formula)
    } else {
        formula
    };
    for (i, &object) in class_objects.iter().enumerate() {
        if object != NONE {
            let gap = if layout.packing == Packing::Gaps {
                gap(object)
            } else {
                None
            };
            builder.set(
                object,
                gaps::class_object_bytes(layout, classes, base, i, gap, pseudo),
            );
        }
    }
    if layout.packing != Packing::Mat {
        let heap = stack_chunks::Heap {
            bytes,
            container,
            classes,
            layout,
            index,
            blocks,
            id,
        };
        for (object, bytes) in stack_chunks::sizes(heap, class_column) {
            builder.set(object, bytes);
        }
    }
    let mut sizes_column = builder.finish();
    sizes_column.set_classes(&sizes, class_column, |class| {
        classes.get(ClassIndex(class)).kind == ClassKind::Instance
    });
    sizes_column
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
