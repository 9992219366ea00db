//! Who keeps what several refer to: objects that hang on no field of their dominator, since two collections have them, or two fields the
//! same collection. Samples are asked who refers to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::asked::{Asked, Referrers};
use super::inventory::FLOOR;
use super::labels::{LabelId, Labels, PASS, Role};
use super::links::{Links, is_of};
use super::reading;
use crate::graph::Strength;
use crate::heap::{ClassIndex, Link, ObjectIndex, Snapshot};
use crate::suspects::{HolderKind, Level};

/// What no label keeps alone is looked at where one object of it keeps at least so many bytes, or it is a thing of the application's.
const SHARED_FLOOR: u64 = 1 << 10;
/// Groups that are looked at, the largest.
const MOST_GROUPS: usize = 200;
/// Objects of one group that are asked who refers to them.
const SAMPLE: usize = 32;
/// Times that what refers to the sample is asked in turn who refers to it.
const LEVELS: usize = 3;
/// Times that the file is read again because something was not asked before.
const MOST_READINGS: usize = 2;
/// The fields in which a thread has what it is to do.
const OF_TASKS: [&str; 2] = ["target", "task"];
/// Steps up the dominator tree to a label.
const MOST_STEPS: usize = 10_000;

/// Objects of one class that lie inside one label and that no single label keeps.
type SharedKey = (LabelId, ClassIndex);

/// Objects that no single label keeps.
#[derive(Default)]
struct Shared {
    positions: Vec<u32>,
    /// Bytes that they retain.
    bytes: u64,
}

/// What is shared, and how many targets each label has.
struct Outline {
    shared: FxHashMap<SharedKey, Shared>,
    targets: Vec<u64>,
}

/// Gives what is shared the label that keeps it, where one does. `candidates` are the objects that may be shared; `referrers` tell who
/// refers to them.
pub(super) fn resolve(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    candidates: &[ObjectIndex],
    referrers: Referrers,
) {
    let Outline { shared, targets } = outline(snapshot, labels, links, candidates);
    let mut groups: Vec<(SharedKey, Shared)> = shared
        .into_iter()
        .filter(|(_, shared)| shared.bytes >= FLOOR)
        .collect();
    groups.sort_by_key(|((label, class), shared)| (Reverse(shared.bytes), *label, *class));
    groups.truncate(MOST_GROUPS);
    let samples: Vec<Vec<ObjectIndex>> = groups
        .iter()
        .map(|(_, shared)| sample(snapshot, shared, referrers.asked()))
        .collect();
    let mut question = Question {
        snapshot,
        labels,
        links,
        known: vec![referrers],
    };
    let found = question.labels_of(&samples);
    for (((outer, _), shared), found) in groups.into_iter().zip(found) {
        let members = shared.positions.len() as u64;
        let owner = choose(labels, &targets, &found, members);
        if let Some(owner) = owner.filter(|&owner| owner != outer) {
            for &position in &shared.positions {
                links.set(position as usize, owner);
            }
        }
    }
}

/// Walks over the positions that have a label or a candidate.
fn outline(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    candidates: &[ObjectIndex],
) -> Outline {
    let positions = candidates.iter().filter_map(|&it| snapshot.position(it));
    let mut positions: Vec<u32> = positions.map(|it| it as u32).collect();
    positions.sort_unstable();
    let mut positions = positions.into_iter().peekable();
    let mut outline = Outline {
        shared: FxHashMap::default(),
        targets: vec![0; labels.len()],
    };
    // By label: where what its last target dominates ends.
    let mut covered = vec![0; labels.len()];
    // Where the targets that are around end, and their labels.
    let mut around: Vec<(usize, LabelId)> = Vec::new();
    for position in snapshot.positions_of(Strength::Strong) {
        let label = links.at(position);
        let is_candidate = positions
            .next_if(|&candidate| candidate as usize <= position)
            .is_some();
        if label == PASS || label == 0 && !is_candidate {
            continue;
        }
        while around.last().is_some_and(|&(end, _)| end <= position) {
            around.pop();
        }
        if label == 0 {
            let outer = around.last().map_or(0, |&(_, label)| label);
            outline.note(snapshot, labels, position, outer);
        } else if covered[usize::from(label)] <= position {
            let end = snapshot.end_at(position);
            covered[usize::from(label)] = end;
            around.push((end, label));
            outline.targets[usize::from(label)] += 1;
        }
    }
    outline
}

