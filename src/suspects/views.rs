//! Views of a part: who holds a slice of a buffer, or a part of a list, does not own the whole where somebody else has it.
//!
//! A pool hands out slices of large arrays. The shortest path to such an array may lead through a slice that the application holds,
//! yet the pool keeps the array with or without it. So where a path leads through a view, those that refer to the whole and are no
//! views themselves are asked for their owner.
//!
//! A sorted or filtered list of a library's has nodes of its own for each element of the list that it shows. It may be larger than that list, yet what
//! grows is the list.

use super::holder::Holder;
use super::naming;
use super::owners::Owners;
use super::suspect::Suspect;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot, referrers_in};

/// Suspects that are looked at.
const MOST_SUSPECTS: usize = 10;
/// Passes over the dump: who refers to those that refer to the whole.
const ROUNDS: usize = 5;
/// Objects that are asked about at a time.
const MOST_ASKED: usize = 64;
/// Steps from a list to the one that it shows, over lists between them.
const MOST_STEPS: usize = 4;
/// Objects that are looked at on the way, and references of each.
const MOST_ON_WAY: usize = 64;
/// Fields that say how large a view is.
const LENGTHS: &[&str] = &["length", "size", "capacity", "count"];

/// Gives suspects that were only found through views of them the owner of the whole, if there is one.
pub(super) fn owners_of_the_whole(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    all: &mut [Suspect],
    least: u64,
) {
    let large = all.iter_mut().take(MOST_SUSPECTS);
    for suspect in large.filter(|suspect| suspect.retained_bytes >= least) {
        let parts = largest_seen_in_part(snapshot, suspect);
        if parts.is_empty() {
            continue;
        }
        if let Some((holder, path)) = owner_of_the_whole(snapshot, owners, &parts) {
            suspect.via = owners.via(&holder);
            suspect.place = owners.place(&path, holder.target);
            suspect.accumulation_point = path.last().copied().unwrap_or(holder.target);
            suspect.path = path;
            suspect.holder = holder;
            suspect.holders = 1;
        }
    }
}

/// Puts suspects that only show what another one has in another order behind that one. `all` are sorted.
pub(super) fn behind_what_they_show(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    all: &mut [Suspect],
) {
    let few = all.len().min(MOST_SUSPECTS);
    for view in 0..few {
        let is_own = |suspect: &Suspect| owners.is_own_name(&suspect.content.class);
        let of_links = !is_own(&all[view]) && all[view].holder.is_field();
        let shown = (view + 1..few).find(|&other| {
            let other = &all[other];
            of_links
                && is_own(other)
                && other.retained_bytes >= all[view].retained_bytes / 2
                && leads_to(
                    snapshot,
                    owners,
                    all[view].holder.target,
                    other.holder.target,
                )
        });
        if let Some(shown) = shown {
            all[view..=shown].rotate_right(1);
        }
    }
}

/// Whether fields of libraries' objects lead from `view` to `list` in a few steps.
fn leads_to(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    view: ObjectIndex,
    list: ObjectIndex,
) -> bool {
    let is_library = |object| {
        let name = &snapshot.class(object).name;
        naming::is_owner(name) && !owners.is_own_name(name)
    };
    let mut level = vec![view];
    let mut seen = level.clone();
    for _ in 0..MOST_STEPS {
        let mut next = Vec::new();
        for &object in level.iter().filter(|&&object| is_library(object)) {
            let links = snapshot.outgoing(object).into_iter().take(MOST_ON_WAY);
            for target in links.filter_map(|(_, id)| snapshot.find(id)) {
                if target == list {
                    return true;
                }
                if seen.len() < MOST_ON_WAY && !seen.contains(&target) {
                    seen.push(target);
                    next.push(target);
                }
            }
        }
        level = next;
    }
    false
}

/// Something of which a view holds a part.
struct Seen {
    whole: ObjectIndex,
    view: ClassIndex,
}

