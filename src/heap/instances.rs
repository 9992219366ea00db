//! The objects of some classes, found by one look at the class of every object.

use rayon::prelude::*;

use super::address_index::ObjectIndex;
use super::class::ClassIndex;
use super::snapshot::Snapshot;

/// Objects that one task looks at.
const PIECE: usize = 1 << 16;

impl Snapshot<'_> {
    /// The objects of the classes that are `wanted`, by class number; ascending. Whoever wants several classes asks once for all.
    pub fn objects_of(&self, wanted: &[bool]) -> Vec<ObjectIndex> {
        if !wanted.contains(&true) {
            return Vec::new();
        }
        let is_wanted = |class: ClassIndex| wanted.get(class.0 as usize).copied().unwrap_or(false);
        let pieces: Vec<Vec<ObjectIndex>> = (0..self.len().div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| {
                let objects = piece * PIECE..((piece + 1) * PIECE).min(self.len());
                let objects = objects.map(|object| object as ObjectIndex);
                objects
                    .filter(|&object| is_wanted(self.class_of(object)))
                    .collect()
            })
            .collect();
        pieces.concat()
    }

    /// Number of objects of each class, by class number.
    pub fn counts_by_class(&self) -> Vec<u64> {
        let none = || vec![0u64; self.classes().len()];
        (0..self.len())
            .into_par_iter()
            .with_min_len(PIECE)
            .fold(none, |mut counts, object| {
                counts[self.class_of(object as ObjectIndex).0 as usize] += 1;
                counts
            })
            .reduce(none, |mut counts, more| {
                for (count, more) in counts.iter_mut().zip(more) {
                    *count += more;
                }
                counts
            })
    }

    /// The objects of the classes called one of `names`, subclasses left out; ascending.
    pub fn objects_of_named(&self, names: &[&str]) -> Vec<ObjectIndex> {
        let mut wanted = vec![false; self.classes().len()];
        for class in names.iter().flat_map(|name| self.classes().named(name)) {
            wanted[class.0 as usize] = true;
        }
        self.objects_of(&wanted)
    }
}
