//! What a dump has for comparisons, and the comparison with earlier inputs.

use std::collections::BTreeMap;

use super::{FileFacts, Options, overview};
use crate::graph::Strength;
use crate::growth::{
    self, ClassAmount, Contents, Growth, GrowthInput, Input, InputKind, Inventory, Owner,
};
use crate::heap::{ObjectIndex, Observer, Snapshot};
use crate::phase::Phase;
use crate::report::Report;
use crate::report::model::{Assessment, Suspect};
use crate::suspects::{Application, Hints, Owners};
use crate::verdict::evidence::Evidence;
use crate::verdict::facts::{HolderGrowth, MeasuredGrowth};
use crate::verdict::heap_facts::{self, Read};
use crate::verdict::ledger::{Component, Kind};
use crate::verdict::observed::Observed;
use crate::verdict::size::thousands;

/// The inventory of `snapshot`, of which `read` was read.
pub fn inventory(snapshot: &Snapshot<'_>, read: &Read, application: &Application) -> Inventory {
    let direct = read
        .facts
        .off_heap
        .iter()
        .find(|part| part.component == Component::DirectMemory && part.kind == Kind::Measured);
    let direct = direct.map(|part| part.low);
    growth::take(snapshot, application, read.native.objects(), direct)
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
    /// What was measured outside at the same time, and how many bytes that was.
    pub observed: Option<(String, u64)>,
}

/// The resident memory that `evidence` tells.
pub fn observed(evidence: &[Evidence], container: Option<&str>) -> Option<(String, u64)> {
    let resident = Observed::new(evidence, container).resident?;
    Some((
        "resident memory".to_owned(),
        u64::try_from(resident.bytes).ok()?,
    ))
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
                live_only: None,
                max_bytes: self.read.facts.max_heap.as_ref().map(|max| max.bytes),
            },
            main_class: self.read.jvm.main_class.clone(),
            layout: Some(numbers.map(|number| number as u32)),
            inventory: self.inventory.clone(),
            observed: self.observed.clone(),
            ..Input::default()
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
    let read = heap_facts::read_all(snapshot);
    let hints = Hints {
        main_class: read.jvm.main_class.as_deref(),
        prefixes: &options.application,
    };
    let application = Application::new(snapshot, hints);
    observer.phase(Phase::Inventory, 0);
    let inventory = &inventory(snapshot, &read, &application);
    let read = &read;
    Current {
        snapshot,
        file,
        read,
        inventory,
        observed: observed(evidence, options.container.as_deref()),
    }
    .input()
}

/// The comparison of `current` with `earlier` inputs, oldest first; `None` without any. What holds the objects `full` is at a bound.
pub fn compared(
    current: Current<'_, '_>,
    owners: &Owners<'_, '_>,
    full: &[ObjectIndex],
    earlier: &[Input],
) -> Option<Growth> {
    if earlier.is_empty() {
        return None;
    }
    let signature = |&object: &ObjectIndex| {
        let (holder, _) = owners.find(object);
        let owner = Owner {
            kind: holder.kind.as_str().to_owned(),
            class: growth::names::normal(&holder.class),
            field: holder.field,
            ..Owner::default()
        };
        owner.signature()
    };
    let mut inputs = earlier.to_vec();
    inputs.push(Input {
        at_bound: full.iter().map(signature).collect(),
        ..current.input()
    });
    Some(growth::compare(&inputs))
}

/// `report` as an input of a comparison.
pub fn input(report: &Report, kind: InputKind) -> Input {
    let layout = report.jvm.layout.as_ref();
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
        layout: layout.map(|it| {
            [
                it.reference_bytes,
                it.object_header_bytes,
                it.array_header_bytes,
                it.alignment,
            ]
        }),
        at_bound: at_bound(report),
        inventory,
        observed: None,
    }
}

/// Signatures of holders that are at a bound of theirs.
fn at_bound(report: &Report) -> Vec<String> {
    let listed = report.suspects.iter().chain(&report.largest_holders);
    let full = |suspect: &&Suspect| {
        suspect.pattern.as_ref().is_some_and(|pattern| {
            let full = pattern.measured.zip(pattern.bound);
            let full =
                full.is_some_and(|(now, most)| now.saturating_mul(10) >= most.saturating_mul(9));
            pattern.assessment == Assessment::ByDesign && full
        })
    };
    listed
        .filter(full)
        .map(|suspect| owner(suspect).signature())
        .collect()
}

fn owner(suspect: &Suspect) -> Owner {
    let holder = &suspect.holder;
    Owner {
        kind: holder.kind.clone(),
        class: growth::names::normal(&holder.class),
        field: holder.field.clone(),
        name: holder.thread.clone().filter(|_| holder.kind == "thread"),
        bytes: suspect.retained_bytes,
        targets: holder.count,
        instances: holder.count,
        contents: vec![Contents {
            class: growth::names::normal(&suspect.content.class),
            objects: suspect.content.objects,
            bytes: suspect.content.retained_bytes,
        }],
        ..Owner::default()
    }
}

/// What a report of schema version 1 has: its suspects and its largest classes.
fn of_first_schema(report: &Report) -> Inventory {
    let listed = report.suspects.iter().chain(&report.largest_holders);
    let owners: Vec<Owner> = listed.map(owner).collect();
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

/// Compares a saved `report` with `earlier` inputs, oldest first; fills its section `growth`.
pub fn compare(report: &mut Report, kind: InputKind, earlier: &[Input]) {
    if earlier.is_empty() {
        return;
    }
    let mut inputs = earlier.to_vec();
    inputs.push(input(report, kind));
    report.growth = Some(growth::compare(&inputs));
}

/// As [`compare`], where `report` is of the histogram `last`, which knows more of itself than the report does.
pub fn compare_histogram(report: &mut Report, last: &Input, earlier: &[Input]) {
    let mut inputs = earlier.to_vec();
    inputs.push(last.clone());
    report.growth = Some(growth::compare(&inputs));
}

/// A report of a class histogram alone: how many objects of which class, and nothing of who keeps them.
pub fn of_histogram(input: &Input) -> Report {
    let mut report = Report::default();
    report.dump.file_name.clone_from(&input.facts.file);
    report.dump.complete = input.facts.complete;
    report.heap.strong.bytes = input.facts.live_bytes.unwrap_or(0);
    report.heap.strong.objects = input.facts.live_objects.unwrap_or(0);
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
            content: format!("{} x {}", thousands(known.unwrap_or(0)), row.content.class),
            retained_bytes: row.retained_bytes.clone(),
            grew_bytes: row.grew_bytes.unwrap_or(0),
            intervals_grown: row.intervals_grown,
            grew_last: row.course?.is_growing(),
            at_bound: row.at_bound,
            course: row.course?,
        })
    };
    // Histograms know no holders: between them nothing is said of any.
    let judged = growth.judged.iter();
    let inputs = judged.filter_map(|&i| growth.inputs.get(i as usize));
    let with_holders = inputs
        .filter(|input| input.kind != InputKind::Histogram)
        .count();
    MeasuredGrowth {
        live_bytes: growth.live_bytes.clone(),
        grew_bytes: growth.grew_bytes.unwrap_or(0),
        intervals: with_holders.saturating_sub(1) as u32,
        holders: growth.holders.iter().filter_map(holder).collect(),
    }
}
