//! Chains and trees whose members are of several classes: the edits of a document, the nodes of a syntax tree. A class above them declares
//! the link from one to the next. The first member retains all others, of whatever class they are.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::content::{Best, Held};
use super::field_values;
use super::naming;
use super::transparent::Role;
use crate::heap::{ClassIndex, Link, ObjectIndex};

/// References of a sampled member that are read.
const MOST_LINKS: usize = 32;
/// Super classes that are looked at.
const MOST_CLASSES: usize = 16;
/// Part of what the members of one class retain, in percent, that is theirs alone: with more of it they are told as they are.
const ALONE: u64 = 80;

impl<'h> Held<'h, '_> {
    /// Where `best` tells members of a chain or tree of several classes: the classes with most and with second most bytes, each without the
    /// other members that its objects retain.
    pub(super) fn kinds(&'h self, best: Best<'_>) -> Option<Vec<Best<'h>>> {
        let of_best = |class: &ClassIndex| {
            self.transparent.role(*class) == Role::Element && self.name(*class) == best.0
        };
        let mut classes: Vec<ClassIndex> = self.classes().filter(of_best).collect();
        classes.sort_unstable();
        let above = self.linked_by(&classes)?;
        let is_member = |class: &ClassIndex| self.super_classes(*class).any(|it| it == above);
        let members: FxHashSet<ClassIndex> = self.classes().filter(is_member).collect();
        if members.len() < 2 {
            return None;
        }
        let alone = self.alone(&members);
        let of_best = alone.iter().filter(|(class, _)| classes.contains(class));
        let of_best = of_best
            .map(|(_, &bytes)| bytes)
            .fold(0, u64::saturating_add);
        if of_best >= best.2 / 100 * ALONE {
            return None;
        }
        let mut kinds: Vec<Best<'h>> = alone
            .into_iter()
            .map(|(class, bytes)| (self.name(class), self.all_of(class).objects, bytes))
            .collect();
        kinds.sort_unstable_by_key(|&(name, _, bytes)| (Reverse(bytes), name));
        kinds.truncate(2);
        Some(kinds)
    }

    /// The class above `classes` that declares a field by which their objects refer to others that extend it.
    fn linked_by(&self, classes: &[ClassIndex]) -> Option<ClassIndex> {
        let snapshot = self.snapshot;
        let sample = field_values::samples(snapshot, self.tops, classes).concat();
        let mut found: FxHashMap<ClassIndex, usize> = FxHashMap::default();
        for &object in &sample {
            let links = snapshot.outgoing(object).into_iter().take(MOST_LINKS);
            let declaring: FxHashSet<ClassIndex> = links
                .filter_map(|(link, id)| {
                    let Link::Field { declared_by, .. } = link else {
                        return None;
                    };
                    let to = snapshot.class_of(snapshot.find(id)?);
                    let extends = self.super_classes(to).any(|class| class == declared_by);
                    (extends && !classes.contains(&declared_by)).then_some(declared_by)
                })
                .collect();
            for class in declaring {
                *found.entry(class).or_default() += 1;
            }
        }
        let most = found
            .into_iter()
            .max_by_key(|&(class, n)| (n, Reverse(class)));
        let (class, number) = most?;
        (number * 2 >= sample.len() && naming::is_owner(self.name_of(class))).then_some(class)
    }

    fn name_of(&self, class: ClassIndex) -> &'h str {
        &self.snapshot.classes().get(class).name
    }

    /// `class` and those above it.
    fn super_classes(&self, class: ClassIndex) -> impl Iterator<Item = ClassIndex> + '_ {
        let classes = self.snapshot.classes();
        let up = std::iter::successors(Some(class), |&class| classes.get(class).super_class);
        up.take(MOST_CLASSES)
    }

    /// What the objects of each of `members` retain, without other members and what these retain.
    fn alone(&self, members: &FxHashSet<ClassIndex>) -> FxHashMap<ClassIndex, u64> {
        let snapshot = self.snapshot;
        let mut sums: FxHashMap<ClassIndex, (u64, u64)> = FxHashMap::default();
        // Where the members around the position end, and their classes.
        let mut around: Vec<(usize, ClassIndex)> = Vec::new();
        for position in self.tops.iter().flatten() {
            let (object, class): (ObjectIndex, ClassIndex) = snapshot.at(position);
            if !members.contains(&class) || snapshot.is_preloaded(object) {
                continue;
            }
            while around.last().is_some_and(|&(end, _)| end <= position) {
                around.pop();
            }
            let bytes = snapshot.retained_by_application_at(position);
            if let Some((_, outer)) = around.last() {
                let of_outer = sums.entry(*outer).or_default();
                of_outer.1 = of_outer.1.saturating_add(bytes);
            }
            let own = sums.entry(class).or_default();
            own.0 = own.0.saturating_add(bytes);
            around.push((snapshot.end_at(position), class));
        }
        let alone = sums.into_iter();
        alone
            .map(|(class, (all, inside))| (class, all.saturating_sub(inside)))
            .collect()
    }
}
