//! Reference objects: what only they hold, finalizers, cleaners, and weak keys that their own value keeps.

use std::collections::BTreeMap;

use super::by_class::{largest_classes, of_strength};
use super::soft_holders;
use super::threads::finalizer_blocked_in;
use crate::graph::Strength;
use crate::heap::{Instances, ObjectIndex, Snapshot, Steps};
use crate::report::model::{Amount, ReferenceKind, ReferenceStrength, References, SelfReference};
use crate::report::units::measured;
use crate::sentence;
use crate::sentence::Sentence;
use crate::suspects::statics::Statics;
use crate::suspects::thread_locals;
use crate::suspects::{HolderKind, Owners, Suspect};

/// Rows of the table of keys that their values keep.
const MOST_ROWS: usize = 20;
/// Holders that are looked for.
const MOST_HOLDERS: usize = 200;
/// Objects that are read in all to find out whether values refer to their keys.
const MOST_READ: u64 = 200_000;
/// Objects of one value that are read for that.
const DEEPEST: usize = 64;
/// Objects larger than this, in bytes, are not read for that.
const LARGEST: u64 = 64 << 10;

/// Builds the section.
pub fn section(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>) -> References {
    let instances = owners.instances();
    References {
        kinds: kinds(snapshot, owners),
        finalizer_queue: finalizer_queue(snapshot, instances),
        finalizer_blocked_in: finalizer_blocked_in(snapshot),
        cleaners_pending: cleaners_pending(snapshot, instances),
        self_referencing: self_referencing(snapshot, owners),
    }
}

fn kinds(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>) -> Vec<ReferenceKind> {
    let mut counts = [0u64; 6];
    for &(_, _, strength) in snapshot.referents() {
        counts[strength as usize] += 1;
    }
    let kinds = [
        (Strength::Soft, ReferenceStrength::Soft),
        (Strength::Weak, ReferenceStrength::Weak),
        (Strength::Final, ReferenceStrength::Final),
        (Strength::Phantom, ReferenceStrength::Phantom),
    ];
    kinds
        .into_iter()
        .map(|(strength, kind)| {
            let totals = snapshot.totals(strength);
            let classes = of_strength(snapshot, strength);
            let classes = classes.iter();
            ReferenceKind {
                kind,
                references: counts[strength as usize],
                only: Amount {
                    objects: totals.objects,
                    bytes: totals.bytes,
                },
                classes: largest_classes(
                    snapshot,
                    classes.map(|(&class, &totals)| (class, totals)),
                ),
                holders: match strength {
                    Strength::Soft => soft_holders::rows(snapshot, owners),
                    _ => Vec::new(),
                },
            }
        })
        .collect()
}

