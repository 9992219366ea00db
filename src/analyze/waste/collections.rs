//! Empty collections, and collections with much more room than they need.

use super::Hit;
use crate::heap::collections::{Elements, Room, Shape, Size};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::hprof::cursor::Cursor;
use crate::hprof::{FieldType, FieldValue, SubRecord};

/// Where in the data of an object its size and its array are.
#[derive(Clone, Copy, Debug)]
struct Layout {
    room: Room,
    size: (usize, FieldType),
    array: usize,
    must_be_null: Option<usize>,
}

/// The layout of every class that is a collection with a number of elements and an array or a first node.
#[derive(Debug)]
pub struct Layouts(Vec<Option<Layout>>);

impl Layouts {
    /// Finds the collections among the classes. Super classes come first, so that each class is looked at once.
    pub fn new(snapshot: &Snapshot<'_>) -> Layouts {
        let classes = snapshot.classes();
        let shapes = snapshot.shapes();
        let mut layouts: Vec<Option<Layout>> = vec![None; classes.len()];
        for index in classes.super_classes_first() {
            let index = ClassIndex(index);
            let Some(shape) = shapes.of(index) else {
                continue;
            };
            let of_own = own_layout(snapshot, index, shape);
            let above = classes.get(index).super_class;
            let inherits = |above: &ClassIndex| {
                let same = |other: &Shape| std::ptr::eq(other, shape);
                shapes.of(*above).is_some_and(same)
            };
            let inherited = || {
                let layout = layouts[above.filter(inherits)?.0 as usize]?;
                Some(layout.behind(own_bytes(snapshot, index)))
            };
            layouts[index.0 as usize] = of_own.or_else(inherited);
        }
        Layouts(layouts)
    }

    fn of(&self, class: ClassIndex) -> Option<Layout> {
        self.0.get(class.0 as usize).copied().flatten()
    }

    /// Whether `object` is a collection.
    pub fn knows(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
        self.of(snapshot.class_of(object)).is_some()
    }
}

impl Layout {
    /// The same behind `bytes` of fields of a subclass.
    fn behind(self, bytes: usize) -> Layout {
        Layout {
            size: (self.size.0 + bytes, self.size.1),
            array: self.array + bytes,
            must_be_null: self.must_be_null.map(|at| at + bytes),
            ..self
        }
    }
}

/// Bytes of the fields that `class` itself declares.
fn own_bytes(snapshot: &Snapshot<'_>, class: ClassIndex) -> usize {
    let fields = snapshot.classes().get(class).dump.fields.iter();
    fields
        .map(|field| field.kind.width(snapshot.header().id_size.bytes()))
        .sum()
}

/// The layout of a class that declares the fields of `shape` itself.
fn own_layout(snapshot: &Snapshot<'_>, class: ClassIndex, shape: &Shape) -> Option<Layout> {
    let (size, null) = match shape.size {
        Size::Field(size) => (size, None),
        Size::Striped(size, cells) => (size, Some(cells)),
        _ => return None,
    };
    let array = match shape.elements {
        Elements::Array(path)
        | Elements::Table(path, _)
        | Elements::Turns(path, _)
        | Elements::Chain(path, _)
        | Elements::Tree(path, ..) => path,
        _ => return None,
    };
    let mut at = 0usize;
    let (mut size_at, mut array_at, mut null_at) = (None, None, None);
    for field in &snapshot.classes().get(class).dump.fields {
        let is = |name: &str| snapshot.is_name(field.name_id, name);
        let reference = field.kind == FieldType::Object;
        if is(size) && matches!(field.kind, FieldType::Int | FieldType::Long) {
            size_at = Some((at, field.kind));
        } else if is(array) && reference {
            array_at = Some(at);
        } else if null.is_some_and(is) && reference {
            null_at = Some(at);
        }
        at += field.kind.width(snapshot.header().id_size.bytes());
    }
    let complete = null.is_none() || null_at.is_some();
    Some(Layout {
        room: shape.room,
        size: size_at?,
        array: array_at?,
        must_be_null: null_at,
    })
    .filter(|_| complete)
}

/// Adds `object` to `hits` if it is an empty or oversized collection.
pub fn look(
    snapshot: &Snapshot<'_>,
    layouts: &Layouts,
    object: ObjectIndex,
    record: &SubRecord<'_>,
    hits: &mut Vec<Hit>,
) {
    let SubRecord::Instance { data, .. } = record else {
        return;
    };
    let class = snapshot.class_of(object);
    let Some(layout) = layouts.of(class) else {
        return;
    };
    let read = |at: usize, kind: FieldType| {
        let mut cursor = Cursor::new(data, at, data.len());
        FieldValue::read(&mut cursor, kind, snapshot.header().id_size)
    };
    let set = |at: usize| read(at, FieldType::Object).and_then(FieldValue::reference);
    if layout.must_be_null.and_then(set).is_some() {
        return;
    }
    let size = read(layout.size.0, layout.size.1).and_then(FieldValue::integer);
    let Some(size) = size.and_then(|size| u64::try_from(size).ok()) else {
        return;
    };
    // An array that others share as well (the JDK's own empty one) costs nothing.
    let array = set(layout.array)
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
    let needed = match layout.room {
        Room::Grows => size,
        Room::Hashed => match (size.saturating_mul(4) / 3 + 1).checked_next_power_of_two() {
            Some(length) => length,
            None => return,
        },
        _ => return,
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
