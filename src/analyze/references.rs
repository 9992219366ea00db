//! Reference objects: what only they hold, finalizers, cleaners, and weak keys that their own value keeps.

use std::collections::BTreeMap;

use super::instances::{Instances, dominates, largest_classes, references};
use super::thread_locals;
use super::threads::finalizer_blocked_in;
use crate::graph::Strength;
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::{Amount, ReferenceKind, References, SelfReference};
use crate::suspects::Owners;

/// Rows of the table of keys that their values keep.
const MOST_ROWS: usize = 20;
/// Holders that are looked for.
const MOST_HOLDERS: usize = 200;

/// Builds the section.
pub fn section(
    snapshot: &Snapshot<'_>,
    instances: &Instances,
    owners: &Owners<'_, '_>,
) -> References {
    References {
        kinds: kinds(snapshot, instances),
        finalizer_queue: finalizer_queue(snapshot, instances),
        finalizer_blocked_in: finalizer_blocked_in(snapshot),
        cleaners_pending: cleaners_pending(snapshot, instances),
        self_referencing: self_referencing(snapshot, instances, owners),
    }
}

fn kinds(snapshot: &Snapshot<'_>, instances: &Instances) -> Vec<ReferenceKind> {
    let mut counts = [0u64; 6];
    for &(_, _, strength) in snapshot.referents() {
        counts[strength as usize] += 1;
    }
    let kinds = [
        (Strength::Soft, "soft"),
        (Strength::Weak, "weak"),
        (Strength::Final, "final"),
        (Strength::Phantom, "phantom"),
    ];
    kinds
        .into_iter()
        .map(|(strength, kind)| {
            let totals = snapshot.totals(strength);
            let classes = instances.weaker(strength).iter();
            ReferenceKind {
                kind: kind.to_owned(),
                references: counts[strength as usize],
                only: Amount {
                    objects: totals.objects,
                    bytes: totals.bytes,
                },
                classes: largest_classes(
                    snapshot,
                    classes.map(|(&class, &totals)| (class, totals)),
                ),
            }
        })
        .collect()
}

/// `ReferenceQueue.queueLength` of `Finalizer.queue`: objects that were found unreachable and wait for `finalize`.
fn finalizer_queue(snapshot: &Snapshot<'_>, instances: &Instances) -> Option<u64> {
    let queue = snapshot.static_object("java.lang.ref.Finalizer", "queue")?;
    let length = u64::try_from(snapshot.field_integer(queue, "queueLength")?).ok()?;
    let finalizers = instances.named(snapshot, "java.lang.ref.Finalizer").objects;
    (length <= finalizers).then_some(length)
}

/// Cleaners whose referent is gone but which are still in the list of those that have not run.
fn cleaners_pending(snapshot: &Snapshot<'_>, instances: &Instances) -> Option<u64> {
    let names = [
        "jdk.internal.ref.Cleaner",
        "sun.misc.Cleaner",
        "jdk.internal.ref.PhantomCleanable",
    ];
    let known = names
        .iter()
        .any(|name| snapshot.classes().named(name).next().is_some());
    let all = names.iter().flat_map(|name| instances.list(name));
    known.then(|| all.filter(|&object| is_pending(snapshot, object)).count() as u64)
}

fn is_pending(snapshot: &Snapshot<'_>, cleaner: ObjectIndex) -> bool {
    if snapshot.strength(cleaner) != Strength::Strong {
        return false;
    }
    if snapshot
        .field(cleaner, "referent")
        .is_none_or(|referent| referent.reference().is_some())
    {
        return false;
    }
    let [next, prev, list, node] = references(snapshot, cleaner, ["next", "prev", "list", "node"]);
    // A cleaner that ran is unlinked: it refers to itself (`next`), or to no node (JDK 23 and later). The head of a list
    // of cleanables is a cleanable without referent that is its own list.
    if snapshot.field(cleaner, "node").is_some() {
        return node.is_some();
    }
    if snapshot.field(cleaner, "list").is_some() && list == Some(cleaner) {
        return false;
    }
    next != Some(cleaner) && prev != Some(cleaner)
}

/// Entries of weakly keyed maps whose key is reachable through the map's own values only, so that it never goes away.
fn self_referencing(
    snapshot: &Snapshot<'_>,
    instances: &Instances,
    owners: &Owners<'_, '_>,
) -> Vec<SelfReference> {
    let mut found = Found::default();
    weak_maps(snapshot, instances, owners, &mut found);
    thread_local_maps(snapshot, &mut found);
    let mut rows: Vec<SelfReference> = found
        .0
        .into_iter()
        .map(|((holder, class), (count, retained_bytes))| SelfReference {
            holder,
            class,
            count,
            retained_bytes,
        })
        .collect();
    rows.sort_by(|a, b| {
        (b.retained_bytes, b.count)
            .cmp(&(a.retained_bytes, a.count))
            .then_with(|| (&a.holder, &a.class).cmp(&(&b.holder, &b.class)))
    });
    rows.truncate(MOST_ROWS);
    rows
}

