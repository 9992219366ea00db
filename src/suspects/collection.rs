//! The collection around what is held: its entries, its room, what its keys and values are, and whether a few are large.

use super::naming;
use super::own_collection::{self, Storage};
use super::patterns::Context;
use super::suspect::Suspect;
use crate::heap::{ClassKind, ObjectIndex, Snapshot};

/// Keys and values that are looked at for their class.
const SAMPLE: usize = 1_000;
/// Elements whose sizes are compared; larger collections are not.
const MOST_SIZES: usize = 1 << 15;

/// Entries up to which a collection may be no more than the way to another one.
const FEWEST: u64 = 2;

/// A collection whose layout was recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// Its class.
    pub class: String,
    /// Entries.
    pub entries: u64,
    /// Slots of the table or array behind it, or the most that it takes.
    pub capacity: Option<u64>,
    /// The class of most keys.
    pub key_class: Option<String>,
    /// The class of most values or elements.
    pub value_class: Option<String>,
    /// Smallest, median and largest retained size of the values in bytes, where a few make up most of them.
    pub sizes: Option<[u64; 3]>,
    /// The class and the bytes of its table or array, where that takes most of the memory and is nearly empty.
    pub table: Option<(String, u64)>,
}

/// The outermost collection below the holder of `suspect` that keeps most of it.
pub fn around(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Option<Collection> {
    if suspect.holders != 1 {
        return None;
    }
    let context = Context::without_instances(snapshot, 1);
    let target = suspect.holder.target;
    let from = suspect.path.iter().position(|&object| object == target);
    let below = from.map_or(&suspect.path[..], |from| &suspect.path[from + 1..]);
    let most =
        |object: ObjectIndex| snapshot.retained(object) >= suspect.retained_bytes.div_ceil(2);
    let mut found = std::iter::once(target)
        .chain(below.iter().copied())
        .filter(|&object| most(object))
        .filter_map(|object| Some((object, entries(&context, object)?)));
    let outermost = found.next();
    // One that only has the component in it which has the collection: a list of one cache.
    let few = outermost.is_some_and(|(_, entries)| entries <= FEWEST);
    let enough = |entries: u64| entries > FEWEST && entries >= suspect.content.objects / 2;
    let found = match few {
        true => found.find(|&(_, entries)| enough(entries)).or(outermost),
        false => outermost,
    };
    // A ring or tree of nodes that are held themselves: the links of one node are nothing around them.
    let is_held = |object: ObjectIndex| {
        let class = &snapshot.class(object).name;
        naming::is_owner(class) && *class == suspect.content.class
    };
    let (object, entries) = found.filter(|&(found, _)| !is_held(found))?;
    let table = context.spare_table(object, entries, suspect.retained_bytes);
    let table = table.map(|table| (snapshot.class(table).name.clone(), snapshot.shallow(table)));
    (entries > 0 || table.is_some()).then(|| Collection {
        table,
        ..describe(&context, object, entries)
    })
}

/// Collections in each other that are looked through for the one that has the entries.
const MOST_NESTED: usize = 8;

/// Entries of `object` if it is a collection or an array of references.
fn entries(context: &Context<'_, '_>, object: ObjectIndex) -> Option<u64> {
    let mut at = object;
    for _ in 0..MOST_NESTED {
        match entries_or_storage(context, at)? {
            Ok(entries) => return Some(entries),
            Err(storage) => at = storage,
        }
    }
    None
}

/// The same, or the object inside that has the entries.
fn entries_or_storage(
    context: &Context<'_, '_>,
    object: ObjectIndex,
) -> Option<Result<u64, ObjectIndex>> {
    if context.heap.class(object).kind == ClassKind::ObjectArray {
        let elements = context.heap.elements(object).into_iter();
        return Some(Ok(elements.flatten().count() as u64));
    }
    let above = [
        "java.util.AbstractMap",
        "java.util.AbstractCollection",
        "java.util.Dictionary",
    ];
    let transparent = naming::is_transparent(&context.heap.class(object).name);
    if transparent || above.iter().any(|class| context.is_a(object, class)) {
        return context.heap.entries(object).map(Ok);
    }
    let storage = own_collection::storage(context.heap, object)?;
    Some(match storage.nodes {
        Some(nodes) => Ok(own_collection::nodes_of(context.heap, object, nodes).count() as u64),
        None => Err(storage.object),
    })
}

fn describe(context: &Context<'_, '_>, object: ObjectIndex, entries: u64) -> Collection {
    let mut pairs = context.heap.pairs(object, SAMPLE);
    if let Some(storage) = own_collection::storage(context.heap, object) {
        pairs = of_own(context, object, storage);
    }
    let keys: Vec<ObjectIndex> = pairs.iter().filter_map(|pair| pair.0).collect();
    let values: Vec<ObjectIndex> = pairs.iter().filter_map(|pair| pair.1).collect();
    let class = |objects: Vec<ObjectIndex>| Some(naming::stable(&context.most_common(objects)?.0));
    Collection {
        class: naming::stable(&context.heap.class(object).name),
        entries,
        capacity: room(context, object),
        key_class: class(keys),
        value_class: class(values),
        sizes: sizes(context, object, entries),
        table: None,
    }
}

/// Keys and values, or elements, of the first nodes or slots of a collection that the application wrote itself.
fn of_own(context: &Context<'_, '_>, object: ObjectIndex, storage: Storage) -> Vec<Pair> {
    let Some(nodes) = storage.nodes else {
        let items = context.heap.values(storage.object, SAMPLE).into_iter();
        return items.map(|item| (None, Some(item))).collect();
    };
    let nodes = own_collection::nodes_of(context.heap, object, nodes).take(SAMPLE);
    let pair = |node| {
        let key = context.heap.follow(node, "key|k|first|referent");
        (
            key,
            context.heap.follow(
                node,
                "value|val|v|item|element|elem|data|datum|payload|second|e",
            ),
        )
    };
    nodes.map(pair).collect()
}

/// What a queue takes, or the slots of the table or array behind a collection.
fn room(context: &Context<'_, '_>, object: ObjectIndex) -> Option<u64> {
    let heap = context.heap;
    if heap.class(object).kind == ClassKind::ObjectArray {
        return heap.array_length(object);
    }
    if let Some(storage) = own_collection::storage(heap, object) {
        return heap
            .array_length(storage.object)
            .filter(|_| storage.segments.is_none());
    }
    let slots = || heap.array_length(context.heap.table(object)?);
    context.heap.room(object).or_else(slots)
}

type Pair = (Option<ObjectIndex>, Option<ObjectIndex>);

/// Sizes of the values where one in a hundred, or the largest of few, make up half of them.
fn sizes(context: &Context<'_, '_>, object: ObjectIndex, entries: u64) -> Option<[u64; 3]> {
    if entries < 4 || entries > MOST_SIZES as u64 {
        return None;
    }
    let mut objects = context.heap.values(object, MOST_SIZES);
    objects.sort_unstable();
    objects.dedup();
    let mut sizes: Vec<u64> = objects
        .into_iter()
        .map(|object| context.heap.retained(object))
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let few = sizes.len().div_ceil(100);
    let sum = |sizes: &[u64]| {
        sizes
            .iter()
            .fold(0u64, |sum, &size| sum.saturating_add(size))
    };
    let dominated = sizes.len() > 3 && sum(&sizes[..few]).saturating_mul(2) >= sum(&sizes);
    dominated.then(|| [sizes[sizes.len() - 1], sizes[sizes.len() / 2], sizes[0]])
}
