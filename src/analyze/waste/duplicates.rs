//! Arrays of primitive values with equal contents, zeroed ones, and those of length 0.

use std::hash::Hasher;

use rayon::prelude::*;

use super::{Hit, Sums, scan};
use crate::heap::{ClassKind, ObjectIndex, Snapshot};
use crate::hprof::{SubRecord, Units};

/// Arrays that are compared at a time; where there are more, the dump is read several times, so that memory stays bounded.
const AT_A_TIME: u64 = 8 << 20;

#[derive(Default)]
struct Found {
    hashes: Vec<(u64, ObjectIndex)>,
    /// Zeroed or empty.
    hollow: Vec<Hit>,
}

/// Adds equal arrays to `sums`: of each set of equal ones all but the first.
pub fn look(snapshot: &Snapshot<'_>, units: &Units, sums: &mut Sums) {
    let is_primitive =
        |object: &u32| matches!(snapshot.class(*object).kind, ClassKind::PrimitiveArray(_));
    let arrays = (0..snapshot.len() as u32)
        .into_par_iter()
        .filter(is_primitive)
        .count() as u64;
    let parts = arrays / AT_A_TIME + 1;
    for part in 0..parts {
        let mut hashes: Vec<(u64, ObjectIndex)> = Vec::new();
        scan::scan(
            snapshot,
            units,
            |found: &mut Found, object, record| {
                if let SubRecord::PrimitiveArray {
                    length,
                    data,
                    element,
                    ..
                } = record
                {
                    if data.iter().all(|&byte| byte == 0) {
                        let complete = *length == 0 || !data.is_empty();
                        if part == 0 && complete {
                            found.hollow.push(hollow(snapshot, object, *length));
                        }
                        return;
                    }
                    let hash = hash(*element as u8, data);
                    if hash % parts == part {
                        found.hashes.push((hash, object));
                    }
                }
            },
            |found: Found| {
                hashes.extend(found.hashes);
                found.hollow.into_iter().for_each(|hit| sums.add(hit));
            },
        );
        hashes.par_sort_unstable();
        for pair in hashes.windows(2) {
            if pair[0].0 == pair[1].0 {
                sums.add(copy(snapshot, pair[1].1));
            }
        }
    }
}

/// SipHash with fixed keys: contents are nobody's to choose, and every run gives the same.
fn hash(element: u8, data: &[u8]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u8(element);
    hasher.write(data);
    hasher.finish()
}

fn hollow(snapshot: &Snapshot<'_>, object: ObjectIndex, length: u32) -> Hit {
    Hit {
        kind: if length == 0 {
            "empty_arrays"
        } else {
            "zero_arrays"
        },
        class: snapshot.class_of(object),
        object,
        bytes: snapshot.shallow(object),
    }
}

fn copy(snapshot: &Snapshot<'_>, object: ObjectIndex) -> Hit {
    let of_string = snapshot
        .dominator(object)
        .is_some_and(|above| snapshot.class(above).name == "java.lang.String");
    Hit {
        kind: if of_string {
            "duplicate_strings"
        } else {
            "duplicate_arrays"
        },
        class: snapshot.class_of(object),
        object,
        bytes: snapshot.shallow(object),
    }
}
