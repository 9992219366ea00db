//! How much something is that lies all over the dominator tree.

use std::cmp::Reverse;
use std::ops::Range;

use rayon::prelude::*;

use crate::heap::{ObjectIndex, Runs, Snapshot};

/// Objects that are named one by one.
const LARGEST: usize = 5;

/// What the topmost objects of runs keep together, without what was there before the application.
#[derive(Clone, Default)]
pub(super) struct Weight {
    pub retained_bytes: u64,
    pub retained_objects: u64,
    /// Of the topmost objects alone.
    pub shallow_bytes: u64,
    largest: Vec<(Reverse<u64>, ObjectIndex)>,
}

impl Weight {
    /// Of all `runs`. Each is looked at once, by all threads: there may be millions.
    pub fn of(snapshot: &Snapshot<'_>, runs: &Runs) -> Weight {
        let folded = runs.par_iter().fold(Weight::default, |mut sum, run| {
            sum.add(snapshot, run);
            sum
        });
        folded.reduce(Weight::default, Weight::join)
    }

    /// The topmost objects that retain most, the largest first.
    pub fn largest(&self) -> Vec<ObjectIndex> {
        self.largest.iter().map(|&(_, object)| object).collect()
    }

    fn add(&mut self, snapshot: &Snapshot<'_>, run: Range<usize>) {
        let (object, class) = snapshot.at(run.start);
        let retained = snapshot.retained_by_application_at(run.start);
        self.retained_bytes = self.retained_bytes.saturating_add(retained);
        self.retained_objects += snapshot.application_objects_at(run.start);
        if !snapshot.is_preloaded(object) {
            let shallow = snapshot.shallow_of(object, class);
            self.shallow_bytes = self.shallow_bytes.saturating_add(shallow);
        }
        self.name((Reverse(retained), object));
    }

    fn join(mut self, other: Weight) -> Weight {
        self.retained_bytes = self.retained_bytes.saturating_add(other.retained_bytes);
        self.retained_objects += other.retained_objects;
        self.shallow_bytes = self.shallow_bytes.saturating_add(other.shallow_bytes);
        other.largest.into_iter().for_each(|next| self.name(next));
        self
    }

    /// Puts `next` in its place among the largest, if it has one.
    fn name(&mut self, next: (Reverse<u64>, ObjectIndex)) {
        if self.largest.len() == LARGEST && self.largest.last() < Some(&next) {
            return;
        }
        let at = self.largest.partition_point(|known| *known < next);
        self.largest.insert(at, next);
        self.largest.truncate(LARGEST);
    }
}
