//! Objects of some classes, found by one look at the class of every object.

use foldhash::HashMap;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::address_index::ObjectIndex;
use super::class::{ClassIndex, ClassKind};
use super::collections::{is_copy, simple};
use super::snapshot::Snapshot;
use super::totals::Totals;
use crate::graph::Strength;

/// Objects that one task looks at, at most.
const PIECE: usize = 1 << 20;
/// Objects that are kept of each class that is wanted by its name; the rest is only counted.
const MOST_KEPT: usize = 1 << 22;
/// Different combinations of wanted names that one class can match; more do not occur.
const MOST_SETS: usize = u16::MAX as usize;
/// Objects of a class that are few: those are kept, whether somebody wants them or not.
const FEW: u64 = 64;

/// Some objects.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The objects, in order of their indexes; the first of very many.
    pub objects: Vec<ObjectIndex>,
    /// How many there are.
    pub count: u64,
}

impl Found {
    fn add(&mut self, more: &Found) {
        self.count += more.count;
        self.objects.extend(&more.objects);
    }

    fn joined<'f>(parts: impl IntoIterator<Item = &'f Found>) -> Found {
        let mut all = Found::default();
        parts.into_iter().for_each(|part| all.add(part));
        all.objects.sort_unstable();
        all
    }

    /// The same with the first of very many.
    fn first<'f>(parts: impl IntoIterator<Item = &'f Found>) -> Found {
        let mut all = Found::joined(parts);
        all.objects.truncate(MOST_KEPT);
        all
    }
}

/// The objects of the classes that somebody wants, and how many objects each class has: filled in one pass.
#[derive(Debug, Default)]
pub struct Instances {
    /// Class number -> its objects, subclasses left out.
    totals: Vec<Totals>,
    /// Wanted class -> its objects, subclasses left out.
    by_class: FxHashMap<ClassIndex, Kept>,
    /// Wanted name -> the classes that match it themselves, and their subclasses.
    by_name: FxHashMap<&'static str, [Vec<ClassIndex>; 2]>,
    /// The objects of the classes that have few; ascending.
    few: Vec<(ClassIndex, ObjectIndex)>,
}

/// Objects with a path from a root, and those without.
#[derive(Clone, Debug, Default)]
struct Kept {
    with_path: Found,
    without: Found,
}

impl Instances {
    /// Finds the objects of the classes `names` and of their subclasses, copies of a class in other packages (`shaded.` before its name)
    /// included, and those of the classes that are `wanted` by class number.
    pub fn of(
        snapshot: &Snapshot<'_>,
        names: impl IntoIterator<Item = &'static str>,
        wanted: &[bool],
    ) -> Instances {
        let mut names: Vec<&'static str> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let by_name = matching(snapshot, &names);
        let mut keep = vec![Keep::Few; snapshot.classes().len()];
        for class in by_name.values().flatten().flatten() {
            keep[class.0 as usize] = Keep::First;
        }
        for (keep, _) in keep.iter_mut().zip(wanted).filter(|(_, wanted)| **wanted) {
            *keep = Keep::All;
        }
        Instances {
            by_name,
            ..collect(snapshot, &keep)
        }
    }

    /// All objects of `class`, subclasses left out.
    pub fn of_class(&self, class: ClassIndex) -> Totals {
        let totals = self.totals.get(class.0 as usize);
        totals.copied().unwrap_or_default()
    }

    /// All objects of the classes called `name`, subclasses left out.
    pub fn of_classes(&self, snapshot: &Snapshot<'_>, name: &str) -> Totals {
        let classes = snapshot.classes().named(name);
        classes.fold(Totals::default(), |sum, class| {
            sum.join(self.of_class(class))
        })
    }

    /// The objects of `class`, where it has few; ascending.
    pub fn few_of(&self, class: ClassIndex) -> &[(ClassIndex, ObjectIndex)] {
        let from = self.few.partition_point(|(other, _)| *other < class);
        let of_class = self.few[from..].iter();
        let count = of_class.take_while(|(other, _)| *other == class).count();
        &self.few[from..from + count]
    }

    /// All objects of the wanted classes that are `meant`; ascending.
    pub fn of_wanted(&self, meant: impl Fn(ClassIndex) -> bool) -> Vec<ObjectIndex> {
        let classes = self.by_class.iter().filter(|(class, _)| meant(**class));
        let parts = classes.flat_map(|(_, kept)| [&kept.with_path, &kept.without]);
        Found::joined(parts).objects
    }

    /// Objects of the wanted class `name` and its subclasses that have a path from a root.
    pub fn with_path(&self, name: &str) -> Found {
        Found::first(self.kept(name).map(|kept| &kept.with_path))
    }

    /// The same with those that have no path.
    pub fn all(&self, name: &str) -> Found {
        let kept = self.kept(name);
        Found::first(kept.flat_map(|kept| [&kept.with_path, &kept.without]))
    }

    /// Objects of subclasses of the wanted class `name` only, with a path from a root.
    pub fn derived(&self, name: &str) -> Vec<ObjectIndex> {
        let [_, derived] = self.named(name);
        let kept = derived.iter().filter_map(|class| self.by_class.get(class));
        Found::first(kept.map(|kept| &kept.with_path)).objects
    }

    /// The classes called `name`, which is wanted, copies in other packages included.
    pub fn classes(&self, name: &str) -> &[ClassIndex] {
        self.named(name)[0]
    }

