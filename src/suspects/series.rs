//! Long arrays of numbers, one in each of a few objects: it is the array that is large, not their number.

use super::accumulation::accumulation;
use super::content::Content;
use super::naming;
use crate::heap::{ObjectIndex, Snapshot};

/// Bytes of a long array.
const LONG: u64 = 64 << 10;

/// The long arrays of numbers that most of each of `tops` is: series. Bytes, characters and plain integers may be one value: a text, a
/// buffer, a picture.
pub(super) fn long(snapshot: &Snapshot<'_>, tops: &[ObjectIndex]) -> Vec<ObjectIndex> {
    let is_long = |array: &ObjectIndex| {
        let element = snapshot.class(*array).name.strip_suffix("[]");
        element.is_some_and(|name| {
            naming::is_primitive(name) && !matches!(name, "byte" | "char" | "int")
        }) && snapshot.shallow(*array) >= LONG
    };
    let arrays = tops.iter().map(|&top| accumulation(snapshot, top));
    arrays.filter(is_long).collect()
}

/// `content`, named as the `arrays` that a library's objects have in them.
pub(super) fn content(
    snapshot: &Snapshot<'_>,
    arrays: &[ObjectIndex],
    content: Content,
) -> Content {
    let Some(&first) = arrays.first() else {
        return content;
    };
    let class = snapshot.class(first).name.clone();
    let alike = |&&array: &&ObjectIndex| snapshot.class_of(array) == snapshot.class_of(first);
    let arrays: Vec<ObjectIndex> = arrays.iter().filter(alike).copied().collect();
    let bytes = arrays
        .iter()
        .map(|&array| snapshot.retained_by_application(array));
    let bytes = bytes.fold(0, u64::saturating_add);
    Content {
        class,
        objects: arrays.len() as u64,
        retained_bytes: bytes,
        beside: None,
        ..content
    }
}