impl Outline {
    /// The object at `position` hangs on no field of its dominator: several refer to it.
    fn note(&mut self, snapshot: &Snapshot<'_>, labels: &Labels, position: usize, outer: LabelId) {
        let class = snapshot.at(position).1;
        let bytes = snapshot.retained_at(position);
        if bytes >= SHARED_FLOOR || labels.role(class) == Role::Element {
            let shared = self.shared.entry((outer, class)).or_default();
            shared.positions.push(position as u32);
            shared.bytes = shared.bytes.saturating_add(bytes);
        }
    }
}

/// Objects of `shared`, spread evenly; of those that were `asked` about, if there are any.
fn sample(snapshot: &Snapshot<'_>, shared: &Shared, asked: &Asked) -> Vec<ObjectIndex> {
    let object = |&position: &u32| snapshot.at(position as usize).0;
    let all = || shared.positions.iter().map(object);
    let known = all().filter(|&object| asked.contains(object)).count();
    let spread = |count: usize, objects: &mut dyn Iterator<Item = ObjectIndex>| {
        let step = count.div_ceil(SAMPLE).max(1);
        objects.step_by(step).collect()
    };
    match known {
        0 => spread(shared.positions.len(), &mut all()),
        _ => spread(known, &mut all().filter(|&object| asked.contains(object))),
    }
}

/// How many objects of a sample each label refers to, through collections.
type Found = BTreeMap<LabelId, usize>;

/// The label that keeps a group: of those that refer to most of the sample the application's before others, a field before the threads
/// that use it, one in few objects before one in many, then the first by name.
fn choose(labels: &Labels, targets: &[u64], found: &Found, members: u64) -> Option<LabelId> {
    let most = *found.values().max()?;
    let fitting = found.iter().filter(|(_, count)| **count * 2 > most);
    let rank = |label: LabelId| {
        let targets = targets[usize::from(label)];
        let of = labels.get(label);
        (
            of.level,
            of.kind == HolderKind::Thread,
            targets.saturating_mul(8) > members,
            label,
        )
    };
    fitting
        .map(|(&label, _)| label)
        .min_by_key(|&label| rank(label))
}

/// An object to be asked, and the group that it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asking {
    object: ObjectIndex,
    group: usize,
    member: usize,
}

/// What the answers come from.
struct Question<'q, 'a> {
    snapshot: &'q Snapshot<'a>,
    labels: &'q Labels,
    links: &'q Links,
    /// The answers of each reading of the file.
    known: Vec<Referrers>,
}

impl Question<'_, '_> {
    fn labels_of(&mut self, samples: &[Vec<ObjectIndex>]) -> Vec<Found> {
        let mut found: Vec<BTreeMap<LabelId, BTreeSet<usize>>> =
            vec![BTreeMap::new(); samples.len()];
        let mut asked: Vec<Asking> = Vec::new();
        for (group, sample) in samples.iter().enumerate() {
            let ask = |(member, &object)| Asking {
                object,
                group,
                member,
            };
            asked.extend(sample.iter().enumerate().map(ask));
        }
        for level in 0..LEVELS {
            // Of each group: one that many refer to does not take what others need.
            let mut rooms = vec![SAMPLE * 2; samples.len()];
            asked.sort_unstable();
            self.ask(&asked);
            let mut next: BTreeSet<Asking> = BTreeSet::new();
            for one in &asked {
                for from in self.referrers(one.object) {
                    let labels = self.labels;
                    match owner(self.snapshot, labels, self.links, from, one.object) {
                        // The JDK refers to everything in the end.
                        Step::Label(label)
                            if level > 0 && labels.get(label).level == Level::Jdk => {}
                        Step::Label(label) => {
                            let members = found[one.group].entry(label).or_default();
                            members.insert(one.member);
                        }
                        Step::Above(object) if rooms[one.group] > 0 => {
                            let is_new = next.insert(Asking { object, ..*one });
                            rooms[one.group] -= usize::from(is_new);
                        }
                        _ => {}
                    }
                }
            }
            asked = next.into_iter().collect();
        }
        let counts = |found: BTreeMap<LabelId, BTreeSet<usize>>| {
            let counts = found
                .into_iter()
                .map(|(label, members)| (label, members.len()));
            counts.collect()
        };
        found.into_iter().map(counts).collect()
    }

