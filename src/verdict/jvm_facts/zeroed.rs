//! Dumps of which the contents were taken out: tools that make a dump safe to share write zeros over all texts.

use crate::heap::{Object, ObjectIndex, Snapshot};

/// Texts of which all must be zeros.
const ENOUGH: usize = 20;
/// Objects that are looked at.
const MOST: usize = 2_000_000;
/// Texts that are looked at.
const MOST_TEXTS: usize = 1_000;

/// Maps of which all must have no entries by their own count, though they have a table.
const ENOUGH_MAPS: usize = 5;

/// Whether the numbers of `snapshot` are zeros as well: some tools clear fields, others only arrays. Nothing can be concluded from them
/// then.
pub(super) fn are_numbers_zeroed(snapshot: &Snapshot) -> bool {
    let Some(class) = snapshot.classes().named("java.util.HashMap").next() else {
        return snapshot.container().redacted;
    };
    let maps = (0..snapshot.len().min(MOST) as ObjectIndex)
        .filter(|&object| snapshot.class_of(object) == class)
        .filter(|&map| snapshot.field_object(map, "table").is_some());
    let mut seen = 0;
    for map in maps.take(MOST_TEXTS) {
        // Of a map without entries, too, one of them is set.
        let numbers = ["threshold", "size", "modCount"];
        let mut numbers = numbers
            .map(|field| snapshot.field_integer(map, field))
            .into_iter();
        if numbers.any(|number| number.is_some_and(|number| number != 0)) {
            return false;
        }
        seen += 1;
    }
    seen >= ENOUGH_MAPS || snapshot.container().redacted
}

/// Whether all texts of `snapshot` are zeros.
pub(super) fn is_zeroed(snapshot: &Snapshot) -> bool {
    if snapshot.container().redacted {
        return true;
    }
    let Some(class) = snapshot.classes().named("java.lang.String").next() else {
        return false;
    };
    let strings = (0..snapshot.len().min(MOST) as ObjectIndex)
        .filter(|&object| snapshot.class_of(object) == class);
    let mut texts = 0;
    for string in strings.take(MOST_TEXTS) {
        let value = snapshot.field_object(string, "value");
        let Some(Object::PrimitiveArray { data, .. }) =
            value.and_then(|value| snapshot.object(value))
        else {
            continue;
        };
        if data.iter().any(|&byte| byte != 0) {
            return false;
        }
        texts += usize::from(!data.is_empty());
    }
    texts >= ENOUGH
}
