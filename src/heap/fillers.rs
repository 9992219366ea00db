//! Dead space that HotSpot makes look like objects.

use rayon::prelude::*;

use super::class::ClassIndex;
use super::snapshot::Snapshot;
use crate::graph::Strength;
use crate::hprof::FieldType;

/// Class of a filler without elements (JDK 21 and later).
const FILLER_OBJECT: &str = "jdk.internal.vm.FillerObject";
/// Class of the others.
const FILLER_ARRAY: &str = "jdk.internal.vm.FillerElement[]";
/// Half of the stretch in which arrays without elements are counted, in bytes.
const NEIGHBOURHOOD: u64 = 64 << 10;
/// Arrays without elements in such a stretch, itself included, from which on they are no fillers. Around locks 33 and more were seen, around
/// fillers at most 4.
const CROWD: usize = 12;
/// A dump with garbage: at least one in so many objects has no path. In dumps of live objects at most 6 % were seen without.
const GARBAGE: u64 = 10;

impl Snapshot<'_> {
    /// Whether the JVM has classes of their own for fillers (JDK 21 and later): before, arrays of `int` to which nothing refers may
    /// be fillers or garbage.
    pub fn has_fillers(&self) -> bool {
        let names = [FILLER_OBJECT, FILLER_ARRAY];
        let mut classes = names.into_iter().flat_map(|name| self.classes.named(name));
        classes.next().is_some()
    }

    /// Fillers are dead space that HotSpot makes look like objects: instances of `jdk.internal.vm.FillerObject` and
    /// arrays of class `jdk.internal.vm.FillerElement[]` (JDK 21 and later), which a dump shows as `int[]` that nothing
    /// refers to. The arrays get their own class back.
    ///
    /// Which of those `int[]` are fillers depends:
    /// - fillers at the ends of allocation buffers and regions are zero, but those over dead objects, which a collection left where
    ///   they were, still hold what these held. In a dump with garbage only the zero ones are recognised among garbage.
    /// - the smallest, 16 bytes, look like `int[0]`. So do the locks of classes that are archived and not initialised, to which only
    ///   class objects refer that the dump does not have. Those are archived side by side, one every 400 to 1,000 bytes, while fillers are
    ///   kilobytes apart (measured on the JVMs that count both: `tests/suite/jvm_parity.rs`).
    pub(super) fn separate_fillers(&mut self) {
        let ints = self.classes.primitive_array(FieldType::Int);
        let objects: Vec<ClassIndex> = self.classes.named(FILLER_OBJECT).collect();
        let arrays = self.classes.named(FILLER_ARRAY).next();
        if arrays.is_none() && objects.is_empty() {
            return;
        }
        let mut lone: Vec<u32> = self.tree.tops(Strength::NoPath).collect();
        lone.par_sort_unstable();
        let garbage = self.has_garbage(&lone, ints);
        let kind = |&object: &u32| {
            let class = self.class_of(object);
            let kind = if objects.contains(&class) {
                Kind::Filler
            } else if class == ints && arrays.is_some() {
                self.kind(object, garbage)
            } else {
                Kind::Other
            };
            (kind != Kind::Other).then_some((object, kind))
        };
        let found: Vec<(u32, Kind)> = lone
            .into_par_iter()
            .with_min_len(1 << 10)
            .filter_map(|object| kind(&object))
            .collect();
        let (empty, mut fillers): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|(_, kind)| *kind == Kind::Empty);
        let empty: Vec<u32> = empty.into_iter().map(|(object, _)| object).collect();
        fillers.extend(
            self.solitary(&empty)
                .into_iter()
                .map(|object| (object, Kind::Filler)),
        );
        for (object, _) in fillers {
            self.fillers.add(self.shallow(object));
            if let (true, Some(arrays)) = (self.class_of(object) == ints, arrays) {
                self.class_column.set(object, arrays.0);
                self.tree.set_group(object, arrays.0);
            }
        }
    }

    /// Whether objects without a path, `int[]` left out, are so many that the dump holds garbage.
    fn has_garbage(&self, lone: &[u32], ints: ClassIndex) -> bool {
        let arrays = lone
            .par_iter()
            .filter(|&&object| self.class_of(object) == ints)
            .count() as u64;
        let others = self.totals(Strength::NoPath).objects.saturating_sub(arrays);
        others.saturating_mul(GARBAGE) > self.len() as u64
    }

    /// What an `int[]` is to which nothing refers.
    fn kind(&self, object: u32, garbage: bool) -> Kind {
        match self.object(object) {
            Some(super::Object::PrimitiveArray { length: 0, .. }) if garbage => Kind::Other,
            Some(super::Object::PrimitiveArray { length: 0, .. }) => Kind::Empty,
            Some(super::Object::PrimitiveArray { data, .. }) => {
                if garbage && data.iter().any(|byte| *byte != 0) {
                    Kind::Other
                } else {
                    Kind::Filler
                }
            }
            _ => Kind::Other,
        }
    }

    /// Those of `objects`, which are in the order of their addresses, that have few others of them around.
    fn solitary(&self, objects: &[u32]) -> Vec<u32> {
        let addresses: Vec<u64> = objects.iter().map(|&object| self.address(object)).collect();
        let around = |address: u64| {
            let from = addresses.partition_point(|&it| it < address.saturating_sub(NEIGHBOURHOOD));
            let to = addresses.partition_point(|&it| it <= address.saturating_add(NEIGHBOURHOOD));
            to - from
        };
        let pairs = objects.iter().zip(&addresses);
        let few = pairs.filter(|(_, address)| around(**address) < CROWD);
        few.map(|(object, _)| *object).collect()
    }
}

/// What an object to which nothing refers is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A filler.
    Filler,
    /// An array without elements: a filler, or a lock.
    Empty,
    /// Neither.
    Other,
}
