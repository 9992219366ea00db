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

/// Objects that one task looks at.
const PIECE: usize = 1 << 16;
/// The same where a task counts the objects of every class.
const LARGE_PIECE: usize = 1 << 20;
/// Objects that are kept of each set of wanted classes; the rest is only counted.
const MOST_KEPT: usize = 1 << 22;
/// Different combinations of wanted classes that one class can match; more do not occur.
const MOST_SETS: usize = u16::MAX as usize;

impl Snapshot<'_> {
    /// The objects of the classes that are `wanted`, by class number; ascending. Whoever wants several classes asks once for all.
    pub fn objects_of(&self, wanted: &[bool]) -> Vec<ObjectIndex> {
        if !wanted.contains(&true) {
            return Vec::new();
        }
        let is_wanted = |class: ClassIndex| wanted.get(class.0 as usize).copied().unwrap_or(false);
        let pieces: Vec<Vec<ObjectIndex>> = (0..self.len().div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| {
                let objects = piece * PIECE..((piece + 1) * PIECE).min(self.len());
                let objects = objects.map(|object| object as ObjectIndex);
                objects
                    .filter(|&object| is_wanted(self.class_of(object)))
                    .collect()
            })
            .collect();
        pieces.concat()
    }

    /// The objects of the classes called one of `names`, subclasses left out; ascending.
    pub fn objects_of_named(&self, names: &[&str]) -> Vec<ObjectIndex> {
        let mut wanted = vec![false; self.classes().len()];
        for class in names.iter().flat_map(|name| self.classes().named(name)) {
            wanted[class.0 as usize] = true;
        }
        self.objects_of(&wanted)
    }
}

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

    fn joined(parts: &[&Found]) -> Found {
        let mut all = Found::default();
        parts.iter().for_each(|part| all.add(part));
        all.objects.sort_unstable();
        all
    }
}

/// The objects of the classes that somebody wants, and how many objects each class has: filled in one pass.
#[derive(Debug, Default)]
pub struct Instances {
    /// Class number -> its objects, subclasses left out.
    totals: Vec<Totals>,
    /// Wanted name -> objects of the class itself, of its subclasses.
    by_name: FxHashMap<&'static str, [Kept; 2]>,
    /// Wanted name -> classes that match it themselves.
    classes: FxHashMap<&'static str, Vec<ClassIndex>>,
}

/// Objects with a path from a root, and those without.
#[derive(Clone, Debug, Default)]
struct Kept {
    with_path: Found,
    without: Found,
}

