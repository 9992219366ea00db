//! How many of what is held there are, those included that somebody else holds as well: 3,000 orders in a map, although a list has one of
//! them too, so that neither keeps that one alone.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::content::Content;
use super::naming;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Runs, Snapshot};

/// One in so many may be held elsewhere: more are a matter of their own.
const FEW: u64 = 20;
/// Objects outside of one suspect that are asked who refers to them.
const MOST_ASKED: usize = 1 << 16;
/// Suspects that are counted anew.
const MOST_SUSPECTS: usize = 10;

/// The objects of a suspect's class that lie outside of it.
struct Outside {
    classes: Vec<ClassIndex>,
    objects: Vec<ObjectIndex>,
}

/// Adds to what suspects hold, each told with its runs, the few objects of the same class that others hold as well. One pass over the dump
/// for all, where there are any.
pub(super) fn with_those_held_elsewhere<'s>(
    snapshot: &Snapshot<'_>,
    held: impl Iterator<Item = (&'s Runs, &'s mut Content)>,
) {
    let outside = |(tops, content): (&'s Runs, &'s mut Content)| {
        let outside = outside(snapshot, tops, content)?;
        Some((tops, content, outside))
    };
    let found: Vec<_> = held.take(MOST_SUSPECTS).filter_map(outside).collect();
    let objects = found.iter().flat_map(|(_, _, outside)| &outside.objects);
    let asked: Vec<ObjectIndex> = objects.copied().collect();
    if asked.is_empty() {
        return;
    }
    let pairs = snapshot.referrers_of(&asked);
    for (tops, content, outside) in found {
        let asked: FxHashSet<ObjectIndex> = outside.objects.into_iter().collect();
        let from_inside = |&&(to, from): &&(ObjectIndex, ObjectIndex)| {
            let position = snapshot.position(from);
            asked.contains(&to)
                && position.is_some_and(|position| tops.contain(position))
                && !outside.classes.contains(&snapshot.class_of(from))
        };
        let inside = pairs.iter().filter(from_inside);
        let inside: FxHashSet<ObjectIndex> = inside.map(|&(to, _)| to).collect();
        content.objects = content.objects.saturating_add(inside.len() as u64);
    }
}

/// Those of the class of `content` which lie outside of `tops`, if they are few.
fn outside(snapshot: &Snapshot<'_>, tops: &Runs, content: &Content) -> Option<Outside> {
    if !naming::is_owner(&content.class) || content.objects < FEW {
        return None;
    }
    let classes: Vec<ClassIndex> = snapshot.classes().named(&content.class).collect();
    let is_outside = |position: &usize| {
        let (_, class) = snapshot.at(*position);
        classes.contains(&class) && !tops.contain(*position)
    };
    let strong = snapshot.positions_of(Strength::Strong).into_par_iter();
    let outside = strong.filter(is_outside).take_any(MOST_ASKED + 1);
    let mut objects: Vec<ObjectIndex> = outside.map(|position| snapshot.at(position).0).collect();
    let few = objects.len() as u64 <= content.objects / FEW && objects.len() <= MOST_ASKED;
    if objects.is_empty() || !few {
        return None;
    }
    objects.sort_unstable();
    Some(Outside { classes, objects })
}