/// `ReferenceQueue.queueLength` of `Finalizer.queue`: objects that were found unreachable and wait for `finalize`.
fn finalizer_queue(snapshot: &Snapshot<'_>, instances: &Instances) -> Option<u64> {
    let queue = snapshot.static_object("java.lang.ref.Finalizer", "queue")?;
    let length = u64::try_from(snapshot.field_integer(queue, "queueLength")?).ok()?;
    let finalizers = instances
        .of_classes(snapshot, "java.lang.ref.Finalizer")
        .objects;
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
    let all = names
        .iter()
        .flat_map(|name| instances.with_path(name).objects);
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
    let [next, prev, list, node] =
        snapshot.field_objects(cleaner, ["next", "prev", "list", "node"]);
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

/// Entries of weakly keyed maps whose value holds the key, so that neither ever goes away.
fn self_referencing(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>) -> Vec<SelfReference> {
    let mut found = Found::default();
    let mut search = Search { left: MOST_READ };
    weak_maps(snapshot, owners, &mut search, &mut found);
    thread_local_maps(snapshot, owners.statics(), &mut search, &mut found);
    let mut rows: Vec<SelfReference> = found
        .0
        .into_iter()
        .map(|((holder, class), entries)| SelfReference {
            holder,
            class,
            count: entries.len() as u64,
            // Entries of one bucket hang on each other.
            retained_bytes: snapshot.retained_together(&entries),
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

/// Who holds such entries of thread-locals, as the rows say.
const THREAD_LOCALS: &str = "java.lang.ThreadLocal";
/// Part of a suspect from which on such entries are reported with it: one in so many bytes.
const WORTH_TELLING: u64 = 10;

/// Which entries of maps that `suspect` holds keep their own weak keys.
pub fn notes(references: &References, suspect: &Suspect) -> Vec<Sentence> {
    let title = suspect.holder.title();
    let of_thread = suspect.holder.kind == HolderKind::ThreadLocal;
    let large = |own: &&SelfReference| {
        own.retained_bytes.saturating_mul(WORTH_TELLING) >= suspect.retained_bytes
    };
    let same =
        |own: &&SelfReference| own.holder == title || of_thread && own.holder == THREAD_LOCALS;
    let rows = references.self_referencing.iter();
    let note = |own: &SelfReference| {
        sentence!(
            "Values of {} refer to their own weak key ({}): such entries never go away by themselves.",
            measured(own.count, "entries"),
            &own.class
        )
    };
    rows.filter(same).filter(large).map(note).collect()
}

/// (holder, class of the key) -> entries.
#[derive(Default)]
struct Found(BTreeMap<(String, String), Vec<ObjectIndex>>);

impl Found {
    fn add(&mut self, snapshot: &Snapshot<'_>, holder: &str, key: ObjectIndex, entry: ObjectIndex) {
        let class = snapshot.class(key).name.clone();
        let entries = self.0.entry((holder.to_owned(), class)).or_default();
        entries.push(entry);
    }
}

/// Whether `key` is strongly reachable, and only through `map`: a weak key to which only the map's values lead.
fn kept_by(snapshot: &Snapshot<'_>, map: ObjectIndex, key: ObjectIndex) -> bool {
    snapshot.strength(key) == Strength::Strong
        && key != map
        && !snapshot.roots().kinds.contains_key(&key)
        && snapshot.dominates(map, key)
}

fn weak_maps(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    search: &mut Search,
    found: &mut Found,
) {
    let instances = owners.instances();
    let mut maps: Vec<ObjectIndex> = instances
        .with_path("java.util.WeakHashMap")
        .objects
        .into_iter()
        .filter(|&map| snapshot.strength(map) == Strength::Strong)
        .collect();
    maps.sort_unstable_by_key(|&map| (std::cmp::Reverse(snapshot.retained(map)), map));
    // Each entry is in one map, unless the dump is nonsense: then the search ends when all were paid for.
    let entries = instances.of_classes(snapshot, "java.util.WeakHashMap$Entry");
    let steps = Steps::for_objects(entries.objects.saturating_mul(2));
    let mut holders = 0;
    for map in maps {
        let mut hits = Vec::new();
        walk_weak_map(snapshot, map, &steps, |entry, key, value| {
            if search.points_back(snapshot, owners.statics(), map, key, value) {
                hits.push((key, entry));
            }
        });
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
    steps: &Steps,
    mut visit: impl FnMut(ObjectIndex, ObjectIndex, Option<ObjectIndex>),
) {
    // An empty map retains its table and queue: nothing that could be a key.
    if snapshot.field_integer(map, "size") == Some(0) {
        return;
    }
    let Some(table) = snapshot.field_object(map, "table") else {
        return;
    };
    let is_entry = |&at: &ObjectIndex| snapshot.class(at).name == "java.util.WeakHashMap$Entry";
    let next = |at| snapshot.field_object(at, "next").filter(is_entry);
    for slot in snapshot.slots_within(steps, table).filter(is_entry) {
        for entry in snapshot.chain_within(steps, Some(slot), next) {
            let [key, value] = snapshot.field_objects(entry, ["referent", "value"]);
            if let Some(key) = key {
                visit(entry, key, value);
            }
        }
    }
}

fn thread_local_maps(
    snapshot: &Snapshot<'_>,
    statics: &Statics,
    search: &mut Search,
    found: &mut Found,
) {
    for thread in snapshot.threads() {
        for map in thread_locals::maps(snapshot, thread.object, thread_locals::ALL) {
            // Netty's own keys are no weak ones.
            let entries = thread_locals::plain_entries(snapshot, map);
            for entry in entries.unwrap_or_default() {
                let Some(key) = entry.key else { continue };
                if search.points_back(snapshot, statics, map, key, entry.value) {
                    found.add(snapshot, THREAD_LOCALS, key, entry.entry);
                }
            }
        }
    }
}

/// What may be spent on looking from values for their keys, in objects read.
struct Search {
    left: u64,
}

impl Search {
    /// Whether the value of an entry holds its key: the key is reachable through `map` only, or something among what the value
    /// retains refers to it. What never goes away anyway (static fields, GC roots, classes of the JVM's own loaders) is no
    /// such key.
    fn points_back(
        &mut self,
        snapshot: &Snapshot<'_>,
        statics: &Statics,
        map: ObjectIndex,
        key: ObjectIndex,
        value: Option<ObjectIndex>,
    ) -> bool {
        if !statics.of(key).is_empty() || is_permanent(snapshot, key) {
            return false;
        }
        if kept_by(snapshot, map, key) {
            return true;
        }
        let Some(value) = value else { return false };
        if value == key {
            return true;
        }
        let address = snapshot.address(key);
        for &object in snapshot.dominated(value).iter().take(DEEPEST) {
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            // Arrays of references may be long; those of a value that is searched at all are not.
            if snapshot.shallow(object) > LARGEST {
                continue;
            }
            let weak = snapshot.class(object).referent.is_some();
            if !weak
                && snapshot
                    .outgoing(object)
                    .iter()
                    .any(|&(_, id)| id == address)
            {
                return true;
            }
        }
        false
    }
}

fn is_permanent(snapshot: &Snapshot<'_>, key: ObjectIndex) -> bool {
    if snapshot.roots().kinds.contains_key(&key) {
        return true;
    }
    snapshot.as_class(key).is_some_and(|class| {
        let loader = snapshot.classes().get(class).dump.loader_id;
        let built_in = snapshot.find(loader).is_some_and(|loader| {
            let name = &snapshot.class(loader).name;
            name.starts_with("jdk.internal.loader.") || name.starts_with("sun.misc.Launcher$")
        });
        loader == 0 || built_in
    })
}
