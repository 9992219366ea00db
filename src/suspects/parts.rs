//! The owners of a candidate, one part for each thing that is held.

use super::accumulation::accumulation;
use super::candidates::Candidate;
use super::holder::{Holder, HolderKind};
use super::owners::Owners;
use crate::heap::{ObjectIndex, Snapshot};

/// Members of a class group whose owner is looked for; beyond, every n-th, and its neighbours by address go with it.
const MOST_MEMBERS: usize = 4_000;
/// The same for threads: each is a holder of its own, so none may stand for others.
const MOST_THREADS: usize = 200_000;
/// Steps of paths that are walked for one class group: so many, and so many more for each member.
const STEPS: usize = 20_000;
const STEPS_OF_MEMBER: usize = 64;

/// Members of a class group that are looked at before the pages of the dump that were read for them are given back.
const MOST_IN_MEMORY: usize = 500;

/// A holder with one thing that it holds.
pub(super) struct Part {
    pub holder: Holder,
    pub top: ObjectIndex,
    pub point: ObjectIndex,
    pub path: Vec<ObjectIndex>,
    /// Whether it was found as one of many.
    pub grouped: bool,
    /// Positions of neighbours in the group that go with it: their owner was not looked for.
    pub alike: Vec<usize>,
    /// The object that dominates the group.
    pub under: Option<ObjectIndex>,
    /// Further owners: title, and what would be freed with that owner alone in bytes.
    pub shared_with: Vec<(String, u64)>,
}

impl Part {
    /// The positions of the thing that is held and of its neighbours.
    pub fn members(&self, snapshot: &Snapshot<'_>) -> impl Iterator<Item = usize> {
        let top = snapshot.position(self.top).into_iter();
        top.chain(self.alike.iter().copied())
    }

    /// What they keep, without what was there before the application.
    pub fn bytes(&self, snapshot: &Snapshot<'_>) -> u64 {
        let members = self.members(snapshot);
        let sizes = members.map(|member| snapshot.retained_by_application_at(member));
        sizes.fold(0, u64::saturating_add)
    }
}

/// The parts of `candidate`.
pub(super) fn owned(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    candidate: Candidate,
) -> Vec<Part> {
    match candidate {
        Candidate::Point(point) => vec![part(snapshot, owners, point)],
        Candidate::Class {
            class,
            members,
            under,
        } => {
            let most = match snapshot.classes().is_a(class, "java.lang.Thread") {
                true => MOST_THREADS,
                false => MOST_MEMBERS,
            };
            let step = members.len().div_ceil(most).max(1);
            let mut parts: Vec<Part> = Vec::new();
            let mut walked = 0;
            let most_steps = STEPS + STEPS_OF_MEMBER * members.len().min(most);
            for alike in members.chunks(step) {
                match parts.last_mut() {
                    // Members deep in long lists have long paths: after so many steps, the rest goes with the last one.
                    Some(last) if walked >= most_steps => last.alike.extend(alike),
                    _ => {
                        if parts.len() % MOST_IN_MEMORY == MOST_IN_MEMORY - 1 {
                            snapshot.release_all();
                        }
                        let (member, _) = snapshot.at(alike[0]);
                        let mut part = member_part(snapshot, owners, member);
                        walked += part.path.len();
                        part.alike.extend(&alike[1..]);
                        part.under = under;
                        parts.push(part);
                    }
                }
            }
            parts
        }
    }
}

/// The owner of what accumulates at `point`, and the topmost object below the owner that dominates it.
pub(super) fn part(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, point: ObjectIndex) -> Part {
    let (holder, path) = owners.find(point);
    let from = path
        .iter()
        .position(|&object| object == holder.target)
        .unwrap_or(0);
    // The first object below the holder that dominates the point: nothing but the holder's side is freed with it.
    let mut below = path[from..].iter().copied();
    let top = below.find(|&object| snapshot.dominates(object, point));
    let top = top.unwrap_or(point);
    Part {
        holder,
        top,
        point,
        path,
        grouped: false,
        alike: Vec::new(),
        under: None,
        shared_with: Vec::new(),
    }
}

/// A topmost object below the floor: follow the largest child while it keeps most of the object, then look for the owner
/// of that; all of the object counts.
fn member_part(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, member: ObjectIndex) -> Part {
    let point = accumulation(snapshot, member);
    let mut part = part(snapshot, owners, point);
    part.grouped = true;
    let whole_thread = part.holder.kind == HolderKind::Thread && part.holder.object == Some(member);
    let small =
        snapshot.retained_by_application(part.top) * 2 < snapshot.retained_by_application(member);
    // A field of the member itself is no owner of it: all of the member counts.
    let own = |object| snapshot.dominates(member, object);
    let inside = part.holder.object.is_some_and(own);
    if whole_thread || small || inside || !part.path.contains(&part.top) {
        part.top = member;
    }
    part
}
