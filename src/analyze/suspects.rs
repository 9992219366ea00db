//! Suspects as rows of the report.

use super::shown::address;
use super::tables::label;
use super::{Findings, references, stopped_loaders};
use crate::graph::Strength;
use crate::growth;
use crate::heap::{Link, ObjectIndex, Snapshot};
use crate::report::describe;
use crate::report::model::{
    AccumulationPoint, ClassCount, Collection, Content, ContentClass, Heap, Holder, Member,
    PathStep, Severity, SizeDistribution, Suspect,
};
use crate::suspects::naming;

/// Steps of a path that are listed before repetitions are folded.
const LONGEST_PATH: usize = 10_000;

/// What the comparison with earlier inputs says of the field that holds `suspect`.
fn course<'f>(
    findings: &'f Findings<'_, '_>,
    suspect: &crate::suspects::Suspect,
) -> Option<&'f growth::HolderCourse> {
    let holder = &suspect.holder;
    let is_holder = |known: &growth::CourseHolder| {
        known.field.is_some()
            && known.field == holder.field
            && known.class == growth::names::normal(&holder.class)
    };
    let mut rows = findings.growth.iter().flat_map(|growth| &growth.holders);
    rows.find(|row| row.course.is_some() && is_holder(&row.holder))
}

/// What a comparison says of a suspect, where what grew decides the verdict: those that grew come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Grew,
    NotCompared,
    /// It did not grow, or grows no longer.
    Stayed,
}

fn standing(course: Option<&growth::HolderCourse>) -> Standing {
    match course.and_then(|row| row.course) {
        Some(course) if course.is_growing() => Standing::Grew,
        Some(_) => Standing::Stayed,
        None => Standing::NotCompared,
    }
}

/// The suspects, as many as were asked for, and the largest holders besides, which nobody suspects.
///
/// Where nobody is suspected, only what keeps most of the heap stays a suspect. Where what grew decides, what stayed as large as it was is no
/// suspect. Programs that read the report look for the cause among the suspects.
pub fn rows(findings: &Findings<'_, '_>, heap: &Heap) -> (Vec<Suspect>, Vec<Suspect>) {
    let decision = &findings.decided.decision;
    let growth_decides = decision.rule == "grew";
    let standing_of = |suspect: &&crate::suspects::Suspect| standing(course(findings, suspect));
    let mut listed: Vec<&crate::suspects::Suspect> = findings.suspects.list.iter().collect();
    if growth_decides {
        listed.sort_by_key(standing_of);
    }
    listed.truncate(findings.options.suspects);
    let stayed = |suspect: &&crate::suspects::Suspect| standing_of(suspect) == Standing::Stayed;
    let cleared = match growth_decides {
        true => listed.iter().filter(|suspect| stayed(suspect)).count(),
        false => 0,
    };
    let mut rows = described(findings, heap, &listed);
    if !describe::are_suspected(decision.heap, &rows) {
        let most = heap.reachable_bytes().div_ceil(2);
        return rows
            .into_iter()
            .partition(|suspect| suspect.retained_bytes >= most);
    }
    let largest = rows.split_off(rows.len() - cleared);
    (rows, largest)
}

