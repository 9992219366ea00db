//! What a dump has for comparisons, and the comparison with earlier inputs.

use std::collections::BTreeMap;

use super::{FileFacts, Options, overview};
use crate::graph::Strength;
use crate::growth::{
    self, Bound, ClassAmount, Contents, Growth, GrowthInput, Input, InputKind, Inventory, Kept,
    Outside, Owner, Taken,
};
use crate::heap::{Observer, Snapshot};
use crate::phase::Phase;
use crate::report::Report;
use crate::report::model::{Assessment, Suspect};
use crate::suspects::{self, Application, Hints, HolderKind, Suspects};
use crate::verdict::component::{Component, Kind};
use crate::verdict::decision::{self, HeapVerdict, Thresholds};
use crate::verdict::evidence::Evidence;
use crate::verdict::facts::{HeapFacts, Holder, HolderGrowth, MeasuredGrowth, Sourced};
use crate::verdict::heap_facts::{self, Read};
use crate::verdict::observed::Observed;
use crate::verdict::size::thousands;

/// Files that one command names.
const MOST_FILES: usize = 6;

/// The inventory of `snapshot`, of which `read` was read, with what was `observed` outside at the same time.
pub fn inventory(
    snapshot: &Snapshot<'_>,
    read: &Read,
    application: &Application,
    observed: Option<Outside>,
) -> Taken {
    let direct = read
        .facts
        .off_heap
        .iter()
        .find(|part| part.component == Component::DirectMemory && part.kind == Kind::Measured);
    let direct = direct.map(|part| part.low);
    let mut taken = growth::take(snapshot, application, read.native.objects(), direct);
    taken.inventory.observed = observed;
    taken
}

/// A dump as far as a comparison needs it.
pub struct Current<'c, 'd> {
    /// The dump.
    pub snapshot: &'c Snapshot<'d>,
    /// The file that it was read from.
    pub file: &'c FileFacts,
    /// What the heap says of its JVM.
    pub read: &'c Read,
    /// Its owners.
    pub inventory: &'c Inventory,
    /// What its suspects keep most of.
    pub kept: Vec<Kept>,
}

/// What `suspects` keep most of.
pub fn kept(suspects: &Suspects) -> Vec<Kept> {
    let kept = |suspect: &suspects::Suspect| {
        let (holder, content) = (&suspect.holder, &suspect.content);
        let field = holder.field.as_deref();
        Kept::by(&holder.class, field, &content.class, content.objects)
    };
    suspects.list.iter().filter_map(kept).collect()
}

/// The resident memory that `evidence` tells.
pub fn observed(options: &Options, evidence: &[Evidence]) -> Option<Outside> {
    let resident = Observed::new(evidence, options.container.as_deref()).resident?;
    Some(Outside {
        of: "resident memory".to_owned(),
        bytes: u64::try_from(resident.bytes).ok()?,
    })
}

impl Current<'_, '_> {
    fn input(&self) -> Input {
        let layout = self.snapshot.layout();
        let strong = self.snapshot.totals(Strength::Strong);
        let numbers = [
            layout.reference_bytes,
            layout.object_header_bytes,
            layout.array_header_bytes,
            layout.alignment,
        ];
        Input {
            facts: GrowthInput {
                file: self.file.name.clone(),
                kind: InputKind::Dump,
                captured_at: overview::captured_at(self.snapshot.header().timestamp_millis),
                process: self.inventory.process.clone(),
                live_bytes: Some(strong.bytes),
                live_objects: Some(strong.objects),
                complete: overview::is_complete(self.snapshot, self.file),
                live_only: Some(super::no_path::is_live_only(self.snapshot)),
                max_bytes: self.read.facts.max_heap.as_ref().map(|max| max.bytes),
            },
            main_class: self.read.jvm.main_class.clone(),
            release: self.read.jvm.version.as_deref().and_then(growth::release),
            layout: Some(numbers.map(|number| number as u32)),
            inventory: self.inventory.clone(),
            kept: self.kept.clone(),
            largest_only: false,
        }
    }
}

/// An earlier dump, with the evidence of its time, as an input of a comparison.
pub fn earlier(
    snapshot: &Snapshot<'_>,
    file: &FileFacts,
    evidence: &[Evidence],
    options: &Options,
    observer: &dyn Observer,
) -> Input {
    observer.phase(Phase::Facts, 0);
    let read = heap_facts::read(snapshot);
    let hints = Hints {
        main_class: read.jvm.main_class.as_deref(),
        prefixes: &options.application,
    };
    let application = Application::new(snapshot, hints);
    observer.phase(Phase::Inventory, 0);
    let observed = observed(options, evidence);
    Current {
        snapshot,
        file,
        read: &read,
        inventory: &inventory(snapshot, &read, &application, observed).inventory,
        kept: Vec::new(),
    }
    .input()
}

