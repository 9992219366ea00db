//! Objects that no field of their dominator refers to, and who refers to them: asked while the file is read anyway.

use foldhash::HashMap;
use rustc_hash::FxHashMap;

use super::labels::{Labels, Role};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ClassKind, ObjectIndex, Snapshot};

/// Objects that are remembered because several may share them.
const MOST_CANDIDATES: usize = 4 << 20;
/// Objects that are asked about at most, and of those that are alike: with many more, most references would have to be looked up.
const MOST_ASKED: usize = 1 << 14;
const MOST_OF_KIND: usize = 256;
/// Referrers of one object that are kept, and of all objects together.
const MOST_REFERRERS: usize = 24;
/// Referrers of one object and of one class that are kept.
const MOST_OF_CLASS: u8 = 8;
const MOST_PAIRS: usize = 1 << 20;
/// Steps up from a collection to the element that it belongs to.
const MOST_STEPS: usize = 16;

/// By class of the dominator, if there is one, and class: objects that are alike.
type Kind = (Option<ClassIndex>, ClassIndex);

/// The objects that several may share, strongly reachable, ascending.
pub(super) fn candidates(snapshot: &Snapshot<'_>, labels: &Labels) -> Vec<ObjectIndex> {
    let strong = snapshot.positions_of(Strength::Strong);
    let may_be_shared = |&object: &ObjectIndex| {
        let position = || snapshot.position(object);
        kind(snapshot, labels, object).is_some()
            && position().is_some_and(|it| strong.contains(&it))
    };
    snapshot
        .joints()
        .filter(may_be_shared)
        .take(MOST_CANDIDATES)
        .collect()
}

/// Those of `candidates` that are asked about. Of very many those that are alike stand for each other.
pub(super) fn chosen(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    candidates: &[ObjectIndex],
) -> Vec<ObjectIndex> {
    if candidates.len() <= MOST_ASKED {
        return candidates.to_vec();
    }
    let kind = |&object: &ObjectIndex| kind(snapshot, labels, object);
    // Of each kind: how many there are, how many were met.
    let mut kinds: FxHashMap<Kind, (usize, usize)> = FxHashMap::default();
    for kind in candidates.iter().filter_map(kind) {
        kinds.entry(kind).or_default().0 += 1;
    }
    let each = (MOST_ASKED / kinds.len().max(1)).clamp(1, MOST_OF_KIND);
    let is_chosen = |object: &&ObjectIndex| {
        let of_kind = kind(object).and_then(|kind| kinds.get_mut(&kind));
        of_kind.is_some_and(|(all, met)| {
            *met += 1;
            (*met - 1) % all.div_ceil(each).max(1) == 0
        })
    };
    let chosen = candidates.iter().filter(is_chosen);
    chosen.take(MOST_ASKED).copied().collect()
}

/// What `object` is like, if several may share it: nothing that could be an owner dominates it by a reference of its own.
fn kind(snapshot: &Snapshot<'_>, labels: &Labels, object: ObjectIndex) -> Option<Kind> {
    let class = snapshot.class_of(object);
    let is_value = matches!(
        snapshot.classes().get(class).kind,
        ClassKind::PrimitiveArray(_)
    );
    if is_value || labels.role(class) == Role::Class {
        return None;
    }
    let Some(above) = snapshot.dominator(object) else {
        let is_root = snapshot.roots().kinds.contains_key(&object);
        return (!is_root).then_some((None, class));
    };
    let class_above = snapshot.class_of(above);
    let is_shared = match labels.role(class_above) {
        Role::Element | Role::Class => true,
        // The list of the classes of a loader dominates what several of them share.
        Role::Transparent => has_classes(snapshot, labels, above),
        Role::Jdk => false,
    };
    is_shared.then_some((Some(class_above), class))
}

/// Whether the first object that `above` dominates is a class object, and `above` a part of an element.
fn has_classes(snapshot: &Snapshot<'_>, labels: &Labels, above: ObjectIndex) -> bool {
    let mut below = snapshot.child_positions(Some(above));
    let first = below.next().map(|first| snapshot.at(first).1);
    let mut around = std::iter::successors(Some(above), |&at| snapshot.dominator(at));
    first.is_some_and(|class| labels.role(class) == Role::Class)
        && around
            .by_ref()
            .take(MOST_STEPS)
            .any(|at| labels.role(snapshot.class_of(at)) == Role::Element)
}

