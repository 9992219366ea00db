//! Objects by class: the largest of them.

use std::cmp::Reverse;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Listed, largest, row};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Objects that one task looks at.
const OBJECTS_PER_TASK: usize = 1 << 18;

/// The objects of the classes named `class` (several loaders may define one), the `top` that retain most; 0 means all.
pub fn objects(snapshot: &Snapshot<'_>, class: &str, top: usize) -> Listed {
    let classes: FxHashSet<ClassIndex> = snapshot.classes().named(class).collect();
    let (total, mut found) = match classes.is_empty() {
        true => (0, Vec::new()),
        false => found(snapshot, &classes, top),
    };
    largest(snapshot, &mut found, top);
    Listed {
        total,
        rows: found
            .into_iter()
            .map(|object| row(snapshot, object, None))
            .collect(),
    }
}

/// How many there are, and those of each piece of the heap that may be among the largest.
fn found(
    snapshot: &Snapshot<'_>,
    classes: &FxHashSet<ClassIndex>,
    top: usize,
) -> (u64, Vec<ObjectIndex>) {
    let len = snapshot.len();
    let piece = |piece: usize| {
        let objects = piece * OBJECTS_PER_TASK..((piece + 1) * OBJECTS_PER_TASK).min(len);
        let mut found: Vec<ObjectIndex> = objects
            .map(|object| object as ObjectIndex)
            .filter(|&object| {
                classes.contains(&snapshot.class_of(object)) && snapshot.contains(object)
            })
            .collect();
        let total = found.len() as u64;
        largest(snapshot, &mut found, top);
        (total, found)
    };
    (0..len.div_ceil(OBJECTS_PER_TASK))
        .into_par_iter()
        .map(piece)
        .reduce(
            || (0, Vec::new()),
            |mut a, b| {
                a.0 += b.0;
                a.1.extend(b.1);
                largest(snapshot, &mut a.1, top);
                a
            },
        )
}

/// The objects of every class that retain most, found in one pass: for whoever asks about one class after the other.
#[derive(Debug)]
pub struct LargestByClass {
    classes: Vec<OfClass>,
    top: usize,
}

/// What is known of a class. Larger objects compare as larger; of those that retain as much, the one with the smaller number.
#[derive(Clone, Debug, Default)]
struct OfClass {
    total: u64,
    largest: Vec<(u64, Reverse<ObjectIndex>)>,
    /// What an object must exceed to be among them.
    least: Option<(u64, Reverse<ObjectIndex>)>,
}

impl OfClass {
    fn add(&mut self, retained: u64, object: ObjectIndex, top: usize) {
        self.total += 1;
        let here = (retained, Reverse(object));
        if self.least.is_some_and(|least| here < least) {
            return;
        }
        self.largest.push(here);
        if self.largest.len() >= 2 * top {
            self.cut(top);
        }
    }

    /// Leaves the `top` largest, in no order.
    fn cut(&mut self, top: usize) {
        if self.largest.len() > top {
            let (_, least, _) = self
                .largest
                .select_nth_unstable_by_key(top - 1, |&here| Reverse(here));
            self.least = Some(*least);
            self.largest.truncate(top);
        }
    }

    fn join(mut self, other: OfClass, top: usize) -> OfClass {
        self.total += other.total;
        self.largest.extend(other.largest);
        self.cut(top);
        self
    }
}

impl LargestByClass {
    /// The `top` of each class; at least one.
    pub fn new(snapshot: &Snapshot<'_>, top: usize) -> LargestByClass {
        let top = top.max(1);
        let len = Strength::ALL
            .iter()
            .map(|&strength| snapshot.positions_of(strength).end)
            .max()
            .unwrap_or(0);
        let parts = rayon::current_num_threads();
        let part = |part: usize| {
            let mut classes = vec![OfClass::default(); snapshot.classes().len()];
            for position in len * part / parts..len * (part + 1) / parts {
                let (object, class) = snapshot.at(position);
                classes[class.0 as usize].add(snapshot.retained_at(position), object, top);
            }
            classes
        };
        let join = |a: Vec<OfClass>, b: Vec<OfClass>| {
            let both = a.into_iter().zip(b);
            both.map(|(a, b)| a.join(b, top)).collect()
        };
        let classes = (0..parts).into_par_iter().map(part).reduce_with(join);
        LargestByClass {
            classes: classes.unwrap_or_default(),
            top,
        }
    }

    /// What [`objects`] answers for at most as many as are known.
    pub fn of(&self, snapshot: &Snapshot<'_>, class: &str, top: usize) -> Option<Listed> {
        if top == 0 || top > self.top {
            return None;
        }
        let classes = snapshot.classes().named(class);
        let classes = classes.filter_map(|class| self.classes.get(class.0 as usize));
        let (mut total, mut found) = (0, Vec::new());
        for class in classes {
            total += class.total;
            found.extend(class.largest.iter().map(|&(_, Reverse(object))| object));
        }
        largest(snapshot, &mut found, top);
        let rows = found.into_iter();
        Some(Listed {
            total,
            rows: rows.map(|object| row(snapshot, object, None)).collect(),
        })
    }
}
