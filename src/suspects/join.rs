//! Owners that share what they hold, or turned out to be one and the same: one suspect, not one for each part of it that happens to
//! be reached through one of them.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::content::content;
use super::group::Suspect;
use super::plumbing::Plumbing;
use crate::heap::Snapshot;

/// Puts together suspects made of many objects of the same class of which each owner also refers to the others' (two maps
/// with the same elements), and those of one owner. What [`super::referring`] has found says which.
pub fn owners_of_the_same(snapshot: &Snapshot<'_>, plumbing: &Plumbing, all: &mut Vec<Suspect>) {
    let mut keys: Vec<Key> = all.iter().map(Key::of).collect();
    let mut i = 0;
    while i < all.len() {
        let mut j = i + 1;
        while j < all.len() {
            if keys[i].may_share(&keys[j]) && share(&all[i], &all[j]) {
                keys.remove(j);
                let other = all.remove(j);
                join(snapshot, plumbing, &mut all[i], other);
                keys[i] = Key::of(&all[i]);
            } else {
                j += 1;
            }
        }
        i += 1;
    }
}

/// Hashes of the classes of a suspect: every pair is looked at, and most differ in both.
struct Key {
    holder: u64,
    content: u64,
}

impl Key {
    fn of(suspect: &Suspect) -> Key {
        Key {
            holder: FxBuildHasher.hash_one(&suspect.holder.class),
            content: FxBuildHasher.hash_one(&suspect.content.class),
        }
    }

    fn may_share(&self, other: &Key) -> bool {
        self.holder == other.holder || self.content == other.content
    }
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

fn join(snapshot: &Snapshot<'_>, plumbing: &Plumbing, into: &mut Suspect, other: Suspect) {
    into.keep_also(snapshot, other.tops.iter().map(|run| run.start));
    into.content = content(snapshot, plumbing, &into.tops);
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
