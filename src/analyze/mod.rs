//! From a finished [`Snapshot`] to a [`Report`]: one file for each section.
//!
//! The topmost layer of the library: it alone sees heap, suspects, verdict and report together.

mod class_families;
mod class_loaders;
mod details;
pub mod explore;
mod instances;
mod native;
mod no_path;
pub mod overview;
mod patterns;
mod references;
mod sentences;
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

use crate::heap::{Compat, Observer, Snapshot};
use crate::report::Report;
use crate::suspects::{Options as SuspectOptions, Owners, find};
use crate::verdict::decision::{Decision, Thresholds};
use crate::verdict::evidence::Evidence;
use crate::verdict::facts::HeapFacts;
use crate::verdict::heap_facts;

/// What changes the content of a report.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows of each table.
    pub top: usize,
    /// Suspects that are listed at most; how many there are does not change the verdict.
    pub suspects: usize,
    /// Whether to look for waste.
    pub waste: bool,
    /// What was measured outside.
    pub evidence: Vec<Evidence>,
    /// The JVM's container, if named.
    pub container: Option<String>,
    /// Where the decision changes.
    pub thresholds: Thresholds,
    /// Further options that change the content, by name, as the report tells them.
    pub told: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            top: 20,
            suspects: 5,
            waste: false,
            evidence: Vec::new(),
            container: None,
            thresholds: Thresholds::default(),
            told: BTreeMap::new(),
        }
    }
}

/// The file, as far as the report tells of it.
#[derive(Clone, Debug, Default)]
pub struct FileFacts {
    /// Name without folder.
    pub name: String,
    /// Bytes of the dump, unpacked.
    pub bytes: u64,
    /// Bytes on disk where it is compressed.
    pub compressed_bytes: Option<u64>,
    /// The container it was in.
    pub compression: Option<String>,
    /// What opening it found: (code, message, offset, count, is damage).
    pub warnings: Vec<crate::report::model::Warning>,
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

/// Builds the report of `snapshot`; tells `observer` what it is at.
pub fn analyze(
    snapshot: &Snapshot<'_>,
    file: &FileFacts,
    options: &Options,
    observer: &dyn Observer,
) -> Analysis {
    observer.phase("facts", 0);
    let mut report = Report::default();
    report.tool.options = option_map(snapshot, options);
    report.tool.values_shown = snapshot.values_shown();
    report.dump = overview::dump(snapshot, file);
    report.jvm = overview::jvm(snapshot);
    report.heap = overview::heap(snapshot);
    report.warnings = overview::warnings(snapshot, file);
    let mut read = heap_facts::read_all(snapshot);
    native::jvm(&read, &mut report);
    native::warn(snapshot, &read, &mut report);
    if let Some(max) = &read.facts.max_heap {
        report.heap.max_bytes = Some(max.bytes);
        report.heap.max_bytes_source = Some(max.source.clone());
    } else if let Some(range) = &read.facts.max_heap_range {
        report.heap.max_bytes_source = Some(range.source.clone());
    }
    observer.phase("classes", 0);
    let class_retained = snapshot.retained_by_class();
    report.classes = tables::classes(snapshot, &class_retained, options.top);
    observer.phase("topmost objects", 0);
    report.dominators = tables::dominators(snapshot, options.top);
    report.dominator_tree = tree::tree(snapshot);
    snapshot.release_all();
    observer.phase("suspects", 0);
    let owners = Owners::new(snapshot, class_retained);
    let suspect_options = SuspectOptions {
        max_heap: report.heap.max_bytes,
        ..SuspectOptions::default()
    };
    // Neither needs the other, and both have stretches that only one core can work on.
    let (mut found, ()) = rayon::join(
        || {
            let found = find(snapshot, &owners, suspect_options);
            snapshot.release_all();
            found
        },
        || details::fill(snapshot, &owners, &read.jvm, &mut report, options),
    );
    snapshot.release_all();
    observer.phase("patterns", 0);
    let harmless = patterns::apply(snapshot, &mut found, &mut report);
    verdict::acknowledge(&harmless, &mut read.facts);
    report.suspects = suspects::rows(snapshot, &found, &report.heap, options.suspects);
    report.more_suspects = (found.list.len() - report.suspects.len()) as u64;
    references::note_at_suspects(&found, &mut report);
    stopped_loaders::note_at_suspects(snapshot, &found, &mut report);
    native::of_suspects(snapshot, &read, &found, &mut report);
    snapshot.release_all();
    observer.phase("verdict", 0);
    let (decision, facts) = verdict::decide(snapshot, read.facts, &found, &mut report, options);
    sentences::settle(&mut report);
    suspects::acquit(&mut report);
    Analysis {
        report,
        decision,
        facts,
    }
}

fn option_map(snapshot: &Snapshot<'_>, options: &Options) -> BTreeMap<String, String> {
    let mut map = options.told.clone();
    if snapshot.compat() == Compat::Mat {
        map.insert("compat".to_owned(), "mat".to_owned());
    }
    let defaults = Options::default();
    if options.top != defaults.top {
        map.insert("top".to_owned(), options.top.to_string());
    }
    if options.suspects != defaults.suspects {
        map.insert("suspects".to_owned(), options.suspects.to_string());
    }
    if options.waste {
        map.insert("waste".to_owned(), "true".to_owned());
    }
    if let Some(container) = &options.container {
        map.insert("container".to_owned(), container.clone());
    }
    map
}
