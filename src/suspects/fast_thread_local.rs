//! Netty's thread-locals: an array in the thread, with a slot for each `FastThreadLocal` of the program.

use super::holder::{Holder, HolderKind};
use super::owners::Owners;
use crate::heap::{ObjectIndex, Snapshot};

/// The map of one thread, also in copies of Netty in other packages.
const MAP: &str = "io.netty.util.internal.InternalThreadLocalMap";
/// The key of a slot.
const KEY: &str = "io.netty.util.concurrent.FastThreadLocal";
/// Slots that are looked at for the set of keys; it is the first one that a thread fills.
const FIRST_SLOTS: usize = 8;
/// Keys of one thread that are looked at.
const MOST_KEYS: usize = 10_000;

impl Owners<'_, '_> {
    /// What the thread keeps in `below`, from an `InternalThreadLocalMap` on: the number of the slot says which `FastThreadLocal`, the
    /// field that refers to it where it is declared.
    pub(super) fn set_fast_thread_local(&self, holder: &mut Holder, below: &[ObjectIndex]) {
        let &[map, slots, value, ..] = below else {
            return;
        };
        let snapshot = self.snapshot;
        if self::slots(snapshot, map) != Some(slots) {
            return;
        }
        let mut elements = snapshot.each_element(slots);
        let Some(slot) = elements.position(|element| element == Some(value)) else {
            return;
        };
        holder.kind = HolderKind::ThreadLocal;
        holder.target = value;
        holder.class = snapshot.class(map).name.replace(MAP, KEY);
        holder.field = None;
        let key = keys(snapshot, slots)
            .into_iter()
            .find(|&key| snapshot.field_integer(key, "index") == Some(slot as i64));
        if let Some((class, name_id)) = key.and_then(|key| self.declared(key)) {
            holder.class = snapshot.classes().get(class).name.clone();
            holder.field = Some(snapshot.name(name_id));
        }
    }
}

/// The array with the values of a thread, if `map` is an `InternalThreadLocalMap`.
pub(super) fn slots(snapshot: &Snapshot<'_>, map: ObjectIndex) -> Option<ObjectIndex> {
    let is_map = snapshot.class(map).name.ends_with(MAP);
    is_map.then(|| snapshot.field_object(map, "indexedVariables"))?
}

/// What is in `slots`: each key with its value. Slots without a key hold what Netty itself has to remember.
pub(super) fn values(
    snapshot: &Snapshot<'_>,
    slots: ObjectIndex,
) -> Vec<(ObjectIndex, ObjectIndex)> {
    let elements = snapshot.elements(slots);
    let value = |key| {
        let slot = usize::try_from(snapshot.field_integer(key, "index")?).ok()?;
        Some((key, *elements.get(slot)?.as_ref()?))
    };
    let keys = keys(snapshot, slots).into_iter();
    keys.filter_map(value).collect()
}

/// The keys that have a value in this thread: one of the first slots holds a set of them, on an `IdentityHashMap`.
fn keys(snapshot: &Snapshot<'_>, slots: ObjectIndex) -> Vec<ObjectIndex> {
    let is_key = |&object: &ObjectIndex| {
        let above = snapshot.classes().chain(snapshot.class_of(object));
        above
            .take(FIRST_SLOTS)
            .any(|class| class.name.ends_with(KEY))
    };
    let keys_of = |set: ObjectIndex| -> Option<Vec<ObjectIndex>> {
        let map = snapshot.field_object(set, "m")?;
        let table = snapshot.field_object(map, "table")?;
        // Keys and values by turns; the values are `true`.
        let found = snapshot.each_element(table).step_by(2).flatten();
        Some(found.take(MOST_KEYS).filter(is_key).collect())
    };
    let first = snapshot.each_element(slots).take(FIRST_SLOTS).flatten();
    first
        .filter(|&slot| snapshot.class(slot).name == "java.util.Collections$SetFromMap")
        .find_map(keys_of)
        .unwrap_or_default()
}
