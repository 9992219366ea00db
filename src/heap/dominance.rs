//! What dominates what, asked of many objects at once. All that an object dominates is one run of the preorder, so each answer
//! comes from comparing runs.

use rayon::prelude::*;
use std::cmp::Reverse;

use super::{ObjectIndex, Snapshot};

impl Snapshot<'_> {
    /// Whether `above` is `below` or dominates it. Constant time.
    pub fn dominates(&self, above: ObjectIndex, below: ObjectIndex) -> bool {
        let inner = self.positions(below);
        above == below || !inner.is_empty() && self.positions(above).contains(&inner.start)
    }

    /// Those of `objects` that no other of them dominates, in preorder, each once; without those that are not in the tree.
    pub fn outermost(&self, objects: &[ObjectIndex]) -> Vec<ObjectIndex> {
        let placed = objects.par_iter().with_min_len(1 << 10).map(|&object| {
            let run = self.positions(object);
            (run.start, Reverse(run.end), object)
        });
        let mut placed: Vec<(usize, Reverse<usize>, ObjectIndex)> = placed.collect();
        placed.par_sort_unstable();
        let mut covered = 0;
        placed.retain(|&(start, Reverse(end), _)| {
            let outside = start < end && start >= covered;
            covered = covered.max(end);
            outside
        });
        placed.into_iter().map(|(_, _, object)| object).collect()
    }

    /// Bytes that `objects` retain together, each byte counted once although one of them may retain another.
    pub fn retained_together(&self, objects: &[ObjectIndex]) -> u64 {
        let outermost = self.outermost(objects).into_iter();
        outermost
            .map(|object| self.retained(object))
            .fold(0, u64::saturating_add)
    }
}
