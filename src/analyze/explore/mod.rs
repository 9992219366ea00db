//! Drill-down without a GUI: one object, its paths, what it dominates, who refers to it; classes and threads.
//!
//! One file for each question. What they answer is data ([`serde::Serialize`]); the command line lays it out.

pub mod dominators;
pub mod histogram;
pub mod object;
pub mod objects;
pub mod paths;
pub mod threads;

use serde::Serialize;

use super::shown::{address, short, thread_name};
use super::suspects::reference;
use super::tables::label;
use crate::heap::{ObjectIndex, Snapshot};

/// Beyond so many bytes of an array, the place of an element in it is not looked for.
const LONGEST_ARRAY: u64 = 1 << 20;

/// One object in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectRow {
    /// Address.
    pub object_id: String,
    /// Class; `class com.acme.Foo` for a class object.
    pub class: String,
    /// Name of a thread, with what identifies a request or a user replaced.
    pub thread: Option<String>,
    /// The reference that makes the connection, where there is one.
    pub reference: Option<String>,
    /// Bytes of the object itself.
    pub shallow_bytes: u64,
    /// Bytes it retains.
    pub retained_bytes: u64,
    /// Objects it retains, itself included.
    pub retained_objects: u64,
}

impl ObjectRow {
    /// The class, and the name of a thread.
    pub fn title(&self) -> String {
        title(&self.class, self.thread.as_deref())
    }
}

/// A class, and the name of a thread of it.
pub fn title(class: &str, thread: Option<&str>) -> String {
    match thread {
        Some(name) => format!("{class} \"{name}\""),
        None => class.to_owned(),
    }
}

/// The first of many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// How many there are.
    pub total: u64,
    /// The first of them, by retained size.
    pub rows: Vec<ObjectRow>,
}

/// Describes `object`.
pub fn row(snapshot: &Snapshot<'_>, object: ObjectIndex, reference: Option<String>) -> ObjectRow {
    ObjectRow {
        object_id: address(snapshot, object),
        class: short(label(snapshot, object)),
        thread: thread_name(snapshot, object),
        reference: reference.map(short),
        shallow_bytes: snapshot.shallow(object),
        retained_bytes: snapshot.retained(object),
        retained_objects: snapshot.retained_objects(object),
    }
}

/// How `from` refers to `to`, unless finding it would mean reading a very long array.
fn cheap_reference(snapshot: &Snapshot<'_>, from: ObjectIndex, to: ObjectIndex) -> Option<String> {
    let short = snapshot.shallow(from) <= LONGEST_ARRAY;
    short.then(|| reference(snapshot, from, to)).flatten()
}

/// The largest `top` of `objects` by retained size, largest first; 0 means all.
fn largest(snapshot: &Snapshot<'_>, objects: &mut Vec<ObjectIndex>, top: usize) {
    let key = |&object: &ObjectIndex| (std::cmp::Reverse(snapshot.retained(object)), object);
    if top > 0 && top < objects.len() {
        objects.select_nth_unstable_by_key(top, key);
        objects.truncate(top);
    }
    objects.sort_unstable_by_key(key);
}
