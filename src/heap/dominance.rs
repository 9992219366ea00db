//! What dominates what, asked of many objects at once. All that an object dominates is one run of the preorder, so each answer
//! comes from comparing runs.

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;

use super::{ObjectIndex, Snapshot};

impl Snapshot<'_> {
    /// Whether `above` is `below` or dominates it. Constant time.
    pub fn dominates(&self, above: ObjectIndex, below: ObjectIndex) -> bool {
        let inner = self.positions(below);
        above == below || !inner.is_empty() && self.positions(above).contains(&inner.start)
    }

    /// Those of `objects` that no other of them dominates, in preorder, each once; without those that are not in the tree.
    pub fn outermost(&self, objects: &[ObjectIndex]) -> Vec<ObjectIndex> {
        let positions = self.outermost_positions(objects).into_iter();
        positions.map(|position| self.at(position).0).collect()
    }

    /// The positions of these, ascending: for questions about millions, whose answers are neighbours in memory then.
    pub fn outermost_positions(&self, objects: &[ObjectIndex]) -> Vec<usize> {
        let runs = objects.par_iter().with_min_len(1 << 10);
        let runs = runs.map(|&object| {
            let run = self.positions(object);
            (run.start, Reverse(run.end))
        });
        let mut runs: Vec<(usize, Reverse<usize>)> = runs.collect();
        runs.par_sort_unstable();
        let mut covered = 0;
        let outside = runs.into_iter().filter(|&(start, Reverse(end))| {
            let outside = start < end && start >= covered;
            covered = covered.max(end);
            outside
        });
        outside.map(|(start, _)| start).collect()
    }

    /// Bytes that `objects` retain together, each byte counted once although one of them may retain another.
    pub fn retained_together(&self, objects: &[ObjectIndex]) -> u64 {
        let outermost = self.outermost_positions(objects).into_iter();
        outermost
            .map(|position| self.retained_at(position))
            .fold(0, u64::saturating_add)
    }

    /// What objects that lie in different parts of the tree dominate: for many questions about them.
    pub fn runs(&self, objects: &[ObjectIndex]) -> Runs {
        let runs = objects.par_iter().with_min_len(1 << 10);
        let runs = runs.map(|&object| self.positions(object));
        let mut runs: Vec<Range<usize>> = runs.filter(|run| !run.is_empty()).collect();
        runs.par_sort_unstable_by_key(|run| run.start);
        Runs(runs)
    }
}

/// Runs of the preorder that do not overlap, ascending.
pub struct Runs(Vec<Range<usize>>);

impl Runs {
    /// Positions of about `most` of all that the objects dominate, spread evenly.
    pub fn sample(&self, most: usize) -> impl Iterator<Item = usize> + '_ {
        let all: usize = self.0.iter().map(|run| run.len()).sum();
        let step = all.div_ceil(most.max(1)).max(1);
        self.0.iter().cloned().flatten().step_by(step)
    }

    /// Whether one of the objects is `object` or dominates it.
    pub fn cover(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
        let run = snapshot.positions(object);
        let after = self.0.partition_point(|known| known.start <= run.start);
        !run.is_empty() && after > 0 && run.start < self.0[after - 1].end
    }
}
