//! Reading objects of the JDK: several fields at once, counters, classes that may exist several times.

use crate::heap::{ClassIndex, Object, ObjectIndex, Snapshot};
use crate::hprof::FieldValue;

/// The values of the fields `names` of `object`, each the one declared lowest in the class hierarchy; the object is read once.
pub(crate) fn values<const N: usize>(
    snapshot: &Snapshot,
    object: ObjectIndex,
    names: [&str; N],
) -> [Option<FieldValue>; N] {
    let mut found = [None; N];
    if let Some(Object::Instance { class, data }) = snapshot.object(object) {
        for field in snapshot.fields(class, data) {
            for (slot, name) in found.iter_mut().zip(names) {
                if slot.is_none() && snapshot.is_name(field.name_id, name) {
                    *slot = Some(field.value);
                }
            }
        }
    }
    found
}

/// Whether the field is there and refers to something.
pub(crate) fn is_set(value: Option<FieldValue>) -> bool {
    value.and_then(FieldValue::reference).is_some()
}

/// The value of an integral field as a size; `None` when it is absent or negative.
pub(crate) fn size(value: Option<FieldValue>) -> Option<u64> {
    u64::try_from(value?.integer()?).ok()
}

/// The value of a `long` field as an address: the sign bit is part of it.
pub(crate) fn address(value: Option<FieldValue>) -> u64 {
    value.and_then(FieldValue::integer).unwrap_or(0) as u64
}

/// The object that a field refers to.
pub(crate) fn object(snapshot: &Snapshot, value: Option<FieldValue>) -> Option<ObjectIndex> {
    snapshot.find(value?.reference()?)
}

/// A static number of class `class`: a plain field or an `AtomicLong` (`LongAdder` without cells likewise), under the first of `names` that
/// is there, with the name.
pub(crate) fn static_number<'n>(
    snapshot: &Snapshot,
    class: ClassIndex,
    names: &[&'n str],
) -> Option<(i64, &'n str)> {
    names.iter().find_map(|name| {
        let value = snapshot.static_field(class, name)?;
        let number = match value.reference() {
            Some(id) => snapshot.field_integer(snapshot.find(id)?, "value")?,
            None => value.integer()?,
        };
        Some((number, *name))
    })
}

/// Whether instances of `class` have a field `name`, declared by the class or a super class.
pub(crate) fn has_field(snapshot: &Snapshot, class: ClassIndex, name: &str) -> bool {
    let classes = snapshot.classes();
    classes
        .chain(class)
        .flat_map(|class| &class.dump.fields)
        .any(|field| snapshot.is_name(field.name_id, name))
}

/// Whether `class` came with the JDK: by its loader, or by the names that only the JDK may use.
pub(crate) fn is_jdk(snapshot: &Snapshot, class: ClassIndex) -> bool {
    let class = snapshot.classes().get(class);
    let name = class.name.as_str();
    ["java.", "javax.", "jdk.", "sun."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        || (class.dumped && class.dump.loader_id == 0)
}
