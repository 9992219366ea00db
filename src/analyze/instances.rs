//! One pass over all objects for what several sections need: numbers by class and strength, and the objects of a few classes.

use foldhash::HashMap;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot, Totals};
use crate::report::model::ClassCount;

/// Objects of these classes and their subclasses are listed one by one.
const LISTED: &[&str] = &[
    "java.lang.Thread",
    "java.lang.ClassLoader",
    "java.util.WeakHashMap",
    "jdk.internal.ref.Cleaner",
    "sun.misc.Cleaner",
    "jdk.internal.ref.PhantomCleanable",
];
/// Rows of a table of the largest classes.
const LARGEST: usize = 10;

/// What the pass found.
#[derive(Debug)]
pub struct Instances {
    /// Class number -> all its objects.
    all: Vec<Totals>,
    /// Of what is not strongly reachable, by strength: class number -> objects.
    weaker: [FxHashMap<u32, Totals>; 6],
    /// Objects of the listed classes, ascending, with the index of the listed class.
    listed: Vec<(u8, ObjectIndex)>,
}

/// What one thread has seen.
struct Part {
    all: Vec<Totals>,
    listed: Vec<(u8, ObjectIndex)>,
}

impl Instances {
    /// Reads the class of every object, in parallel, and the strength of what is not strongly reachable.
    pub fn new(snapshot: &Snapshot<'_>) -> Instances {
        let classes = snapshot.classes();
        let which: Vec<u8> = classes
            .iter()
            .map(|(class, _)| {
                let known = LISTED.iter().position(|name| classes.is_a(class, name));
                known.map_or(u8::MAX, |at| at as u8)
            })
            .collect();
        let len = snapshot.len();
        let pieces = (rayon::current_num_threads() * 4).min(len / 10_000 + 1);
        let parts: Vec<Part> = (0..pieces)
            .into_par_iter()
            .map(|piece| {
                let objects = len * piece / pieces..len * (piece + 1) / pieces;
                part(snapshot, &which, objects.start as u32..objects.end as u32)
            })
            .collect();
        let mut out = Instances {
            all: vec![Totals::default(); classes.len()],
            weaker: weaker(snapshot),
            listed: Vec::new(),
        };
        for part in parts {
            for (sum, new) in out.all.iter_mut().zip(part.all) {
                *sum = sum.join(new);
            }
            out.listed.extend(part.listed);
        }
        out
    }

    /// All objects of `class`, subclasses not included.
    pub fn of(&self, class: ClassIndex) -> Totals {
        self.all.get(class.0 as usize).copied().unwrap_or_default()
    }

    /// All objects of the classes named `name`, subclasses not included.
    pub fn named(&self, snapshot: &Snapshot<'_>, name: &str) -> Totals {
        let classes = snapshot.classes().named(name);
        classes.fold(Totals::default(), |sum, class| sum.join(self.of(class)))
    }

    /// The objects of class `name` and its subclasses, ascending. `name` is one of the listed classes.
    pub fn list<'i>(&'i self, name: &str) -> impl Iterator<Item = ObjectIndex> + 'i {
        let which = LISTED.iter().position(|listed| *listed == name);
        self.listed
            .iter()
            .filter(move |(listed, _)| Some(usize::from(*listed)) == which)
            .map(|&(_, object)| object)
    }

    /// Objects by class number that are reachable with `strength`; empty for [`Strength::Strong`].
    pub fn weaker(&self, strength: Strength) -> &FxHashMap<u32, Totals> {
        &self.weaker[strength as usize]
    }
}

fn part(snapshot: &Snapshot<'_>, which: &[u8], objects: std::ops::Range<u32>) -> Part {
    let mut part = Part {
        all: vec![Totals::default(); which.len()],
        listed: Vec::new(),
    };
    for object in objects {
        let class = snapshot.class_of(object);
        part.all[class.0 as usize].add(snapshot.shallow_of(object, class));
        let listed = which[class.0 as usize];
        if listed != u8::MAX {
            part.listed.push((listed, object));
        }
    }
    part
}

/// The objects of each class by strength, but for the strongly reachable ones: nearly all are, and nobody asks for those.
fn weaker(snapshot: &Snapshot<'_>) -> [FxHashMap<u32, Totals>; 6] {
    let mut sums: [FxHashMap<u32, Totals>; 6] = Default::default();
    for strength in Strength::ALL {
        if strength == Strength::Strong {
            continue;
        }
        let positions = snapshot.positions_of(strength).into_par_iter();
        sums[strength as usize] = positions
            .with_min_len(1 << 14)
            .fold(
                FxHashMap::default,
                |mut sums: FxHashMap<u32, Totals>, at| {
                    let (object, class) = snapshot.at(at);
                    let totals = sums.entry(class.0).or_default();
                    totals.add(snapshot.shallow_of(object, class));
                    sums
                },
            )
            .reduce(FxHashMap::default, |mut a, b| {
                for (class, totals) in b {
                    let sum = a.entry(class).or_default();
                    *sum = sum.join(totals);
                }
                a
            });
    }
    sums
}

/// The largest classes by bytes; classes of one name are one row.
pub fn largest_classes(
    snapshot: &Snapshot<'_>,
    classes: impl IntoIterator<Item = (u32, Totals)>,
) -> Vec<ClassCount> {
    let mut by_name: HashMap<&str, Totals> = HashMap::default();
    for (class, totals) in classes {
        let name = snapshot.classes().get(ClassIndex(class)).name.as_str();
        let sum = by_name.entry(name).or_default();
        *sum = sum.join(totals);
    }
    let mut rows: Vec<ClassCount> = by_name
        .into_iter()
        .filter(|(_, totals)| totals.objects > 0)
        .map(|(class, totals)| ClassCount {
            class: class.to_owned(),
            objects: totals.objects,
            bytes: totals.bytes,
        })
        .collect();
    rows.sort_unstable_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.class.cmp(&b.class)));
    rows.truncate(LARGEST);
    rows
}
