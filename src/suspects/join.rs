//! Owners that share what they hold, or turned out to be one and the same: one suspect, not one for each part of it that happens to
//! be reached through one of them.

use foldhash::HashMap;

use super::content::content;
use super::suspect::Suspect;
use super::transparent::Transparency;
use crate::heap::Snapshot;

/// Puts together suspects made of many objects of the same class of which each owner also refers to the others' (two maps
/// with the same elements), and those of one owner. What [`super::referring`] has found says which.
pub fn owners_of_the_same(
    snapshot: &Snapshot<'_>,
    transparent: &Transparency,
    all: &mut Vec<Suspect>,
) {
    let known = Known::of(all);
    let mut left: Vec<Option<Suspect>> = all.drain(..).map(Some).collect();
    for i in 0..left.len() {
        let Some(mut first) = left[i].take() else {
            continue;
        };
        // Joined with another one it may share with more: with those behind that one.
        let mut behind = i;
        while let Some(j) = known.next(&first, behind, |j| {
            let other = left[j].as_ref();
            other.is_some_and(|other| share(&first, other))
        }) {
            if let Some(other) = left[j].take() {
                join(snapshot, transparent, &mut first, other);
            }
            behind = j;
        }
        left[i] = Some(first);
    }
    all.extend(left.into_iter().flatten());
}

/// Places of suspects in the list, ascending: only those that have something in common are compared.
#[derive(Default)]
struct Known {
    by_owner: HashMap<(String, Option<String>), Vec<usize>>,
    by_title: HashMap<String, Vec<usize>>,
    /// By the titles of further owners that they name.
    by_named: HashMap<String, Vec<usize>>,
}

impl Known {
    fn of(all: &[Suspect]) -> Known {
        let mut known = Known::default();
        for (i, suspect) in all.iter().enumerate() {
            let owner = known.by_owner.entry(owner(suspect));
            owner.or_default().push(i);
            let title = known.by_title.entry(suspect.holder.title());
            title.or_default().push(i);
            for (named, _) in &suspect.shared_with {
                known.by_named.entry(named.clone()).or_default().push(i);
            }
        }
        known
    }

    /// The first suspect behind the place `behind` that has something in common with `suspect` and `shares` with it.
    fn next(
        &self,
        suspect: &Suspect,
        behind: usize,
        shares: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let first = |places: &Vec<usize>| {
            let from = places.partition_point(|&place| place <= behind);
            places[from..].iter().copied().find(|&place| shares(place))
        };
        let of_owner = self.by_owner.get(&owner(suspect));
        let naming_it = self.by_named.get(&suspect.holder.title());
        let named = suspect.shared_with.iter();
        let named = named.filter_map(|(title, _)| self.by_title.get(title));
        let lists = of_owner.into_iter().chain(naming_it).chain(named);
        lists.filter_map(first).min()
    }
}

/// The owner of `suspect`, and in what it is.
fn owner(suspect: &Suspect) -> (String, Option<String>) {
    (suspect.holder.signature(), suspect.via.clone())
}

fn share(a: &Suspect, b: &Suspect) -> bool {
    let names = |a: &Suspect, b: &Suspect| {
        // Every pair comes here, and most share with nobody: no title is made up for those.
        if a.shared_with.is_empty() {
            return false;
        }
        let title = b.holder.title();
        a.shared_with.iter().any(|(other, _)| *other == title)
    };
    let same = (a.grouped || b.grouped)
        && a.content.class == b.content.class
        && (names(a, b) || names(b, a));
    let one = || {
        a.holder.class == b.holder.class
            && a.via == b.via
            && a.holder.signature() == b.holder.signature()
    };
    same || one()
}

fn join(snapshot: &Snapshot<'_>, transparent: &Transparency, into: &mut Suspect, other: Suspect) {
    into.keep_also(snapshot, other.tops.iter().map(|run| run.start));
    into.content = content(snapshot, transparent, &into.tops);
    if other.holder.object != into.holder.object && other.holder.title() == into.holder.title() {
        into.holders = into.holders.saturating_add(other.holders);
    }
    let mut owners = other.shared_with;
    // Its own part of the tree is what this owner alone would free: the elements stay with the others.
    let alone = snapshot.retained(other.holder.target);
    owners.push((other.holder.title(), alone));
    owners.retain(|(title, _)| *title != into.holder.title());
    into.shared_with.extend(owners);
    into.shared_with
        .sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    into.shared_with.dedup_by(|a, b| a.0 == b.0);
    into.shared_with
        .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    into.grouped = true;
}