/// Objects that are looked for, by address.
pub(super) struct Asked {
    /// One bit for each of some addresses: nearly all references are told by it that nobody looks for them.
    may: Vec<u64>,
    /// The number of each object, by its address.
    numbers: HashMap<u64, u32>,
    /// The objects, ascending.
    objects: Vec<ObjectIndex>,
}

impl Asked {
    /// Bits of the set: few enough for the processor's cache.
    const BITS: u32 = 18;

    /// Asks about `objects`, which are ascending.
    pub fn new(snapshot: &Snapshot<'_>, objects: Vec<ObjectIndex>) -> Asked {
        let mut may = vec![0; 1 << (Asked::BITS - 6)];
        let mut numbers = HashMap::default();
        for (number, &object) in (0..).zip(&objects) {
            let address = snapshot.address(object);
            let (word, bit) = Asked::place(address);
            may[word] |= 1 << bit;
            numbers.insert(address, number);
        }
        Asked {
            may,
            numbers,
            objects,
        }
    }

    #[inline(always)]
    fn place(address: u64) -> (usize, u32) {
        let mixed = address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Asked::BITS);
        ((mixed >> 6) as usize, (mixed & 63) as u32)
    }

    /// The number of the object at `address`, if it is asked about.
    #[inline(always)]
    pub fn get(&self, address: u64) -> Option<u32> {
        let (word, bit) = Asked::place(address);
        if self.may[word] >> bit & 1 == 0 {
            return None;
        }
        self.numbers.get(&address).copied()
    }

    /// Whether it is asked who refers to `object`.
    pub fn contains(&self, object: ObjectIndex) -> bool {
        self.number(object).is_some()
    }

    /// The number of `object`, if it is asked about.
    pub fn number(&self, object: ObjectIndex) -> Option<usize> {
        self.objects.binary_search(&object).ok()
    }
}

/// Some of those that refer to each object that was asked about, in the order of addresses.
pub(super) struct Referrers {
    asked: Asked,
    /// Number of the object, who refers to it; by number.
    pairs: Vec<(u32, ObjectIndex)>,
    /// By object: how many of its referrers are known.
    counts: Vec<u8>,
    /// The last of these.
    last: Vec<ObjectIndex>,
    /// How many of each class are known, by object and class.
    of_class: HashMap<(u32, ClassIndex), u8>,
    /// Referrers of one object that are kept.
    most: u8,
}

impl Referrers {
    /// Nothing is known yet of what is `asked`.
    pub fn of(asked: Asked) -> Referrers {
        let objects = asked.objects.len();
        let most = (MOST_PAIRS / objects.max(1)).clamp(4, MOST_REFERRERS);
        Referrers {
            counts: vec![0; objects],
            last: vec![ObjectIndex::MAX; objects],
            of_class: HashMap::default(),
            most: most as u8,
            pairs: Vec::new(),
            asked,
        }
    }

    /// What is asked.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Notes that `from`, of `class`, refers to the object with `number`.
    pub fn keep(&mut self, number: u32, from: ObjectIndex, class: ClassIndex) {
        let at = number as usize;
        if self.counts[at] < self.most && self.last[at] != from {
            let known = self.of_class.entry((number, class)).or_default();
            if *known >= MOST_OF_CLASS {
                return;
            }
            *known += 1;
            self.counts[at] += 1;
            self.last[at] = from;
            self.pairs.push((number, from));
        }
    }

    /// Puts together what belongs together. Who was met first stays first.
    pub fn arrange(&mut self) {
        self.pairs.sort_by_key(|&(number, _)| number);
    }

    /// Who refers to `object`; `None` where that was not asked.
    pub fn get(&self, object: ObjectIndex) -> Option<impl Iterator<Item = ObjectIndex> + '_> {
        let number = self.asked.number(object)? as u32;
        let from = self.pairs.partition_point(|&(known, _)| known < number);
        let pairs = self.pairs[from..].iter();
        let own = pairs.take_while(move |&&(known, _)| known == number);
        Some(own.map(|&(_, from)| from))
    }
}
