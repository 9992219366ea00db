//! From a finished [`Snapshot`] to a [`Report`]: one file for each section.
//!
//! The topmost layer of the library: it alone sees heap, suspects, verdict and report together.

mod build;
mod by_class;
mod class_families;
mod class_loaders;
mod details;
mod evidence;
pub mod explore;
mod file;
pub mod growth;
mod inventory;
mod native;
mod no_path;
pub(crate) mod overview;
mod patterns;
mod references;
mod shown;
mod soft_holders;
mod stopped_loaders;
mod suspects;
mod tables;
mod thread_locals;
mod threads;
mod tree;
mod verdict;
mod waste;

use std::collections::BTreeMap;

use self::verdict::Decided;
use crate::growth::{Growth, Input, Inventory, Taken};
use crate::heap::{Compat, Instances, Observer, Snapshot};
use crate::labels::Labels;
use crate::phase::Phase;
use crate::report::model::{ClassRow, Cleared, DominatorRow, DominatorTree};
use crate::report::{Parts, Report};
use crate::suspects::{Application, Hints, Options as SuspectOptions, Owners, Suspects, find};
use crate::verdict::decision::{Decision, Thresholds};
use crate::verdict::evidence::{Evidence, SourceFile};
use crate::verdict::facts::HeapFacts;
use crate::verdict::heap_facts::{self, Read};
use details::Details;
pub use evidence::add_evidence;
pub use file::FileFacts;
pub use tables::loader_label;

/// What changes the content of a report.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows of each table.
    pub top: usize,
    /// Suspects that are listed at most; how many there are does not change the verdict.
    pub suspects: usize,
    /// Whether to look for waste.
    pub waste: bool,
    /// Evidence from outside the dump, in the order of time.
    pub evidence: Vec<Evidence>,
    /// The files that it was read from, and those that say nothing; without their facts.
    pub evidence_files: Vec<SourceFile>,
    /// The JVM's container, if named.
    pub container: Option<String>,
    /// Packages and classes of the application; empty: they are found.
    pub application: Vec<String>,
    /// Earlier inputs to compare with, oldest first.
    pub earlier: Vec<Input>,
    /// Parts of the report that are found out; what no format writes need not be.
    pub parts: Parts,
    /// Where the decision changes.
    pub thresholds: Thresholds,
    /// Labels of the report, as they were given.
    pub labels: Labels,
    /// Further options that change the content, by name, as the report lists them.
    pub further: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            top: 20,
            suspects: 5,
            waste: false,
            evidence: Vec::new(),
            evidence_files: Vec::new(),
            container: None,
            application: Vec::new(),
            earlier: Vec::new(),
            parts: Parts::All,
            thresholds: Thresholds::default(),
            labels: Labels::new(),
            further: BTreeMap::new(),
        }
    }
}

/// A report and the decision behind it.
pub struct Analysis {
    /// The report.
    pub report: Report,
    /// The decision, for `--fail-on`.
    pub decision: Decision,
    /// What it was decided from.
    pub facts: HeapFacts,
}

/// Builds the report of `snapshot`. `observer` sees each phase begin.
pub fn analyze(
    snapshot: &Snapshot<'_>,
    file: &FileFacts,
    options: &Options,
    observer: &dyn Observer,
) -> Analysis {
    let findings = findings(snapshot, file, options, observer);
    Analysis {
        report: build::report(&findings),
        decision: findings.decided.decision,
        facts: findings.decided.facts,
    }
}

/// Everything that was found out about a dump, before any of it is written.
struct Findings<'f, 'd> {
    snapshot: &'f Snapshot<'d>,
    file: &'f FileFacts,
    options: &'f Options,
    /// What the heap says of its JVM, and native memory.
    read: Read,
    /// Which classes are the application's.
    owners: Owners<'f, 'd>,
    classes: Vec<ClassRow>,
    dominators: Vec<DominatorRow>,
    tree: DominatorTree,
    suspects: Suspects,
    details: Details,
    cleared: Vec<Cleared>,
    /// What a later comparison needs, where it is asked for.
    inventory: Option<Inventory>,
    growth: Option<Growth>,
    decided: Decided,
}

