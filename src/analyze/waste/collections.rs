//! Empty collections, and collections with much more room than they need.

use super::Hit;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::hprof::cursor::Cursor;
use crate::hprof::{FieldType, FieldValue, SubRecord};

/// How a collection keeps its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    /// In an array, one after the other.
    Array,
    /// In a hash table whose length is a power of two, filled to three quarters.
    HashTable,
    /// In nodes: there is no room to spare.
    Nodes,
}

/// Class, field with the number of elements, field with the array or table, a field that must be null for the number to count.
type Known = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Storage,
);

/// Collections of the JDK. Subclasses are of the same shape.
const KNOWN: &[Known] = &[
    (
        "java.util.ArrayList",
        "size",
        "elementData",
        "",
        Storage::Array,
    ),
    (
        "java.util.Vector",
        "elementCount",
        "elementData",
        "",
        Storage::Array,
    ),
    (
        "java.util.PriorityQueue",
        "size",
        "queue",
        "",
        Storage::Array,
    ),
    ("java.util.HashMap", "size", "table", "", Storage::HashTable),
    (
        "java.util.WeakHashMap",
        "size",
        "table",
        "",
        Storage::HashTable,
    ),
    (
        "java.util.concurrent.ConcurrentHashMap",
        "baseCount",
        "table",
        "counterCells",
        Storage::HashTable,
    ),
    ("java.util.Hashtable", "count", "table", "", Storage::Nodes),
    (
        "java.util.IdentityHashMap",
        "size",
        "table",
        "",
        Storage::Nodes,
    ),
    ("java.util.LinkedList", "size", "first", "", Storage::Nodes),
    ("java.util.TreeMap", "size", "root", "", Storage::Nodes),
];

#[derive(Clone, Copy, Debug)]
struct Shape {
    storage: Storage,
    size: (usize, FieldType),
    array: usize,
    must_be_null: Option<usize>,
}

/// The shape of every class that is a collection.
#[derive(Debug)]
pub struct Shapes(Vec<Option<Shape>>);

impl Shapes {
    /// Finds the collections among the classes. A class that lacks the fields is none, whatever it is called.
    pub fn new(snapshot: &Snapshot<'_>) -> Shapes {
        let shape = |class| {
            let chain = snapshot.classes().chain(class);
            let known = chain
                .filter_map(|above| KNOWN.iter().find(|known| known.0 == above.name))
                .next()?;
            shape(snapshot, class, known)
        };
        Shapes(
            snapshot
                .classes()
                .iter()
                .map(|(class, _)| shape(class))
                .collect(),
        )
    }

    fn of(&self, class: ClassIndex) -> Option<Shape> {
        self.0.get(class.0 as usize).copied().flatten()
    }

    /// Whether `object` is a collection.
    pub fn knows(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
        self.of(snapshot.class_of(object)).is_some()
    }
}

fn shape(snapshot: &Snapshot<'_>, class: ClassIndex, known: &Known) -> Option<Shape> {
    let &(_, size, array, null, storage) = known;
    let (mut size_at, mut array_at, mut null_at) = (None, None, None);
    let mut at = 0usize;
    for declaring in snapshot.classes().chain(class) {
        for field in &declaring.dump.fields {
            if declaring.name == known.0 {
                let is = |name: &str| !name.is_empty() && snapshot.is_name(field.name_id, name);
                let reference = field.kind == FieldType::Object;
                if is(size) && matches!(field.kind, FieldType::Int | FieldType::Long) {
                    size_at = Some((at, field.kind));
                } else if is(array) && reference {
                    array_at = Some(at);
                } else if is(null) && reference {
                    null_at = Some(at);
                }
            }
            at += field.kind.width(snapshot.header().id_size.bytes());
        }
    }
    if !null.is_empty() && null_at.is_none() {
        return None;
    }
    Some(Shape {
        storage,
        size: size_at?,
        array: array_at?,
        must_be_null: null_at,
    })
}

/// Adds `object` to `hits` if it is an empty or oversized collection.
pub fn look(
    snapshot: &Snapshot<'_>,
    shapes: &Shapes,
    object: ObjectIndex,
    record: &SubRecord<'_>,
    hits: &mut Vec<Hit>,
) {
    let SubRecord::Instance { data, .. } = record else {
        return;
    };
    let class = snapshot.class_of(object);
    let Some(shape) = shapes.of(class) else {
        return;
    };
    let read = |at: usize, kind: FieldType| {
        let mut cursor = Cursor::new(data, at, data.len());
        FieldValue::read(&mut cursor, kind, snapshot.header().id_size)
    };
    let set = |at: usize| read(at, FieldType::Object).and_then(FieldValue::reference);
    if shape.must_be_null.and_then(set).is_some() {
        return;
    }
    let size = read(shape.size.0, shape.size.1).and_then(FieldValue::integer);
    let Some(size) = size.and_then(|size| u64::try_from(size).ok()) else {
        return;
    };
    // An array that others share as well (the JDK's own empty one) costs nothing.
    let array = set(shape.array)
        .and_then(|id| snapshot.find(id))
        .filter(|&array| snapshot.dominator(array) == Some(object));
    let array_bytes = array.map_or(0, |array| snapshot.shallow(array));
    if size == 0 {
        hits.push(Hit {
            kind: "empty_collections",
            class,
            object,
            bytes: snapshot.shallow(object).saturating_add(array_bytes),
        });
        return;
    }
    let needed = match shape.storage {
        Storage::Array => size,
        Storage::HashTable => match (size.saturating_mul(4) / 3 + 1).checked_next_power_of_two() {
            Some(length) => length,
            None => return,
        },
        Storage::Nodes => return,
    };
    let needed = snapshot.layout().object_array_bytes(needed.min(1 << 32));
    // Room for as many again is what growing by half or doubling leaves; more is not.
    if array_bytes > needed.saturating_mul(2) {
        hits.push(Hit {
            kind: "oversized_collections",
            class,
            object,
            bytes: array_bytes - needed,
        });
    }
}
