//! The words that all formats share: how a verdict, a component, a holder, a pattern, a step of a path is called.
//!
//! Nothing here is neutralised: each format does that with the finished text or with its parts.

use super::model::{
    ApplicationScope, Basis, Confidence, Heap, HeapVerdict, Jvm, Layout, LedgerKind, Report,
    Severity, Warning,
};
use super::units::{Units, count, counted, measured};
use crate::labels;

mod details;
pub mod growth;
mod no_path;
mod suspects;

pub use details::*;
pub use no_path::*;
pub use suspects::*;

/// What a report says that was made with `--show-values`, after the words "contains values".
pub const VALUES_SHOWN: &str =
    "names and texts are shown as they are (--show-values): read before you share";

/// What kind of holder, in words: `static field`.
pub fn words(identifier: &str) -> String {
    identifier.replace('_', " ")
}

/// What was read, by what it is about; nothing of what is not known.
pub fn read(report: &Report, units: Units) -> Vec<(&'static str, Vec<String>)> {
    let mut heap = heap_facts(&report.heap, units);
    heap.extend(counts(&report.heap));
    let layout = report.jvm.layout.iter().map(layout).collect();
    let mut facts = vec![
        ("dump", dump_facts(report, units)),
        ("JVM", jvm_facts(&report.jvm)),
        ("sizes", layout),
        ("heap", heap),
    ];
    facts.retain(|(_, facts)| !facts.is_empty());
    facts
}

/// The verdict in capitals, as a headline carries it.
pub fn verdict(verdict: HeapVerdict) -> &'static str {
    match verdict {
        HeapVerdict::Suspected => "SUSPECTED",
        HeapVerdict::RuledOut => "RULED OUT",
        HeapVerdict::Inconclusive => "INCONCLUSIVE",
    }
}

/// The confidence in words.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// The severity in words.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

/// How a number of the ledger came about, in words.
pub fn ledger_kind(kind: LedgerKind) -> &'static str {
    match kind {
        LedgerKind::Measured => "measured",
        LedgerKind::Estimated => "estimated",
        LedgerKind::Given => "given",
        LedgerKind::Derived => "derived",
    }
}

/// A component of the ledger in words.
pub fn component(component: &str) -> String {
    match component {
        "java_heap_live" => "Java heap, live".to_owned(),
        "java_heap_max" => "Java heap, maximum".to_owned(),
        "java_heap_soft" => "Java heap, softly held".to_owned(),
        "java_heap_no_path" => "Java heap, no path".to_owned(),
        "nio_thread_caches" => "NIO thread caches".to_owned(),
        "netty_direct" => "Netty direct".to_owned(),
        "zlib" => "zlib streams".to_owned(),
        "resident" => "resident (RSS)".to_owned(),
        "native_tracked" => "native, tracked by the JVM".to_owned(),
        "rest_of_resident" => "garbage, free heap or native".to_owned(),
        "rest_of_maximum" => "free heap or garbage".to_owned(),
        "unexplained" => "NOT EXPLAINED".to_owned(),
        other => words(other),
    }
}

/// The title line: the headline, or when there is none what is known of the heap.
pub fn headline(report: &Report, units: Units) -> String {
    let headline = &report.verdict.headline;
    if !headline.is_empty() {
        return headline.written(units);
    }
    let live = units.bytes(report.heap.reachable_bytes());
    let of = report
        .heap
        .max_bytes
        .map(|max| format!(" of {} maximum", units.bytes(max)))
        .unwrap_or_default();
    format!(
        "Java heap {}: {live} live{of}",
        verdict(report.verdict.heap)
    )
}

/// What was read, in short facts.
pub fn dump_facts(report: &Report, units: Units) -> Vec<String> {
    let dump = &report.dump;
    let mut facts: Vec<String> = Vec::new();
    if !dump.file_name.is_empty() {
        facts.push(dump.file_name.clone());
    }
    facts.push(match (dump.compressed_bytes, &dump.compression) {
        (Some(packed), Some(how)) => format!(
            "{} ({} as {how})",
            units.bytes(dump.bytes),
            units.bytes(packed)
        ),
        _ => units.bytes(dump.bytes),
    });
    facts.extend(dump.captured_at.as_ref().map(|at| format!("captured {at}")));
    if !report.labels.is_empty() {
        facts.push(format!("labels {}", labels::line(&report.labels)));
    }
    if !dump.format.is_empty() {
        facts.push(format!(
            "{}, {}-byte ids",
            dump.format, dump.identifier_size
        ));
    }
    facts.push(if dump.complete {
        "complete".to_owned()
    } else {
        "INCOMPLETE".to_owned()
    });
    facts
}