/// The largest things of `suspect`, each with the view through which it is reached; none unless all are reached so.
fn largest_seen_in_part(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Vec<Seen> {
    let seen = |&top: &ObjectIndex| {
        let path = snapshot.path(top);
        let [.., view, whole] = path[..] else {
            return None;
        };
        // What the view keeps alone is freed with it.
        let part = suspect.holder.is_field()
            && !snapshot.dominates(view, whole)
            && !snapshot.dominates(suspect.holder.target, whole)
            && is_view(snapshot, view, whole);
        part.then(|| Seen {
            whole,
            view: snapshot.class_of(view),
        })
    };
    let seen: Option<Vec<Seen>> = suspect.largest.iter().map(seen).collect();
    seen.unwrap_or_default()
}

/// Whether `view` says by an offset and a length that it is about a part of `whole`, which it refers to.
pub(super) fn is_view(snapshot: &Snapshot<'_>, view: ObjectIndex, whole: ObjectIndex) -> bool {
    let number = |object, field| snapshot.field_integer(object, field);
    let all = || {
        let array = snapshot
            .array_length(whole)
            .and_then(|n| i64::try_from(n).ok());
        array.or_else(|| number(whole, "size"))
    };
    let length = || LENGTHS.iter().find_map(|field| number(view, field));
    number(view, "offset").is_some()
        && length()
            .zip(all())
            .is_some_and(|(part, all)| part >= 0 && i128::from(part) * 2 <= i128::from(all))
}

/// The owner that most of what is seen in part has besides its views, with a path to one of them.
fn owner_of_the_whole(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    seen: &[Seen],
) -> Option<(Holder, Vec<ObjectIndex>)> {
    let views: Vec<ClassIndex> = seen.iter().map(|seen| seen.view).collect();
    // Each object that is asked about, with the way down from it to the whole.
    let mut asked: Vec<Vec<ObjectIndex>> = seen.iter().map(|seen| vec![seen.whole]).collect();
    let mut nearest = None;
    for _ in 0..ROUNDS {
        let objects: Vec<ObjectIndex> = asked.iter().map(|way| way[0]).collect();
        let pairs = snapshot.referrers_of(&objects);
        let mut found: Vec<(Holder, Vec<ObjectIndex>)> = Vec::new();
        let mut next: Vec<Vec<ObjectIndex>> = Vec::new();
        for way in &asked {
            for from in referrers_in(&pairs, way[0]) {
                if views.contains(&snapshot.class_of(from)) || !may_own(snapshot, from, way) {
                    continue;
                }
                let whole_way: Vec<ObjectIndex> =
                    std::iter::once(from).chain(way.iter().copied()).collect();
                let owner = owner(snapshot, owners, &whole_way, &views);
                // The field of a library's object may be of what only uses it, as the cache of a thread does: ask on.
                let decided = owner.as_ref();
                if !decided.is_some_and(|owner| decides(snapshot, owners, owner)) {
                    next.push(whole_way);
                }
                found.extend(owner);
            }
        }
        // The application's first, then the smallest by name: the order of objects is chance.
        found.sort_by_cached_key(|owner| {
            let (holder, path) = owner;
            let goes_on = !decides(snapshot, owners, owner);
            let of_library = !owners.is_of_application(holder);
            (goes_on, of_library, holder.title(), path.len())
        });
        let first = found.into_iter().next();
        if first
            .as_ref()
            .is_some_and(|owner| decides(snapshot, owners, owner))
        {
            return first;
        }
        nearest = nearest.or(first);
        next.sort_unstable();
        next.dedup_by_key(|way| way[0]);
        next.truncate(MOST_ASKED);
        if next.is_empty() {
            break;
        }
        asked = next;
    }
    nearest
}

/// Whether nobody has to look further: the application holds, or what a thread does not merely work with.
fn decides(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    owner: &(Holder, Vec<ObjectIndex>),
) -> bool {
    let (holder, path) = owner;
    let root = path.first().map(|&root| snapshot.class_of(root));
    let of_thread = root.is_some_and(|root| snapshot.classes().is_a(root, "java.lang.Thread"));
    owners.is_of_application(holder) || !of_thread
}

/// Whether `from` may be on the way from an owner: strongly held, and not below what it refers to.
fn may_own(snapshot: &Snapshot<'_>, from: ObjectIndex, way: &[ObjectIndex]) -> bool {
    snapshot.strength(from) == Strength::Strong
        && !way.contains(&from)
        && !way.iter().any(|&object| snapshot.dominates(object, from))
}

/// The owner of the first object of `way`, with the path on to its end; `None` if that leads through a view, or to no field.
fn owner(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    way: &[ObjectIndex],
    views: &[ClassIndex],
) -> Option<(Holder, Vec<ObjectIndex>)> {
    let (_, mut path) = owners.find(way[0]);
    if path
        .iter()
        .any(|&object| views.contains(&snapshot.class_of(object)))
    {
        return None;
    }
    path.extend(&way[1..]);
    let holder = owners.owner_on(&path);
    holder.is_field().then_some((holder, path))
}
