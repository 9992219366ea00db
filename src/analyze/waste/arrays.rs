//! Nearly empty arrays of references, and boxed numbers.

use super::Hit;
use super::collections::Layouts;
use crate::heap::{ObjectIndex, Snapshot};
use crate::hprof::SubRecord;

/// Arrays with fewer elements are never called sparse.
const SHORTEST: usize = 32;
/// An array is sparse when at most one in so many elements is set.
const SPARSE: usize = 10;

/// The boxes and the bytes of what is in them.
const BOXES: &[(&str, u64)] = &[
    ("java.lang.Integer", 4),
    ("java.lang.Long", 8),
    ("java.lang.Double", 8),
    ("java.lang.Float", 4),
    ("java.lang.Short", 2),
    ("java.lang.Byte", 1),
    ("java.lang.Character", 2),
    ("java.lang.Boolean", 1),
];

/// Class number -> bytes of the number in its instances, 0 for classes that are no boxes.
pub fn boxes(snapshot: &Snapshot<'_>) -> Vec<u64> {
    let bytes = |name: &str| BOXES.iter().find(|(known, _)| *known == name);
    snapshot
        .classes()
        .iter()
        .map(|(_, class)| bytes(&class.name).map_or(0, |(_, bytes)| *bytes))
        .collect()
}

/// Adds `object` to `hits` if it is a box or a sparse array.
pub fn look(
    snapshot: &Snapshot<'_>,
    layouts: &Layouts,
    boxes: &[u64],
    object: ObjectIndex,
    record: &SubRecord<'_>,
    hits: &mut Vec<Hit>,
) {
    let class = snapshot.class_of(object);
    match record {
        SubRecord::Instance { .. } => {
            let number = boxes.get(class.0 as usize).copied().unwrap_or(0);
            if number > 0 {
                hits.push(Hit {
                    kind: "boxed_numbers",
                    class,
                    object,
                    bytes: snapshot.shallow(object).saturating_sub(number),
                });
            }
        }
        SubRecord::ObjectArray { elements, .. } => {
            let width = snapshot.header().id_size.bytes();
            let length = elements.len() / width;
            if length < SHORTEST {
                return;
            }
            let is_set = |id: &&[u8]| id.iter().any(|&byte| byte != 0);
            let set = elements.chunks_exact(width).filter(is_set).count();
            // The tables of collections are judged with their collection.
            let above = snapshot.dominator(object);
            if set * SPARSE > length || above.is_some_and(|above| layouts.knows(snapshot, above)) {
                return;
            }
            hits.push(Hit {
                kind: "sparse_arrays",
                class,
                object,
                bytes: (length - set) as u64 * snapshot.layout().reference_bytes,
            });
        }
        _ => {}
    }
}