/// `listed` suspects as rows.
fn described(
    findings: &Findings<'_, '_>,
    heap: &Heap,
    listed: &[&crate::suspects::Suspect],
) -> Vec<Suspect> {
    let snapshot = findings.snapshot;
    let reachable = heap.reachable_bytes();
    let max_heap = heap.max_bytes;
    let native = findings.read.native.places(snapshot);
    let row = |(i, suspect): (usize, &&crate::suspects::Suspect)| {
        let share_of_max_heap = max_heap
            .filter(|&max| max > 0)
            .map(|max| share(suspect.retained_bytes, max));
        // What hidden fields hold (`ClassValue`) is no part of what is reachable: a share of both together.
        let hidden = suspect
            .largest
            .first()
            .is_some_and(|&top| snapshot.strength(top) == Strength::NoPath);
        let reachable = match hidden {
            true => reachable.saturating_add(suspect.retained_bytes),
            false => reachable,
        };
        let course = course(findings, suspect);
        let (pattern, mut notes) = super::patterns::row(suspect, course);
        notes.extend(references::notes(&findings.details.references, suspect));
        let stopped = &findings.details.loaders.stopped;
        notes.extend(stopped_loaders::note(snapshot, stopped, suspect));
        let off_heap_bytes = native.within(&suspect.tops);
        Suspect {
            rank: i as u32 + 1,
            signature: suspect.signature(),
            kind: suspect.holder.kind,
            severity: severity(share_of_max_heap, share(suspect.retained_bytes, reachable)),
            holder: Holder {
                via: suspect.via.clone(),
                place: suspect.place.clone(),
                held_by: suspect.held_by.clone(),
                ..holder(snapshot, &suspect.holder, suspect.holders)
            },
            content: content(suspect),
            shallow_bytes: suspect.shallow_bytes,
            retained_bytes: suspect.retained_bytes,
            retained_objects: suspect.retained_objects,
            share_of_reachable: share(suspect.retained_bytes, reachable),
            share_of_max_heap,
            accumulation_point: Some(AccumulationPoint {
                class: label(snapshot, suspect.accumulation_point),
                object_id: address(snapshot, suspect.accumulation_point),
                retained_bytes: snapshot.retained(suspect.accumulation_point),
            }),
            path_root: root_label(snapshot, suspect.path.first().copied()),
            path: path(snapshot, &suspect.path),
            pattern,
            off_heap_bytes: (off_heap_bytes > 0).then_some(off_heap_bytes),
            notes,
            members: members(snapshot, suspect),
            shared_with: suspect.shared_with.iter().map(named).collect(),
            freed_alone_bytes: suspect.freed_alone(snapshot),
            inside: suspect.inside.iter().map(named).collect(),
        }
    };
    listed.iter().enumerate().map(row).collect()
}

fn named((title, bytes): &(String, u64)) -> Member {
    Member {
        title: title.clone(),
        object_id: None,
        retained_bytes: *bytes,
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        // More digits may come back as a neighbouring number when a saved report is read.
        (part as f64 / whole as f64 * 1e9).round() / 1e9
    }
}

/// By consequence: the share of the maximum heap where that is known.
fn severity(of_max: Option<f64>, of_reachable: f64) -> Severity {
    match of_max {
        Some(share) if share >= 0.25 => Severity::Critical,
        Some(share) if share >= 0.05 => Severity::Warning,
        Some(_) => Severity::Info,
        None if of_reachable >= 0.5 => Severity::Critical,
        None if of_reachable >= 0.1 => Severity::Warning,
        None => Severity::Info,
    }
}

/// The holder as a row.
pub fn holder(snapshot: &Snapshot<'_>, holder: &crate::suspects::Holder, count: u64) -> Holder {
    Holder {
        kind: holder.kind,
        class: holder.class.clone(),
        field: holder.field.clone(),
        thread: holder.thread.clone(),
        loader: None,
        frame: holder.frame.clone(),
        via: None,
        place: None,
        held_by: Vec::new(),
        object_id: holder
            .object
            .filter(|_| count == 1)
            .map(|object| address(snapshot, object)),
        count,
    }
}

fn content(suspect: &crate::suspects::Suspect) -> Content {
    let content = &suspect.content;
    let around = suspect.collection.as_ref();
    let row = |(class, objects, bytes): &(String, u64, u64)| ClassCount {
        class: class.clone(),
        objects: *objects,
        bytes: *bytes,
    };
    Content {
        class: content.class.clone(),
        objects: content.objects,
        retained_bytes: content.retained_bytes,
        element_sizes: around
            .and_then(|around| around.sizes)
            .map(|[min, median, max]| SizeDistribution { min, median, max }),
        collection: around.map(|around| Collection {
            class: around.class.clone(),
            entries: around.entries,
            capacity: around.capacity,
            key_class: around.key_class.clone(),
            value_class: around.value_class.clone(),
        }),
        classes: content.classes.iter().map(row).collect(),
        contents: contents(content),
    }
}