/// The comparison of `current` with `earlier` inputs, oldest first; `None` without any.
pub fn compared(current: Current<'_, '_>, earlier: &[Input]) -> Option<Growth> {
    if earlier.is_empty() {
        return None;
    }
    let mut inputs = earlier.to_vec();
    inputs.push(current.input());
    Some(growth::compare(&inputs))
}

/// `report` as an input of a comparison.
pub fn input(report: &Report, kind: InputKind) -> Input {
    let layout = report.jvm.layout.as_ref();
    let largest_only = report.inventory.is_none();
    let inventory = report.inventory.clone();
    let inventory = inventory.unwrap_or_else(|| of_first_schema(report));
    Input {
        facts: GrowthInput {
            file: report.dump.file_name.clone(),
            kind,
            captured_at: report.dump.captured_at.clone(),
            process: inventory.process.clone(),
            live_bytes: Some(report.heap.strong.bytes),
            live_objects: Some(report.heap.strong.objects),
            complete: report.dump.complete,
            live_only: None,
            max_bytes: report.heap.max_bytes,
        },
        main_class: report.jvm.main_class.clone(),
        release: report.jvm.version.as_deref().and_then(growth::release),
        layout: layout.map(|it| {
            [
                it.reference_bytes,
                it.object_header_bytes,
                it.array_header_bytes,
                it.alignment,
            ]
        }),
        inventory,
        kept: listed(report).filter_map(kept_by).collect(),
        largest_only,
    }
}

/// The suspects of a report, and the largest holders where it has none.
fn listed(report: &Report) -> impl Iterator<Item = &Suspect> {
    report.suspects.iter().chain(&report.largest_holders)
}

/// What a suspect of a saved report keeps most of.
fn kept_by(suspect: &Suspect) -> Option<Kept> {
    let (holder, content) = (&suspect.holder, &suspect.content);
    let field = holder.field.as_deref();
    Kept::by(&holder.class, field, &content.class, content.objects)
}

/// The bound that a report of the first schema version tells of a suspect.
fn bound(suspect: &Suspect) -> Option<Bound> {
    let pattern = suspect.pattern.as_ref()?;
    let known = pattern.measured.zip(pattern.bound);
    let (measured, most) = known.filter(|_| pattern.assessment == Assessment::ByDesign)?;
    Some(Bound {
        measured,
        most,
        fits: false,
    })
}

fn owner(suspect: &Suspect) -> Owner {
    let holder = &suspect.holder;
    Owner {
        kind: holder.kind,
        class: growth::names::normal(&holder.class),
        field: holder.field.clone(),
        name: holder
            .thread
            .clone()
            .filter(|_| holder.kind == HolderKind::Thread),
        bytes: suspect.retained_bytes,
        targets: holder.count,
        instances: holder.count,
        contents: vec![Contents {
            class: growth::names::normal(&suspect.content.class),
            objects: suspect.content.objects,
            bytes: suspect.content.retained_bytes,
        }],
        bound: bound(suspect),
        ..Owner::default()
    }
}

/// What a report of schema version 1 has: its suspects and its largest classes.
fn of_first_schema(report: &Report) -> Inventory {
    let owners: Vec<Owner> = listed(report).map(owner).collect();
    let smallest = owners.iter().map(|owner| owner.bytes).min();
    let mut classes: BTreeMap<String, ClassAmount> = BTreeMap::new();
    for row in &report.classes {
        let class = growth::names::normal(&row.class);
        let known = classes.entry(class.clone()).or_insert(ClassAmount {
            class,
            ..ClassAmount::default()
        });
        known.objects += row.objects;
        known.bytes = known.bytes.saturating_add(row.shallow_bytes);
    }
    let least = classes.values().map(|row| row.bytes).min();
    Inventory {
        owners_floor_bytes: report
            .verdict
            .suspect_floor_bytes
            .or(smallest)
            .unwrap_or(u64::MAX),
        classes_floor_bytes: least.unwrap_or(u64::MAX),
        classes: classes.into_values().collect(),
        owners,
        ..Inventory::default()
    }
}

/// Compares a saved `report` with `earlier` inputs, oldest first; fills its section `growth`. Where what grew, or did not, decides, the
/// verdict is that.
pub fn compare(report: &mut Report, kind: InputKind, earlier: &[Input], limits: &Thresholds) {
    let last = input(report, kind);
    compare_input(report, &last, earlier, limits);
}