    /// The classes that match `name` themselves, and their subclasses.
    fn named(&self, name: &str) -> [&[ClassIndex]; 2] {
        let classes = self.by_name.get(name);
        classes.map_or([&[], &[]], |classes| classes.each_ref().map(Vec::as_slice))
    }

    /// What is kept of the classes that match `name`.
    fn kept(&self, name: &str) -> impl Iterator<Item = &Kept> {
        let classes = self.named(name).into_iter().flatten();
        classes.filter_map(|class| self.by_class.get(class))
    }
}

/// By name the classes that match it themselves, and their subclasses; ascending.
fn matching(
    snapshot: &Snapshot<'_>,
    names: &[&'static str],
) -> FxHashMap<&'static str, [Vec<ClassIndex>; 2]> {
    let mut by_simple: HashMap<&str, Vec<u16>> = HashMap::default();
    for (i, name) in names.iter().enumerate() {
        by_simple.entry(simple(name)).or_default().push(i as u16);
    }
    let classes = snapshot.classes();
    // Class number -> number of its set of names. A name stands in a set as its number times two, plus one where a super class matched it.
    let mut table = vec![0u16; classes.len()];
    let mut sets: Vec<Vec<u16>> = vec![Vec::new()];
    let mut known: HashMap<Vec<u16>, u16> = HashMap::default();
    known.insert(Vec::new(), 0);
    let mut matching: FxHashMap<&'static str, [Vec<ClassIndex>; 2]> = FxHashMap::default();
    for index in classes.super_classes_first() {
        let class = classes.get(ClassIndex(index));
        if class.kind != ClassKind::Instance {
            continue;
        }
        let above = class.super_class;
        let above = above.map(|above| &sets[table[above.0 as usize] as usize]);
        let inherited = above.into_iter().flatten().map(|slot| slot | 1);
        let mut set: Vec<u16> = inherited.collect();
        for &wanted in by_simple.get(simple(&class.name)).into_iter().flatten() {
            if is_copy(&class.name, names[wanted as usize]) {
                set.retain(|slot| slot >> 1 != wanted);
                set.push(wanted << 1);
            }
        }
        set.sort_unstable();
        set.dedup();
        for slot in &set {
            let of_name = matching.entry(names[usize::from(slot >> 1)]).or_default();
            of_name[usize::from(slot & 1)].push(ClassIndex(index));
        }
        if !known.contains_key(&set) && sets.len() < MOST_SETS {
            known.insert(set.clone(), sets.len() as u16);
            sets.push(set.clone());
        }
        table[index as usize] = known.get(&set).copied().unwrap_or(0);
    }
    for list in matching.values_mut().flatten() {
        list.sort_unstable();
    }
    matching
}

/// What is kept of the objects of a class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// All, where they are few.
    Few,
    /// The first of very many.
    First,
    /// All.
    All,
}

/// The pass.
fn collect(snapshot: &Snapshot<'_>, keep: &[Keep]) -> Instances {
    let len = snapshot.len();
    let pieces = (rayon::current_num_threads() * 4).max(len.div_ceil(PIECE));
    let pieces = pieces.min(len / 10_000 + 1);
    let parts: Vec<Instances> = (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let objects = len * piece / pieces..len * (piece + 1) / pieces;
            part(snapshot, keep, objects)
        })
        .collect();
    let mut found = Instances {
        totals: vec![Totals::default(); keep.len()],
        ..Instances::default()
    };
    for part in parts {
        for (sum, new) in found.totals.iter_mut().zip(part.totals) {
            *sum = sum.join(new);
        }
        for (class, part) in part.by_class {
            let all = found.by_class.entry(class).or_default();
            all.with_path.add(&part.with_path);
            all.without.add(&part.without);
            if keep[class.0 as usize] != Keep::All {
                all.with_path.objects.truncate(MOST_KEPT);
                all.without.objects.truncate(MOST_KEPT);
            }
        }
        found.few.extend(part.few);
    }
    found.drop_many();
    found.few.sort_unstable();
    found
}

/// The objects with indexes in a range.
fn part(snapshot: &Snapshot<'_>, keep: &[Keep], objects: std::ops::Range<usize>) -> Instances {
    let mut found = Instances {
        totals: vec![Totals::default(); keep.len()],
        ..Instances::default()
    };
    for object in objects {
        let object = object as ObjectIndex;
        let class = snapshot.class_of(object);
        let totals = &mut found.totals[class.0 as usize];
        totals.add(snapshot.shallow_of(object, class));
        if totals.objects <= FEW {
            found.few.push((class, object));
        }
        let most = match keep[class.0 as usize] {
            Keep::Few => continue,
            Keep::First => MOST_KEPT,
            Keep::All => usize::MAX,
        };
        let kept = found.by_class.entry(class).or_default();
        let kept = match snapshot.strength(object) {
            Strength::NoPath => &mut kept.without,
            _ => &mut kept.with_path,
        };
        kept.count += 1;
        if kept.objects.len() < most {
            kept.objects.push(object);
        }
    }
    found.drop_many();
    found
}

impl Instances {
    /// Drops from the few objects those of classes that have more.
    fn drop_many(&mut self) {
        let totals = &self.totals;
        self.few
            .retain(|(class, _)| totals[class.0 as usize].objects <= FEW);
    }
}
