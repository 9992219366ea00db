//! How many of what is held there are, those included that somebody else holds as well: 3,000 orders in a map, although a list has one of
//! them too, so that neither keeps that one alone.

use rayon::prelude::*;

use super::content::Content;
use crate::graph::Strength;
use crate::heap::{ClassIndex, Runs, Snapshot};

/// One in so many may be held elsewhere: more are a matter of their own.
const FEW: u64 = 20;

/// Makes the number of what is held below `tops` that of the `entries` of the collection around it, where the few that are missing lie
/// elsewhere.
pub(super) fn with_those_held_elsewhere(
    snapshot: &Snapshot<'_>,
    tops: &Runs,
    entries: u64,
    content: &mut Content,
) {
    let missing = entries.saturating_sub(content.objects);
    if missing == 0 || missing > content.objects / FEW {
        return;
    }
    let classes: Vec<ClassIndex> = snapshot.classes().named(&content.class).collect();
    let strong = snapshot.positions_of(Strength::Strong).into_par_iter();
    let outside = strong.filter(|&position| {
        let (_, class) = snapshot.at(position);
        classes.contains(&class) && !tops.contain(position)
    });
    // An entry that is there twice is no further object.
    if outside.count() as u64 >= missing {
        content.objects = entries;
    }
}
