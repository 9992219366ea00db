//! Who keeps softly held objects: a cache of soft references is no suspect, since the JVM clears it before it runs out of memory,
//! but somebody put it there.

use std::collections::BTreeMap;

use crate::graph::Strength;
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::ReferenceHolder;
use crate::suspects::Owners;

/// Softly held bytes from which on their holders are looked for.
const FLOOR: u64 = 1 << 20;
/// References to the largest objects, whose owners are all looked for.
const LARGEST: usize = 1_000;
/// Of the others, every n-th: its neighbours by address go with it.
const SAMPLE: usize = 1_000;
/// Steps of paths that are walked.
const MOST_STEPS: usize = 400_000;
/// Paths after which the pages of the dump that were read for them are given back.
const MOST_IN_MEMORY: usize = 500;
/// Rows at most.
const MOST_ROWS: usize = 10;
/// Least part of what is softly held for a row: one in so many bytes.
const LEAST: u64 = 100;

/// Holders of the soft references to what nothing else reaches, largest first.
pub fn rows(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>) -> Vec<ReferenceHolder> {
    let soft = snapshot.totals(Strength::Soft).bytes;
    if soft < FLOOR {
        return Vec::new();
    }
    let mut references: Vec<(ObjectIndex, ObjectIndex)> = snapshot
        .referents()
        .iter()
        .filter(|&&(reference, referent, strength)| {
            strength == Strength::Soft
                && snapshot.strength(reference) == Strength::Strong
                && snapshot.strength(referent) == Strength::Soft
        })
        .map(|&(reference, referent, _)| (reference, referent))
        .collect();
    let size = |&(reference, referent): &(ObjectIndex, ObjectIndex)| {
        (std::cmp::Reverse(snapshot.retained(referent)), reference)
    };
    if references.len() > LARGEST {
        references.select_nth_unstable_by_key(LARGEST, size);
    }
    let middle = LARGEST.min(references.len());
    let (largest, others) = references.split_at_mut(middle);
    largest.sort_unstable_by_key(size);
    others.sort_unstable();
    let step = others.len().div_ceil(SAMPLE).max(1);
    let mut found = Found::default();
    for (i, chunk) in largest.chunks(1).chain(others.chunks(step)).enumerate() {
        found.add(owners, chunk);
        // Paths read objects all over the file.
        if i % MOST_IN_MEMORY == MOST_IN_MEMORY - 1 {
            snapshot.release_all();
        }
    }
    found.rows(snapshot, soft / LEAST)
}

#[derive(Default)]
struct OfHolder {
    references: u64,
    referents: Vec<ObjectIndex>,
    estimated: bool,
}

#[derive(Default)]
struct Found {
    by_holder: BTreeMap<String, OfHolder>,
    steps: usize,
    last: Option<String>,
}

impl Found {
    /// Takes in neighbours: the owner of the first stands for all. Deep in long lists paths are long: after so many steps, what
    /// comes goes with the last one.
    fn add(&mut self, owners: &Owners<'_, '_>, neighbours: &[(ObjectIndex, ObjectIndex)]) {
        let Some(&(first, _)) = neighbours.first() else {
            return;
        };
        let tired = self.steps >= MOST_STEPS;
        let title = match self.last.take().filter(|_| tired) {
            Some(last) => last,
            None => {
                let (holder, path) = owners.find(first);
                self.steps += path.len();
                holder.title()
            }
        };
        let of_holder = self.by_holder.entry(title.clone()).or_default();
        of_holder.references += neighbours.len() as u64;
        of_holder.estimated |= neighbours.len() > 1 || tired;
        let referents = neighbours.iter().map(|&(_, referent)| referent);
        of_holder.referents.extend(referents);
        self.last = Some(title);
    }

    fn rows(self, snapshot: &Snapshot<'_>, least: u64) -> Vec<ReferenceHolder> {
        let mut rows: Vec<ReferenceHolder> = self
            .by_holder
            .into_iter()
            .map(|(holder, of_holder)| ReferenceHolder {
                holder,
                references: of_holder.references,
                bytes: snapshot.retained_together(&of_holder.referents),
                estimated: of_holder.estimated,
            })
            .filter(|row| row.bytes >= least)
            .collect();
        rows.sort_by(|a, b| {
            (b.bytes, b.references)
                .cmp(&(a.bytes, a.references))
                .then_with(|| a.holder.cmp(&b.holder))
        });
        rows.truncate(MOST_ROWS);
        rows
    }
}