/// Finds it. `observer` sees each phase begin.
fn findings<'f, 'd>(
    snapshot: &'f Snapshot<'d>,
    file: &'f FileFacts,
    options: &'f Options,
    observer: &dyn Observer,
) -> Findings<'f, 'd> {
    observer.phase(Phase::Facts, 0);
    let wanted = patterns::wanted().chain(details::WANTED.iter().copied());
    let instances = Instances::of(snapshot, wanted, &heap_facts::wanted(snapshot));
    let read = heap_facts::read_all(snapshot, &instances);
    observer.phase(Phase::Classes, 0);
    let class_retained = snapshot.retained_by_class();
    let classes = tables::classes(snapshot, &class_retained, options.top);
    observer.phase(Phase::TopmostObjects, 0);
    let dominators = tables::dominators(snapshot, options.top);
    snapshot.release_all();
    let hints = Hints {
        main_class: read.jvm.main_class.as_deref(),
        prefixes: &options.application,
    };
    observer.phase(Phase::Suspects, 0);
    let application = Application::new(snapshot, hints);
    let owners = Owners::new(snapshot, class_retained, application, instances);
    let max_heap = read.facts.max_heap.as_ref().map(|max| max.bytes);
    let Searched {
        tree,
        mut taken,
        mut suspects,
        details,
    } = search(snapshot, &owners, &read, options);
    snapshot.release_all();
    observer.phase(Phase::Patterns, 0);
    let mut harmless = patterns::apply(&owners, &mut suspects, max_heap, read.jvm.numbers_zeroed);
    let growth = taken.as_mut().and_then(|taken| {
        inventory::note_holdings(snapshot, taken, &suspects);
        let inventory = &mut taken.inventory;
        inventory::note_bounds(inventory, &owners, &harmless.bounds);
        let current = growth::Current {
            snapshot,
            file,
            read: &read,
            inventory,
            kept: growth::kept(&suspects),
        };
        growth::compared(current, &options.earlier)
    });
    observer.phase(Phase::Verdict, 0);
    let cleared = std::mem::take(&mut harmless.rows);
    let facts = decisive_facts(snapshot, file, &read, harmless, growth.as_ref());
    let host = read.jvm.host.as_deref();
    let decided = verdict::decide(
        snapshot,
        facts,
        &suspects,
        &details.no_path,
        (options, host),
    );
    Findings {
        snapshot,
        file,
        options,
        read,
        owners,
        classes,
        dominators,
        tree,
        suspects,
        details,
        cleared,
        inventory: taken.map(|taken| taken.inventory),
        growth,
        decided,
    }
}

/// What is looked for side by side.
struct Searched {
    tree: DominatorTree,
    taken: Option<Taken>,
    suspects: Suspects,
    details: Details,
}

/// Looks for it. None needs another one, and all have stretches that only one core can work on.
fn search(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    read: &Read,
    options: &Options,
) -> Searched {
    let tree = || match options.parts {
        Parts::Text => DominatorTree::default(),
        Parts::Tree | Parts::All => tree::tree(snapshot),
    };
    let is_compared = options.parts == Parts::All || !options.earlier.is_empty();
    let taken = || {
        is_compared.then(|| {
            let observed = growth::observed(options, &options.evidence);
            growth::inventory(snapshot, read, owners.application(), observed)
        })
    };
    let max_heap = read.facts.max_heap.as_ref().map(|max| max.bytes);
    let suspects = || suspects_of(snapshot, owners, max_heap);
    let details = || details::find(snapshot, owners, &read.jvm, options);
    let ((tree, taken), (suspects, details)) = rayon::join(
        || rayon::join(tree, taken),
        || rayon::join(suspects, details),
    );
    Searched {
        tree,
        taken,
        suspects,
        details,
    }
}

fn suspects_of<'d>(
    snapshot: &Snapshot<'d>,
    owners: &Owners<'_, 'd>,
    max_heap: Option<u64>,
) -> Suspects {
    let options = SuspectOptions {
        max_heap,
        ..SuspectOptions::default()
    };
    let found = find(snapshot, owners, options);
    snapshot.release_all();
    found
}

/// What the decision is made from: the facts of the heap, with what patterns and a comparison add to them.
fn decisive_facts(
    snapshot: &Snapshot<'_>,
    file: &FileFacts,
    read: &Read,
    harmless: patterns::Harmless,
    growth: Option<&Growth>,
) -> HeapFacts {
    let max_heap = read.facts.max_heap.as_ref().map(|max| max.bytes);
    HeapFacts {
        complete: overview::is_complete(snapshot, file),
        growth: growth.map(growth::measured),
        by_design: harmless.by_design,
        thread_masses: harmless.thread_masses,
        cleared: verdict::cleared(harmless.filled, max_heap),
        dump: verdict::plain_file_name(&file.name),
        host: read.jvm.host.clone(),
        ..read.facts.clone()
    }
}

fn option_map(snapshot: &Snapshot<'_>, options: &Options) -> BTreeMap<String, String> {
    let mut map = options.further.clone();
    if snapshot.compat() == Compat::Mat {
        map.insert("compat".to_owned(), "mat".to_owned());
    }
    let defaults = Options::default();
    if options.top != defaults.top {
        // All rows are asked for with 0.
        let rows = if options.top == usize::MAX {
            0
        } else {
            options.top
        };
        map.insert("top".to_owned(), rows.to_string());
    }
    if options.suspects != defaults.suspects {
        map.insert("suspects".to_owned(), options.suspects.to_string());
    }
    if options.waste {
        map.insert("waste".to_owned(), "true".to_owned());
    }
    if !options.application.is_empty() {
        map.insert("application".to_owned(), options.application.join(" "));
    }
    if let Some(container) = &options.container {
        map.insert("container".to_owned(), container.clone());
    }
    map
}
