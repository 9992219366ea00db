//! Empty queues and other collections whose number of elements is in no field of their own.

use super::Hit;
use crate::heap::collections::{Elements, Room, Shape, Size};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Of a class what its objects are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A collection whose lock, nodes and array belong to it alone.
    Whole,
    /// A set around a map that counts by itself.
    Set,
}

/// Knows which classes are such collections.
pub struct Queues(Vec<Option<Kind>>);

impl Queues {
    /// Looks at all classes of `snapshot`.
    pub fn new(snapshot: &Snapshot<'_>) -> Queues {
        let shapes = snapshot.shapes();
        let kind = |class: ClassIndex| shapes.of(class).and_then(kind_of);
        let classes = snapshot.classes().iter();
        Queues(classes.map(|(class, _)| kind(class)).collect())
    }

    /// Whether collections of `class` are looked at here.
    pub fn knows(&self, class: ClassIndex) -> bool {
        self.0[class.0 as usize].is_some()
    }

    /// Adds `object` to `hits` if it is one of them without elements.
    pub fn look(&self, snapshot: &Snapshot<'_>, object: ObjectIndex, hits: &mut Vec<Hit>) {
        let class = snapshot.class_of(object);
        let bytes = match self.0[class.0 as usize] {
            None => return,
            Some(Kind::Whole) => snapshot.retained(object),
            Some(Kind::Set) => snapshot.shallow(object),
        };
        if snapshot.has_no_elements(object) == Some(true) {
            hits.push(Hit {
                kind: "empty_collections",
                class,
                object,
                bytes,
            });
        }
    }
}

fn kind_of(shape: &'static Shape) -> Option<Kind> {
    let is_queue = matches!(shape.room, Room::Field(_) | Room::Length(_));
    match (shape.size, shape.elements) {
        (_, Elements::KeysOf(_)) => Some(Kind::Set),
        (
            Size::Read | Size::Ring(..) | Size::Length(_),
            Elements::Chain(..) | Elements::Array(_),
        ) => Some(Kind::Whole),
        (Size::Field(_), Elements::Chain(..) | Elements::Array(_)) if is_queue => Some(Kind::Whole),
        _ => None,
    }
}
