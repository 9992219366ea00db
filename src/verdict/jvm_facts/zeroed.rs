//! Dumps of which the contents were taken out: tools that make a dump safe to share write zeros over all texts.

use crate::heap::{Object, ObjectIndex, Snapshot};

/// Texts of which all must be zeros.
const ENOUGH: usize = 20;
/// Objects that are looked at.
const MOST: usize = 2_000_000;
/// Texts that are looked at.
const MOST_TEXTS: usize = 1_000;

/// Whether all texts of `snapshot` are zeros. Numbers are then zeros as well: nothing can be concluded from them.
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