impl Instances {
    /// Finds the objects of the classes `names` and of their subclasses. Copies of a class in other packages (`shaded.` before its
    /// name) count.
    pub fn of(snapshot: &Snapshot<'_>, names: impl IntoIterator<Item = &'static str>) -> Instances {
        let mut names: Vec<&'static str> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        let matches = Matches::of(snapshot, &names);
        let (totals, sets) = collect(snapshot, &matches);
        let mut by_name: FxHashMap<&'static str, [Kept; 2]> = FxHashMap::default();
        for (set, found) in matches.sets.iter().zip(sets) {
            for &slot in set {
                let name = names[usize::from(slot >> 1)];
                let all = &mut by_name.entry(name).or_default()[usize::from(slot & 1)];
                all.with_path.add(&found.with_path);
                all.without.add(&found.without);
            }
        }
        for kept in by_name.values_mut().flatten() {
            for found in [&mut kept.with_path, &mut kept.without] {
                found.objects.sort_unstable();
                found.objects.truncate(MOST_KEPT);
            }
        }
        Instances {
            totals,
            by_name,
            classes: matches.classes,
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

    /// Objects of the wanted class `name` and its subclasses that have a path from a root.
    pub fn with_path(&self, name: &str) -> Found {
        self.by_name
            .get(name)
            .map_or_else(Found::default, |[own, derived]| {
                Found::joined(&[&own.with_path, &derived.with_path])
            })
    }

    /// The same with those that have no path.
    pub fn all(&self, name: &str) -> Found {
        let kept = self.by_name.get(name).into_iter().flatten();
        let parts: Vec<&Found> = kept.flat_map(|k| [&k.with_path, &k.without]).collect();
        Found::joined(&parts)
    }

    /// Objects of subclasses of the wanted class `name` only, with a path from a root.
    pub fn derived(&self, name: &str) -> &[ObjectIndex] {
        self.by_name
            .get(name)
            .map_or(&[], |[_, derived]| &derived.with_path.objects)
    }

    /// The classes called `name`, which is wanted, copies in other packages included.
    pub fn classes(&self, name: &str) -> &[ClassIndex] {
        self.classes.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Which classes match which names.
struct Matches {
    /// Class number -> number of its set of names.
    table: Vec<u16>,
    /// The sets; the first is empty. A name stands there as its number times two, plus one where a super class matched it.
    sets: Vec<Vec<u16>>,
    /// The classes that match a name themselves.
    classes: FxHashMap<&'static str, Vec<ClassIndex>>,
}

impl Matches {
    fn of(snapshot: &Snapshot<'_>, names: &[&'static str]) -> Matches {
        let mut by_simple: HashMap<&str, Vec<u16>> = HashMap::default();
        for (i, name) in names.iter().enumerate() {
            by_simple.entry(simple(name)).or_default().push(i as u16);
        }
        let classes = snapshot.classes();
        let mut table = vec![0u16; classes.len()];
        let mut sets: Vec<Vec<u16>> = vec![Vec::new()];
        let mut known: HashMap<Vec<u16>, u16> = HashMap::default();
        known.insert(Vec::new(), 0);
        let mut direct: FxHashMap<&'static str, Vec<ClassIndex>> = FxHashMap::default();
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
                let name = names[wanted as usize];
                if is_copy(&class.name, name) {
                    direct.entry(name).or_default().push(ClassIndex(index));
                    set.retain(|slot| slot >> 1 != wanted);
                    set.push(wanted << 1);
                }
            }
            set.sort_unstable();
            set.dedup();
            if !known.contains_key(&set) && sets.len() < MOST_SETS {
                known.insert(set.clone(), sets.len() as u16);
                sets.push(set.clone());
            }
            table[index as usize] = known.get(&set).copied().unwrap_or(0);
        }
        for list in direct.values_mut() {
            list.sort_unstable();
        }
        Matches {
            table,
            sets,
            classes: direct,
        }
    }
}

/// What one task has found: totals by class, objects by set.
type Part = (Vec<Totals>, Vec<(u16, Kept)>);

/// The pass: totals by class, objects by set.
fn collect(snapshot: &Snapshot<'_>, matches: &Matches) -> (Vec<Totals>, Vec<Kept>) {
    let len = snapshot.len();
    let pieces = (rayon::current_num_threads() * 4).max(len.div_ceil(LARGE_PIECE));
    let pieces = pieces.min(len / 10_000 + 1);
    let parts: Vec<Part> = (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let objects = len * piece / pieces..len * (piece + 1) / pieces;
            part(snapshot, matches, objects)
        })
        .collect();
    let mut totals = vec![Totals::default(); matches.table.len()];
    let mut sets = vec![Kept::default(); matches.sets.len()];
    for (of_classes, of_sets) in parts {
        for (sum, new) in totals.iter_mut().zip(of_classes) {
            *sum = sum.join(new);
        }
        for (set, part) in of_sets {
            let all = &mut sets[usize::from(set)];
            for (all, part) in [
                (&mut all.with_path, part.with_path),
                (&mut all.without, part.without),
            ] {
                all.add(&part);
                all.objects.truncate(MOST_KEPT);
            }
        }
    }
    (totals, sets)
}

fn part(snapshot: &Snapshot<'_>, matches: &Matches, objects: std::ops::Range<usize>) -> Part {
    let mut totals = vec![Totals::default(); matches.table.len()];
    let mut found: FxHashMap<u16, Kept> = FxHashMap::default();
    for object in objects {
        let object = object as ObjectIndex;
        let class = snapshot.class_of(object);
        totals[class.0 as usize].add(snapshot.shallow_of(object, class));
        let set = matches.table[class.0 as usize];
        if set == 0 {
            continue;
        }
        let kept = found.entry(set).or_default();
        let kept = match snapshot.strength(object) {
            Strength::NoPath => &mut kept.without,
            _ => &mut kept.with_path,
        };
        kept.count += 1;
        if kept.objects.len() < MOST_KEPT {
            kept.objects.push(object);
        }
    }
    let mut found: Vec<(u16, Kept)> = found.into_iter().collect();
    found.sort_unstable_by_key(|&(set, _)| set);
    (totals, found)
}