/// (holder, class of the key) -> entries and what they retain.
#[derive(Default)]
struct Found(BTreeMap<(String, String), (u64, u64)>);

impl Found {
    fn add(&mut self, snapshot: &Snapshot<'_>, holder: &str, key: ObjectIndex, entry: ObjectIndex) {
        let class = snapshot.class(key).name.clone();
        let sum = self.0.entry((holder.to_owned(), class)).or_default();
        sum.0 += 1;
        sum.1 = sum.1.saturating_add(snapshot.retained(entry));
    }
}

/// Whether `key` is strongly reachable, and only through `map`: a weak key to which only the map's values lead.
fn kept_by(snapshot: &Snapshot<'_>, map: ObjectIndex, key: ObjectIndex) -> bool {
    snapshot.strength(key) == Strength::Strong
        && key != map
        && !snapshot.roots().kinds.contains_key(&key)
        && dominates(snapshot, map, key)
}

fn weak_maps(
    snapshot: &Snapshot<'_>,
    instances: &Instances,
    owners: &Owners<'_, '_>,
    found: &mut Found,
) {
    let mut maps: Vec<ObjectIndex> = instances
        .list("java.util.WeakHashMap")
        .filter(|&map| snapshot.strength(map) == Strength::Strong)
        .collect();
    maps.sort_unstable_by_key(|&map| (std::cmp::Reverse(snapshot.retained(map)), map));
    // Each entry is in one map, unless the dump is nonsense: then the search ends when all were paid for.
    let entries = instances.named(snapshot, "java.util.WeakHashMap$Entry");
    let mut budget = entries.objects.saturating_add(1_000);
    let mut holders = 0;
    for map in maps {
        let mut hits = Vec::new();
        walk_weak_map(snapshot, map, &mut budget, &mut hits);
        if hits.is_empty() || holders >= MOST_HOLDERS {
            continue;
        }
        holders += 1;
        let holder = owners.find(map).0.title();
        for (key, entry) in hits {
            found.add(snapshot, &holder, key, entry);
        }
    }
}

fn walk_weak_map(
    snapshot: &Snapshot<'_>,
    map: ObjectIndex,
    budget: &mut u64,
    hits: &mut Vec<(ObjectIndex, ObjectIndex)>,
) {
    // An empty map retains its table and queue: nothing that could be a key.
    if snapshot.field_integer(map, "size") == Some(0) {
        return;
    }
    let Some(table) = snapshot.field_object(map, "table") else {
        return;
    };
    for slot in snapshot.elements(table) {
        let mut at = slot;
        while let Some(entry) = at {
            if *budget == 0 || snapshot.class(entry).name != "java.util.WeakHashMap$Entry" {
                break;
            }
            *budget -= 1;
            let [key, next] = references(snapshot, entry, ["referent", "next"]);
            if let Some(key) = key.filter(|&key| kept_by(snapshot, map, key)) {
                hits.push((key, entry));
            }
            at = next;
        }
    }
}

fn thread_local_maps(snapshot: &Snapshot<'_>, found: &mut Found) {
    for thread in snapshot.threads() {
        let maps = references(
            snapshot,
            thread.object,
            ["threadLocals", "inheritableThreadLocals"],
        );
        for map in maps.into_iter().flatten() {
            for entry in thread_locals::entries(snapshot, map).unwrap_or_default() {
                let Some(key) = entry.key else { continue };
                if kept_by(snapshot, map, key) || kept_by_several(snapshot, key) {
                    found.add(snapshot, "java.lang.ThreadLocal", key, entry.entry);
                }
            }
        }
    }
}

/// Whether the values of several threads keep `key`, so that no thread alone dominates it: the path from a GC root to the key
/// runs through the value of an entry with this very key, and ends at an ordinary object.
fn kept_by_several(snapshot: &Snapshot<'_>, key: ObjectIndex) -> bool {
    if snapshot.strength(key) != Strength::Strong
        || snapshot.dominator(key).is_some()
        || snapshot.roots().kinds.contains_key(&key)
    {
        return false;
    }
    let path = snapshot.path(key);
    let holder = path.len().checked_sub(2).map(|at| path[at]);
    let by_class = holder.is_none_or(|holder| snapshot.as_class(holder).is_some());
    !by_class
        && path.iter().any(|&object| {
            snapshot.class(object).name == "java.lang.ThreadLocal$ThreadLocalMap$Entry"
                && snapshot.field_object(object, "referent") == Some(key)
        })
}