/// What is known of the JVM, in short facts.
pub fn jvm_facts(jvm: &Jvm) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    facts.push(
        jvm.version
            .clone()
            .unwrap_or_else(|| "JVM version not recorded".to_owned()),
    );
    facts.extend(jvm.main_class.as_ref().map(|class| format!("main {class}")));
    facts.extend(jvm.pod.as_ref().map(|pod| format!("pod {pod}")));
    if !jvm.flags.is_empty() {
        facts.push(jvm.flags.join(" "));
    }
    facts
}

/// The layout with which sizes were computed.
pub fn layout(layout: &Layout) -> String {
    let Layout {
        reference_bytes,
        object_header_bytes,
        array_header_bytes,
        alignment,
        inferred_from,
    } = layout;
    format!(
        "{reference_bytes}-byte references, headers {object_header_bytes} (object) and {array_header_bytes} (array), \
         {alignment}-byte alignment; from {inferred_from}"
    )
}

/// The totals of the heap, in short facts; kinds that hold nothing are left out.
pub fn heap_facts(heap: &Heap, units: Units) -> Vec<String> {
    let mut facts = vec![format!(
        "{} strongly reachable in {}",
        units.bytes(heap.strong.bytes),
        counted(heap.strong.objects, "object")
    )];
    let kinds = [
        ("only softly held", heap.soft),
        ("only weakly held", heap.weak),
        ("held only by finalizers", heap.r#final),
        ("held only by phantom references", heap.phantom),
    ];
    for (name, amount) in kinds {
        if amount.objects > 0 {
            facts.push(format!("{} {name}", units.bytes(amount.bytes)));
        }
    }
    if heap.no_path.objects > 0 {
        facts.push(format!(
            "{} without a path from a root",
            units.bytes(heap.no_path.bytes)
        ));
    }
    facts.extend(heap.android_heaps.iter().map(|part| {
        let blame = match part.preloaded {
            true => ", loaded before the app: not counted against it",
            false => "",
        };
        let objects = counted(part.objects, "object");
        let bytes = units.bytes(part.bytes);
        format!("heap {}: {bytes} in {objects}{blame}", part.name)
    }));
    facts.push(match (heap.max_bytes, &heap.max_bytes_source) {
        (Some(max), Some(source)) => {
            format!("maximum {} ({})", units.bytes(max), source.written(units))
        }
        (Some(max), None) => format!("maximum {}", units.bytes(max)),
        (None, Some(source)) => format!("maximum not known exactly ({})", source.written(units)),
        (None, None) => "maximum not recorded".to_owned(),
    });
    facts
}

/// How much the dump holds of everything else.
pub fn counts(heap: &Heap) -> Vec<String> {
    vec![
        format!("{} (arrays included)", measured(heap.classes, "classes")),
        counted(heap.class_loaders, "class loader"),
        counted(heap.threads, "thread"),
        counted(heap.gc_roots, "GC root"),
    ]
}

/// The program that made a report, with the options that it had and the version of its JSON.
pub fn tool(report: &Report) -> String {
    let (tool, schema) = (&report.tool, report.schema_version);
    let options = tool.options.iter();
    let options = options.map(|(name, value)| format!(" {name}={value}"));
    let options: String = options.collect();
    format!("{} {}{options}, schema {schema}", tool.name, tool.version)
}

/// A warning with where and how often.
pub fn warning(warning: &Warning, units: Units) -> String {
    let message = warning.message.written(units);
    let mut text = message.trim_end_matches('.').to_owned();
    let offset = warning.offset.map(|at| format!("at byte {}", count(at)));
    let times = warning
        .count
        .filter(|&n| n > 1)
        .map(|n| format!("{} times", count(n)));
    let facts: Vec<String> = offset.into_iter().chain(times).collect();
    if !facts.is_empty() {
        text.push_str(&format!(" ({})", facts.join(", ")));
    }
    text
}

/// Which classes count as the application's: `12 classes in com.acme, by where they were loaded from`.
pub fn application(scope: &ApplicationScope) -> String {
    let packages = scope.packages.iter().map(|package| match package.as_str() {
        "" => "the unnamed package",
        package => package,
    });
    let packages: Vec<&str> = packages.collect();
    let why = match scope.decided_by {
        Basis::Option => "--application says so",
        Basis::CodeSource => "by the places that they were loaded from",
        Basis::MainClass => {
            "the package of the main class: the dump does not say where classes were loaded from"
        }
        Basis::Names => "by their names alone: the dump has neither places nor a main class",
    };
    format!(
        "{} in {}; {why}",
        measured(scope.classes, "classes"),
        packages.join(", ")
    )
}