    /// Some of those that refer to `object`, as far as it was asked.
    fn referrers(&self, object: ObjectIndex) -> impl Iterator<Item = ObjectIndex> + '_ {
        let known = self.known.iter().find_map(|known| known.get(object));
        known.into_iter().flatten()
    }

    /// Reads the file again for those of `asked`, which are ascending, that were not asked before.
    fn ask(&mut self, asked: &[Asking]) {
        let is_known = |object| self.known.iter().any(|known| known.get(object).is_some());
        let mut objects: Vec<ObjectIndex> = asked.iter().map(|asking| asking.object).collect();
        objects.dedup();
        objects.retain(|&object| !is_known(object));
        if !objects.is_empty() && self.known.len() <= MOST_READINGS {
            let asked = Asked::new(self.snapshot, objects);
            let more = reading::read(self.snapshot, self.labels, None, asked);
            self.known.push(more);
        }
    }
}

/// Where a reference leads on the way up.
enum Step {
    Label(LabelId),
    /// To an object that no label keeps alone either.
    Above(ObjectIndex),
    Nowhere,
}

/// Who keeps `object` by the reference of `from`.
fn owner(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    links: &Links,
    from: ObjectIndex,
    object: ObjectIndex,
) -> Step {
    // What an object keeps itself refers back to it.
    if snapshot.dominates(object, from) {
        return Step::Nowhere;
    }
    match snapshot.link(from, object) {
        Some(Link::Static { class, name_id }) => {
            return labels
                .of_static(class, name_id)
                .map_or(Step::Nowhere, Step::Label);
        }
        Some(Link::Local { .. }) => {
            return labels
                .objects
                .get(&from)
                .map_or(Step::Nowhere, |&label| Step::Label(label));
        }
        Some(Link::Field {
            declared_by,
            name_id,
        }) => {
            if labels.role(snapshot.class_of(from)) == Role::Element {
                if is_of(snapshot, object, declared_by) {
                    return Step::Nowhere;
                }
                if let Some(label) = labels.of_field(declared_by, name_id) {
                    return Step::Label(label);
                }
            }
            // What a thread has in the fields of every thread, such as the loader of its classes, is not there for it alone.
            if let Some(&label) = labels.objects.get(&from) {
                let is_task = OF_TASKS
                    .iter()
                    .any(|field| snapshot.is_name(name_id, field));
                return if is_task {
                    Step::Label(label)
                } else {
                    Step::Nowhere
                };
            }
        }
        Some(Link::Element(_)) => {}
        _ => return Step::Nowhere,
    }
    above(snapshot, labels, links, from)
}

/// The label around `from`, if all between is transparent.
fn above(snapshot: &Snapshot<'_>, labels: &Labels, links: &Links, from: ObjectIndex) -> Step {
    let mut at = from;
    for _ in 0..MOST_STEPS {
        if labels.is_built_in_loader(snapshot.class_of(at)) {
            return Step::Nowhere;
        }
        let Some(position) = snapshot.position(at) else {
            return Step::Nowhere;
        };
        let label = links.at(position);
        if label != 0 && label != PASS {
            return Step::Label(label);
        }
        match snapshot.dominator(at) {
            Some(dominator)
                if label == PASS || labels.role(snapshot.class_of(dominator)) != Role::Element =>
            {
                at = dominator;
            }
            _ => return Step::Above(at),
        }
    }
    Step::Nowhere
}
