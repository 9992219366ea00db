//! What patterns look at: the heap, and the instances of the classes they want, found in one pass.

use foldhash::HashMap;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::graph::Strength;
use crate::heap::collections::{is_copy, simple};
use crate::heap::{ClassIndex, ClassKind, ObjectIndex, Snapshot};

/// Instances that are kept of each wanted class; the rest is only counted.
const MOST_INSTANCES: usize = 1 << 22;
/// Instances of which fields are read: those that retain most.
const MOST_READ: usize = 2_000;
/// Objects that one task looks at.
const CHUNK: usize = 1 << 20;
/// Different combinations of wanted classes that one class can match; more do not occur.
const MOST_SETS: usize = u16::MAX as usize;

/// Instances of a wanted class and its subclasses that have a path from a root.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    /// The objects, in order of their indexes; the first of very many.
    pub objects: Vec<ObjectIndex>,
    /// How many there are.
    pub count: u64,
}

/// The heap as patterns see it.
pub struct Context<'s, 'a> {
    /// The heap.
    pub heap: &'s Snapshot<'a>,
    /// Bytes below which nothing is worth accusing.
    pub floor: u64,
    /// By wanted name: of the class itself, of its subclasses.
    instances: FxHashMap<&'static str, [Instances; 2]>,
    /// Classes by the wanted name that they, not their super classes, match.
    classes: FxHashMap<&'static str, Vec<ClassIndex>>,
}

impl<'s, 'a> Context<'s, 'a> {
    /// Finds the instances of the classes `names`. One parallel pass over the class column.
    pub fn new(
        heap: &'s Snapshot<'a>,
        mut names: Vec<&'static str>,
        floor: u64,
    ) -> Context<'s, 'a> {
        names.sort_unstable();
        names.dedup();
        let (table, sets, classes) = match_classes(heap, &names);
        let mut instances: FxHashMap<&'static str, [Instances; 2]> = FxHashMap::default();
        if sets.len() > 1 {
            for (set, found) in collect(heap, &table, sets.len()).into_iter().enumerate() {
                for &slot in &sets[set] {
                    let name = names[usize::from(slot >> 1)];
                    let all = &mut instances.entry(name).or_default()[usize::from(slot & 1)];
                    all.count += found.count;
                    all.objects.extend(&found.objects);
                }
            }
        }
        for found in instances.values_mut().flatten() {
            found.objects.sort_unstable();
            found.objects.truncate(MOST_INSTANCES);
        }
        Context {
            heap,
            floor,
            instances,
            classes,
        }
    }

    /// For what is read of objects that are known already.
    pub fn without_instances(heap: &'s Snapshot<'a>, floor: u64) -> Context<'s, 'a> {
        let (instances, classes) = Default::default();
        Context {
            heap,
            floor,
            instances,
            classes,
        }
    }

    /// Instances of the wanted class `name` and its subclasses; it has to be among the wanted classes of a pattern.
    pub fn instances(&self, name: &str) -> Instances {
        let Some([own, derived]) = self.instances.get(name) else {
            return Instances::default();
        };
        let mut objects = [own.objects.as_slice(), &derived.objects].concat();
        objects.sort_unstable();
        Instances {
            objects,
            count: own.count + derived.count,
        }
    }

    /// Instances of subclasses of the wanted class `name` only.
    pub fn derived(&self, name: &str) -> &[ObjectIndex] {
        self.instances
            .get(name)
            .map_or(&[], |[_, derived]| &derived.objects)
    }

    /// The classes called `name`, copies in other packages included.
    pub fn classes(&self, name: &str) -> &[ClassIndex] {
        self.classes.get(name).map_or(&[], Vec::as_slice)
    }

    /// Instances of the wanted class `name` worth reading: all, or the largest of very many.
    pub fn readable(&self, name: &str) -> Vec<ObjectIndex> {
        let mut objects = self.instances(name).objects;
        if objects.len() > MOST_READ {
            objects.sort_by_key(|&object| (std::cmp::Reverse(self.heap.retained(object)), object));
            objects.truncate(MOST_READ);
            objects.sort_unstable();
        }
        objects
    }
}

type Matches = (
    Vec<u16>,
    Vec<Vec<u16>>,
    FxHashMap<&'static str, Vec<ClassIndex>>,
);

/// For every class the number of its set of wanted names, the sets (the first is empty), and the classes by name. A name in
/// a set stands as its number times two, plus one where a super class matched it.
fn match_classes(heap: &Snapshot<'_>, names: &[&'static str]) -> Matches {
    let mut by_simple: HashMap<&str, Vec<u16>> = HashMap::default();
    for (i, name) in names.iter().enumerate() {
        by_simple.entry(simple(name)).or_default().push(i as u16);
    }
    let classes = heap.classes();
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
        let mut set: Vec<u16> = class
            .super_class
            .map(|above| &sets[table[above.0 as usize] as usize])
            .into_iter()
            .flatten()
            .map(|slot| slot | 1)
            .collect();
        for &wanted in by_simple.get(simple(&class.name)).into_iter().flatten() {
            if is_copy(&class.name, names[wanted as usize]) {
                direct
                    .entry(names[wanted as usize])
                    .or_default()
                    .push(ClassIndex(index));
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
    (table, sets, direct)
}

/// Instances by set.
fn collect(heap: &Snapshot<'_>, table: &[u16], sets: usize) -> Vec<Instances> {
    let chunks = heap.len().div_ceil(CHUNK);
    let parts: Vec<Vec<(u16, Instances)>> = (0..chunks)
        .into_par_iter()
        .map(|chunk| {
            let mut found: FxHashMap<u16, Instances> = FxHashMap::default();
            for object in chunk * CHUNK..((chunk + 1) * CHUNK).min(heap.len()) {
                let object = object as ObjectIndex;
                let set = table[heap.class_of(object).0 as usize];
                if set != 0 && heap.strength(object) != Strength::NoPath {
                    let found = found.entry(set).or_default();
                    found.count += 1;
                    if found.objects.len() < MOST_INSTANCES {
                        found.objects.push(object);
                    }
                }
            }
            let mut found: Vec<_> = found.into_iter().collect();
            found.sort_unstable_by_key(|&(set, _)| set);
            found
        })
        .collect();
    let mut all = vec![Instances::default(); sets];
    for (set, part) in parts.into_iter().flatten() {
        let found = &mut all[set as usize];
        found.count += part.count;
        let room = MOST_INSTANCES.saturating_sub(found.objects.len());
        found.objects.extend(part.objects.into_iter().take(room));
    }
    all
}
