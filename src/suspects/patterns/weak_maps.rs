//! Weak maps after a collection: entries without a key are only there until somebody uses the map.

use super::context::Context;
use super::measure::finding;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::{ObjectIndex, Snapshot};
use crate::suspects::Suspect;

const MAP: &str = "java.util.WeakHashMap";
const ENTRY: &str = "java.util.WeakHashMap$Entry";
/// Part of the entries from which on the finding says that they go: one in so many.
const WORTH_TELLING: u64 = 10;

/// A suspect's entries that have lost their key: a dump collects first, and only the map itself takes such entries out. It is asked of
/// suspects only.
pub const WEAK_MAP: Pattern = Pattern {
    id: "weak_map_without_keys",
    rows: &[21],
    title: "Weak map",
    component: "weak map",
    wanted: &[],
    rule: Rule::Code(|_, _| Vec::new()),
    unit: "entries",
    advice: "Entries whose key was collected go away at the next access: look at what the other entries keep, and whether the map is still used.",
    ..Pattern::PLAIN
};

/// The weak map that `suspect` is, where many of its entries have lost their key.
pub fn of_suspect(snapshot: &Snapshot<'_>, suspect: &Suspect, floor: u64) -> Option<Finding> {
    let context = Context::without_instances(snapshot, floor);
    let map = weak_map(&context, suspect.holder.target)?;
    let entries = Entries::of(&context, map);
    if entries.lost == 0 || entries.lost.saturating_mul(WORTH_TELLING) < entries.all {
        return None;
    }
    let extent = [vec![map], entries.beside].concat();
    let bound = Bound::Usual(u64::MAX);
    let mut found = finding(&context, &WEAK_MAP, bound, None, map, extent, entries.lost);
    let percent = entries.lost.saturating_mul(100) / entries.all.max(1);
    found.note =
        format!("{percent} % of its entries have lost their key: they go at the next access");
    let left = suspect.retained_bytes.saturating_sub(entries.lost_bytes);
    found.may_take = (left < floor).then_some(suspect.retained_bytes);
    Some(found)
}

/// `object` if it is a weak map, or that in the set or the synchronized view that it is.
fn weak_map(context: &Context<'_, '_>, object: ObjectIndex) -> Option<ObjectIndex> {
    context.views(object).find(|&at| context.is_a(at, MAP))
}

/// What is in a weak map.
#[derive(Default)]
struct Entries {
    all: u64,
    /// Those whose key is gone.
    lost: u64,
    /// Bytes that go with them.
    lost_bytes: u64,
    /// Those that something else refers to as well, such as the queue of references that wait.
    beside: Vec<ObjectIndex>,
}

impl Entries {
    fn of(context: &Context<'_, '_>, map: ObjectIndex) -> Entries {
        let mut found = Entries::default();
        let most = context.heap.entries(map).unwrap_or(0);
        let Some(table) = context.heap.follow(map, "table") else {
            return found;
        };
        let heap = context.heap;
        let is_entry = |&at: &ObjectIndex| heap.class(at).name == ENTRY;
        let next = |at| heap.field_object(at, "next").filter(is_entry);
        for slot in heap.slots(table).filter(is_entry) {
            for entry in heap.chain(Some(slot), next) {
                if found.all >= most {
                    return found;
                }
                found.add(heap, map, entry);
            }
        }
        found
    }

    /// Counts `entry`.
    fn add(&mut self, heap: &Snapshot<'_>, map: ObjectIndex, entry: ObjectIndex) {
        let [key, value] = heap.field_objects(entry, ["referent", "value"]);
        self.all += 1;
        let emptied = value.filter(|&value| is_emptied(heap, value));
        if key.is_none() {
            // The others of its chain hang on it too, and stay.
            let own = value.filter(|&value| heap.dominator(value) == Some(entry));
            let value = own.map(|value| heap.retained(value));
            let value = value.or(emptied.map(|value| heap.shallow(value)));
            let bytes = heap.shallow(entry).saturating_add(value.unwrap_or(0));
            self.lost += 1;
            self.lost_bytes = self.lost_bytes.saturating_add(bytes);
        }
        let beside = |&object: &ObjectIndex| !heap.dominates(map, object);
        let both = [entry].into_iter().chain(emptied);
        self.beside.extend(both.filter(beside));
    }
}

/// Whether `value` is a reference object whose referent is gone as well, as in a map of canonical instances. It waits in a queue of
/// references, too.
fn is_emptied(heap: &Snapshot<'_>, value: ObjectIndex) -> bool {
    heap.class(value).referent.is_some() && heap.field_object(value, "referent").is_none()
}
