//! What dominates what, asked of many objects at once. All that an object dominates is one run of the preorder, so each answer
//! comes from comparing runs.

use std::ops::Range;

use rayon::prelude::*;

use super::{ObjectIndex, Snapshot};

/// Objects that one thread looks up at a time, at least.
const PIECE: usize = 1 << 10;

impl Snapshot<'_> {
    /// Whether `above` is `below` or dominates it. Constant time.
    pub fn dominates(&self, above: ObjectIndex, below: ObjectIndex) -> bool {
        let inner = self.positions(below);
        above == below || !inner.is_empty() && self.positions(above).contains(&inner.start)
    }

    /// Those of `objects` that no other of them dominates, in preorder, each once; without those that are not in the tree.
    pub fn outermost(&self, objects: &[ObjectIndex]) -> Vec<ObjectIndex> {
        let runs = self.runs(objects);
        runs.iter().map(|run| self.at(run.start).0).collect()
    }

    /// Bytes that `objects` retain together, each byte counted once although one of them may retain another.
    pub fn retained_together(&self, objects: &[ObjectIndex]) -> u64 {
        self.runs(objects).retained(self)
    }

    /// What `objects` dominate: one run for each of them that no other one dominates.
    pub fn runs(&self, objects: &[ObjectIndex]) -> Runs {
        let positions = objects.par_iter().with_min_len(PIECE);
        let positions = positions.filter_map(|&object| self.position(object));
        self.runs_at(positions.collect())
    }

    /// What the objects at `positions` dominate.
    pub fn runs_at(&self, mut positions: Vec<usize>) -> Runs {
        positions.par_sort_unstable();
        let mut covered = 0;
        let mut runs = Vec::new();
        for start in positions {
            if start >= covered {
                covered = self.end_at(start);
                runs.push(start..covered);
            }
        }
        Runs(runs)
    }
}

/// Runs of the preorder that do not overlap, ascending. Each is what the object at its first position dominates. There may be
/// millions: neighbours are neighbours in memory, unlike objects in any other order.
#[derive(Clone, Debug, Default)]
pub struct Runs(Vec<Range<usize>>);

impl Runs {
    /// Number of runs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The runs.
    pub fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.0.iter().cloned()
    }

    /// The same for all threads.
    pub fn par_iter(&self) -> impl IndexedParallelIterator<Item = Range<usize>> + '_ {
        self.0.par_iter().with_min_len(PIECE).cloned()
    }

    /// Number of objects in them.
    pub fn objects(&self) -> usize {
        self.0.iter().map(|run| run.len()).sum()
    }

    /// Bytes of these objects.
    pub fn retained(&self, snapshot: &Snapshot<'_>) -> u64 {
        let retained = self.0.iter().map(|run| snapshot.retained_at(run.start));
        retained.fold(0, u64::saturating_add)
    }

    /// Positions of about `most` of all that the objects dominate, spread evenly. What lies there often repeats (entry, key, value, entry,
    /// key, value), and a fixed step would meet the same of these every time: the place within each step varies.
    pub fn sample(&self, most: usize) -> impl Iterator<Item = usize> + '_ {
        let step = self.objects().div_ceil(most.max(1)).max(1);
        let mut runs = self.0.iter();
        let mut run = 0..0;
        let mut passed = 0;
        (0..self.objects().div_ceil(step)).filter_map(move |number| {
            let wanted = number * step + varied(number) % step;
            while wanted >= passed + run.len() {
                passed += run.len();
                run = runs.next()?.clone();
            }
            Some(run.start + (wanted - passed))
        })
    }

    /// Whether one of the objects is `object` or dominates it.
    pub fn cover(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
        let position = snapshot.position(object);
        position.is_some_and(|position| self.contain(position))
    }

    /// Whether one of them begins at `position`.
    pub fn begin_at(&self, position: usize) -> bool {
        let found = self.0.binary_search_by_key(&position, |run| run.start);
        found.is_ok()
    }

    /// Whether `position` is in one of them.
    pub fn contain(&self, position: usize) -> bool {
        let after = self.0.partition_point(|run| run.start <= position);
        after > 0 && position < self.0[after - 1].end
    }
}

/// A number that looks random, the same for the same `number`: the multiplication of Fibonacci hashing.
fn varied(number: usize) -> usize {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever repeats below the objects, and however long the step is: each of it is met.
    #[test]
    fn a_sample_meets_all_that_repeats() {
        let runs = Runs(vec![0..10_000, 20_000..30_000]);
        for period in [2, 3, 4, 6, 8] {
            for most in [5_000, 2_500, 2_000] {
                let mut met = vec![0; period];
                runs.sample(most)
                    .for_each(|position| met[position % period] += 1);
                assert!(met.iter().all(|&met| met > 50), "{period} {most} {met:?}");
                let all: usize = met.iter().sum();
                assert!(all.abs_diff(most) <= 1, "{all} of {most}");
            }
        }
    }
}