/// As [`compare`], where `report` is of the input `last`, which knows more of itself than the report does: a histogram's.
pub fn compare_input(report: &mut Report, last: &Input, earlier: &[Input], limits: &Thresholds) {
    if earlier.is_empty() {
        return;
    }
    let mut inputs = earlier.to_vec();
    inputs.push(last.clone());
    let growth = growth::compare(&inputs);
    let facts = facts_of(report, measured(&growth));
    report.growth = Some(growth);
    let decision = decision::decide(&facts, &Observed::default(), &[], limits);
    let suspected = report.verdict.heap == HeapVerdict::Suspected;
    let decides = match decision.rule {
        "grew" => true,
        // Whatever suspects it rests on more than the comparison knows.
        "heap_did_not_grow" => !suspected,
        _ => false,
    };
    if decides {
        let verdict = &mut report.verdict;
        verdict.heap = decision.heap;
        verdict.confidence = decision.confidence;
        verdict.headline = decision.headline;
        verdict.reasons = decision.reasons;
        verdict.next_steps = decision.next_steps;
    }
}

/// What a saved report says of its heap, as far as the rules about growth look at it.
fn facts_of(report: &Report, growth: MeasuredGrowth) -> HeapFacts {
    let heap = &report.heap;
    let source = heap.max_bytes_source.clone().unwrap_or_default();
    let holder = |suspect: &Suspect| Holder {
        name: match &suspect.holder.field {
            Some(field) => format!("{}.{field}", suspect.holder.class),
            None => suspect.holder.class.clone(),
        },
        content: format!(
            "{} × {}",
            thousands(suspect.content.objects),
            suspect.content.class
        ),
        retained_bytes: suspect.retained_bytes,
        application_owned: true,
        ..Holder::default()
    };
    HeapFacts {
        strong_bytes: heap.strong.bytes,
        soft_bytes: heap.soft.bytes,
        weak_bytes: heap.weak.bytes,
        final_bytes: heap.r#final.bytes,
        phantom_bytes: heap.phantom.bytes,
        complete: report.dump.complete,
        has_roots: heap.gc_roots > 0,
        max_heap: heap.max_bytes.map(|bytes| Sourced { bytes, source }),
        suspects: report.suspects.iter().map(holder).collect(),
        dump: super::verdict::plain_file_name(&report.dump.file_name),
        growth: Some(growth),
        ..HeapFacts::default()
    }
}

/// A report of a class histogram alone: how many objects of which class, and nothing of who keeps them.
pub fn of_histogram(input: &Input) -> Report {
    let mut report = Report::default();
    report.dump.file_name.clone_from(&input.facts.file);
    report.dump.complete = input.facts.complete;
    report.heap.strong.bytes = input.facts.live_bytes.unwrap_or(0);
    report.heap.strong.objects = input.facts.live_objects.unwrap_or(0);
    report.jvm.version.clone_from(&input.release);
    report.verdict.headline =
        "INCONCLUSIVE: a class histogram names classes, not who keeps them".into();
    report
        .verdict
        .next_steps
        .push("Take a dump: `jcmd PID GC.heap_dump later.hprof`, and name it last".into());
    report.inventory = Some(input.inventory.clone());
    report
}

/// What the decision needs of `growth`.
pub fn measured(growth: &Growth) -> MeasuredGrowth {
    let holder = |row: &growth::HolderCourse| {
        let known = row.objects.iter().rev().copied().flatten().next();
        Some(HolderGrowth {
            name: row.holder.title(),
            content: format!("{} × {}", thousands(known.unwrap_or(0)), row.content.class),
            retained_bytes: of_judged(growth, &row.retained_bytes),
            grew_bytes: row.grew_bytes.unwrap_or(0),
            by_class: row.by_class,
            intervals_grown: row.intervals_grown,
            grew_last: row.course?.is_growing(),
            at_bound: row.at_bound,
            threads: row.holder.kind == HolderKind::Thread,
            course: row.course?,
        })
    };
    MeasuredGrowth {
        files: files(growth),
        live_bytes: growth.live_bytes.clone(),
        grew_bytes: growth.grew_bytes.unwrap_or(0),
        grew_last_bytes: growth.interval_bytes.last().copied().flatten(),
        outside: growth.observed_grew_bytes,
        seconds: growth.seconds,
        intervals: growth.intervals(),
        same_as_histograms: growth.same_as_histograms(),
        same_as_last_histogram: growth.same_as_last_histogram(),
        other_process: growth.across.is_some(),
        holders: growth.holders.iter().filter_map(holder).collect(),
    }
}

/// `bytes` at each time up to the last of the judged inputs: another process after it has sizes of its own.
fn of_judged(growth: &Growth, bytes: &[Option<u64>]) -> Vec<Option<u64>> {
    let last = growth.judged.last().map(|&last| last as usize);
    let until = last.map_or(bytes.len(), |last| bytes.len().min(last + 1));
    bytes[..until].to_vec()
}

/// The files that were compared, where a shell takes all their names as they are.
fn files(growth: &Growth) -> Vec<String> {
    let file = |&number: &u32| growth.inputs.get(number as usize);
    let inputs = growth.judged.iter().filter_map(file);
    let names: Option<Vec<String>> = inputs
        .map(|input| super::verdict::plain_file_name(&input.file))
        .collect();
    names
        .filter(|names| names.len() <= MOST_FILES)
        .unwrap_or_default()
}
