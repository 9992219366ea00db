//! Reads all objects in the order of the file, in parallel.

use rayon::prelude::*;

use crate::graph::AtomicBits;
use crate::heap::{ObjectIndex, Snapshot};
use crate::hprof::{SubRecord, SubRecords, Units};

/// Units that are read before their results are taken.
const BATCH: usize = 64;

/// The pieces of the heap.
pub fn units(snapshot: &Snapshot<'_>) -> Units {
    // Damage was recorded when the snapshot was made.
    let id = snapshot.header().id_size;
    Units::cut(snapshot.bytes, snapshot.container(), id, &mut Vec::new())
}

/// Calls `look` for every reachable object, once each, and `take` for what it found in each unit, in the order of the file.
pub fn scan<T: Default + Send>(
    snapshot: &Snapshot<'_>,
    units: &Units,
    look: impl Fn(&mut T, ObjectIndex, &SubRecord<'_>) + Sync,
    mut take: impl FnMut(T),
) {
    let seen = AtomicBits::new(snapshot.len());
    for batch in units.units.chunks(BATCH) {
        let found: Vec<T> = batch
            .par_iter()
            .map(|unit| {
                let mut found = T::default();
                for &(start, end) in units.ranges_of(*unit) {
                    let id = snapshot.header().id_size;
                    let mut records = SubRecords::new(snapshot.bytes, start, end, id);
                    while let Ok(Some(record)) = records.next() {
                        let id = match record {
                            SubRecord::Instance { id, .. }
                            | SubRecord::ObjectArray { id, .. }
                            | SubRecord::PrimitiveArray { id, .. } => id,
                            _ => continue,
                        };
                        let object = snapshot.find(id).filter(|_| id != 0);
                        let Some(object) =
                            object.filter(|&object| super::is_reachable(snapshot, object))
                        else {
                            continue;
                        };
                        if seen.insert(object) {
                            look(&mut found, object, &record);
                        }
                    }
                }
                found
            })
            .collect();
        found.into_iter().for_each(&mut take);
    }
}