/// The classes that `content` is of, where they are two.
fn contents(content: &crate::suspects::Content) -> Vec<ContentClass> {
    let Some((beside, number)) = &content.beside else {
        return Vec::new();
    };
    let classes = [(&content.class, content.objects), (beside, *number)];
    let row = |(class, objects): (&String, u64)| ContentClass {
        class: class.clone(),
        objects,
    };
    classes.map(row).into()
}

fn members(snapshot: &Snapshot<'_>, suspect: &crate::suspects::Suspect) -> Vec<Member> {
    if suspect.tops.len() < 2 {
        return Vec::new();
    }
    let title = |object: ObjectIndex| match snapshot.thread_name(object) {
        Some(name)
            if snapshot
                .classes()
                .is_a(snapshot.class_of(object), "java.lang.Thread") =>
        {
            format!("thread {name}")
        }
        _ => label(snapshot, object),
    };
    let member = |&object: &ObjectIndex| Member {
        title: title(object),
        object_id: Some(address(snapshot, object)),
        retained_bytes: snapshot.retained(object),
    };
    suspect.largest.iter().map(member).collect()
}

/// What the path begins at.
pub fn root_label(snapshot: &Snapshot<'_>, top: Option<ObjectIndex>) -> Option<String> {
    let top = top?;
    let kinds = snapshot.roots().kinds.get(&top);
    Some(match kinds.and_then(|kinds| kinds.first()) {
        Some(kind) => kind.label().to_owned(),
        None => match snapshot.strength(top) {
            Strength::Strong | Strength::NoPath => "no path from a GC root",
            Strength::Soft => "softly reachable",
            Strength::Weak => "weakly reachable",
            Strength::Final => "reachable by finalizers only",
            Strength::Phantom => "phantom reachable",
        }
        .to_owned(),
    })
}

/// The path with the reference that makes each step. Steps of the same class through the same field in a row (the nodes of a
/// list) are folded into one.
pub fn path(snapshot: &Snapshot<'_>, path: &[ObjectIndex]) -> Vec<PathStep> {
    let mut steps: Vec<PathStep> = Vec::new();
    for (i, &object) in path.iter().enumerate().take(LONGEST_PATH) {
        let how = i
            .checked_sub(1)
            .and_then(|before| reference(snapshot, path[before], object));
        let class = label(snapshot, object);
        let thread = super::shown::thread_name(snapshot, object);
        if let Some(last) = steps.last_mut()
            && last.class == class
            && last.thread == thread
            && last.reference == how
            && i > 1
        {
            last.times = Some(last.times.unwrap_or(1) + 1);
            continue;
        }
        steps.push(PathStep {
            object_id: address(snapshot, object),
            class,
            thread,
            reference: how,
            retained_bytes: snapshot.retained(object),
            times: None,
        });
    }
    steps
}

/// How `from` refers to `to`, in words.
pub fn reference(snapshot: &Snapshot<'_>, from: ObjectIndex, to: ObjectIndex) -> Option<String> {
    Some(match snapshot.link(from, to)? {
        Link::Field { name_id, .. } => {
            let name = snapshot.name(name_id);
            match snapshot.referent_strength(from, to) {
                Some(strength) => format!("{name} ({} reference)", strength.as_str()),
                None => name,
            }
        }
        Link::Static { name_id, .. } => format!("static {}", snapshot.name(name_id)),
        Link::Element(index) => format!("[{index}]"),
        Link::Local { frame } => local(snapshot, from, frame),
        Link::Class => "<class>".to_owned(),
        Link::Super => "<super>".to_owned(),
        Link::Loader => "<classloader>".to_owned(),
        Link::Signers => "<signers>".to_owned(),
        Link::ProtectionDomain => "<protection domain>".to_owned(),
        Link::Constant => "<constant>".to_owned(),
    })
}

fn local(snapshot: &Snapshot<'_>, thread: ObjectIndex, frame: u32) -> String {
    let known = snapshot
        .threads()
        .iter()
        .find(|known| known.object == thread);
    let frame = known.and_then(|known| snapshot.frame(known, frame));
    frame.map_or_else(
        || "<local>".to_owned(),
        |frame| {
            format!(
                "<local> in {}.{}",
                naming::stable(&frame.class),
                frame.method
            )
        },
    )
}
