//! Classes with their objects and sizes.

use serde::Serialize;

use super::super::tables;
use super::short;
use crate::heap::Snapshot;
use crate::report::model::ClassRow;

/// By what the classes are ordered, largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Retained size.
    Retained,
    /// Shallow size.
    Shallow,
    /// Number of objects.
    Objects,
}

/// The classes that were asked for. Objects and shallow sizes are those of all objects in the dump, as the JVM's own class
/// histogram counts them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// Classes that were asked for and have objects.
    pub classes: u64,
    /// Their objects.
    pub objects: u64,
    /// Bytes of their objects, shallow.
    pub shallow_bytes: u64,
    /// The first of them.
    pub rows: Vec<ClassRow>,
}

/// Classes whose name is `wanted`, the first `top` of them; 0 means all.
pub fn histogram(
    snapshot: &Snapshot<'_>,
    wanted: impl Fn(&str) -> bool,
    order: Order,
    top: usize,
) -> Histogram {
    let retained = snapshot.retained_by_class();
    let mut rows = tables::classes(snapshot, &retained, usize::MAX);
    rows.retain(|row| wanted(&row.class));
    let key = |row: &ClassRow| match order {
        Order::Retained => row.retained_bytes,
        Order::Shallow => row.shallow_bytes,
        Order::Objects => row.objects,
    };
    // Stable: what is equal stays ordered by retained size and name.
    rows.sort_by_key(|row| std::cmp::Reverse(key(row)));
    let mut out = Histogram {
        classes: rows.len() as u64,
        objects: rows.iter().map(|row| row.objects).sum(),
        shallow_bytes: rows.iter().map(|row| row.shallow_bytes).sum(),
        rows: Vec::new(),
    };
    if top > 0 {
        rows.truncate(top);
    }
    for row in &mut rows {
        row.class = short(std::mem::take(&mut row.class));
        row.loader = row.loader.take().map(short);
    }
    out.rows = rows;
    out
}
