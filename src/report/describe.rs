//! The words that all formats share: how a holder, a content, a pattern, a step of a path is called.
//!
//! Nothing here is neutralised: each format does that with the finished text or with its parts.

use super::model::{
    Assessment, Cleared, Confidence, Content, Heap, HeapVerdict, Holder, Jvm, Layout, LedgerKind,
    PathStep, PatternMatch, Report, Severity, Suspect, Warning,
};
use super::units::{Units, count, counted, percent};

mod details;

pub use details::*;

/// What a report says that was made with `--show-values`, after the words "contains values".
pub const VALUES_SHOWN: &str =
    "names and texts are shown as they are (--show-values): read before you share";

/// Who holds, as a developer would look for it: `com.acme.UserCache.CACHE`, `thread http-worker-*`.
pub fn holder(holder: &Holder) -> String {
    let place = match (&holder.field, holder.class.is_empty()) {
        (Some(field), false) => format!("{}.{field}", holder.class),
        (Some(field), true) => field.clone(),
        (None, _) => holder.class.clone(),
    };
    let thread = holder.thread.as_deref();
    let name = match (holder.kind.as_str(), thread) {
        ("thread", Some(name)) => match &holder.frame {
            Some(frame) => format!("thread {name} in {frame}"),
            // The work of a thread, or a thread class of somebody's own.
            None if !holder.class.starts_with("java.lang.") => format!("thread {name}, {place}"),
            None => format!("thread {name}"),
        },
        ("thread", None) => match &holder.frame {
            Some(frame) => format!("threads without a name in {frame}"),
            None => format!("thread {place}"),
        },
        ("thread_local", Some(name)) => format!("ThreadLocal {place} of {name}"),
        ("thread_local", None) => format!("ThreadLocal {place}"),
        ("class_loader", _) => format!(
            "class loader {}",
            holder.loader.as_deref().unwrap_or(&place)
        ),
        ("jni_global", _) => format!("JNI global {place}"),
        _ => match &holder.via {
            Some(via) => format!("{place}, in {via}"),
            None => place,
        },
    };
    if holder.count > 1 {
        format!("{name} ({} of them)", count(holder.count))
    } else {
        name
    }
}

/// What kind of holder, in words: `static field`.
pub fn words(identifier: &str) -> String {
    identifier.replace('_', " ")
}

/// What is kept: `150,000 x com.acme.UserProfile`.
pub fn content(content: &Content, times: &str) -> String {
    format!("{} {times} {}", count(content.objects), content.class)
}

/// The collection around a content, with its numbers: `in java.util.HashMap: 150,000 entries, capacity 262,144`.
pub fn collection(content: &Content) -> Option<String> {
    let c = content.collection.as_ref()?;
    let mut text = format!("in {}: {}", c.class, entries(c.entries));
    if let Some(capacity) = c.capacity {
        text.push_str(&format!(", capacity {}", count(capacity)));
    }
    match (&c.key_class, &c.value_class) {
        (Some(key), Some(value)) if *value == content.class => {
            text.push_str(&format!(", keys {key}"))
        }
        (None, Some(value)) if *value == content.class => {}
        (Some(key), Some(value)) => text.push_str(&format!(", {key} -> {value}")),
        (_, Some(class)) | (Some(class), _) => text.push_str(&format!(", of {class}")),
        (None, None) => {}
    }
    Some(text)
}

/// Fields that hold the same: `com.acme.Catalog.RECENT; that alone would free 1.37 MiB`. Threads only happen to work on it.
pub fn also_held(suspect: &Suspect, units: Units) -> Option<String> {
    let fields = suspect.shared_with.iter();
    let mut fields = fields.filter(|other| !other.title.starts_with("thread "));
    let first = fields.next()?;
    let alone = units.bytes(first.retained_bytes);
    let more = match fields.count() as u64 {
        0 => String::new(),
        n => format!(" and {} more", count(n)),
    };
    Some(format!(
        "{}{more}; that alone would free {alone}",
        first.title
    ))
}

fn entries(number: u64) -> String {
    if number == 1 {
        "1 entry".to_owned()
    } else {
        format!("{} entries", count(number))
    }
}

/// Shares of a suspect, each with its base: `71.3% of reachable, 12.3% of max heap`.
pub fn shares(suspect: &Suspect) -> String {
    let mut text = format!("{} of reachable", percent(suspect.share_of_reachable));
    if let Some(share) = suspect.share_of_max_heap {
        text.push_str(&format!(", {} of max heap", percent(share)));
    }
    text
}

/// What a pattern measured against its bound: `300,000 tasks, no bound`.
pub fn measure(
    measured: Option<u64>,
    bound: Option<u64>,
    unit: &str,
    assessment: Assessment,
    units: Units,
) -> String {
    let number = |n: u64| {
        if unit == "bytes" {
            units.bytes(n)
        } else {
            format!("{} {unit}", count(n))
        }
    };
    let mut parts = Vec::new();
    parts.extend(measured.map(number));
    match (bound, assessment) {
        (Some(bound), _) => parts.push(format!("bound {}", number(bound))),
        (None, Assessment::Unbounded) => parts.push("no bound".to_owned()),
        (None, _) => {}
    }
    match assessment {
        Assessment::ByDesign => parts.push("by design".to_owned()),
        Assessment::AboveBound => parts.push("ABOVE its bound".to_owned()),
        Assessment::Unbounded | Assessment::Unknown => {}
    }
    parts.join(", ")
}

/// A pattern on one line: title, measure.
pub fn pattern(pattern: &PatternMatch, units: Units) -> String {
    let measure = measure(
        pattern.measured,
        pattern.bound,
        &pattern.unit,
        pattern.assessment,
        units,
    );
    if measure.is_empty() {
        pattern.title.clone()
    } else {
        format!("{}: {measure}", pattern.title)
    }
}

/// A cleared component after its title.
pub fn cleared(cleared: &Cleared, units: Units) -> String {
    if !cleared.text.is_empty() {
        return cleared.text.clone();
    }
    let mut parts: Vec<String> = cleared
        .retained_bytes
        .map(|b| units.bytes(b))
        .into_iter()
        .collect();
    let assessment = Assessment::ByDesign;
    parts.push(measure(
        cleared.measured,
        cleared.bound,
        &cleared.unit,
        assessment,
        units,
    ));
    parts.join(", ")
}

/// How a step is held and what it is: `.CACHE java.util.HashMap`.
pub fn step(step: &PathStep) -> String {
    let mut text = match &step.reference {
        Some(reference) if reference.starts_with('[') || reference.contains(' ') => {
            format!("{reference} ")
        }
        Some(reference) => format!(".{reference} "),
        None => String::new(),
    };
    text.push_str(&step.class);
    if let Some(times) = step.times.filter(|&t| t > 1) {
        text.push_str(&format!(" ({} times)", count(times)));
    }
    text
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
        "rest_of_maximum" => "heap without live objects".to_owned(),
        "unexplained" => "NOT EXPLAINED".to_owned(),
        other => words(other),
    }
}

/// The title line: the headline, or when there is none what is known of the heap.
pub fn headline(report: &Report, units: Units) -> String {
    let verdict_text = report.verdict.headline.trim();
    if !verdict_text.is_empty() {
        return verdict_text.to_owned();
    }
    let live = units.bytes(report.heap.strong.bytes);
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
        "{} reachable in {}",
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
            true => ", there before the app: not blamed",
            false => "",
        };
        let objects = counted(part.objects, "object");
        let bytes = units.bytes(part.bytes);
        format!("heap {}: {bytes} in {objects}{blame}", part.name)
    }));
    facts.push(match (heap.max_bytes, &heap.max_bytes_source) {
        (Some(max), Some(source)) => format!("maximum {} ({source})", units.bytes(max)),
        (Some(max), None) => format!("maximum {}", units.bytes(max)),
        (None, Some(source)) => format!("maximum not known exactly ({source})"),
        (None, None) => "maximum not recorded".to_owned(),
    });
    facts
}

/// How much the dump holds of everything else.
pub fn counts(heap: &Heap) -> Vec<String> {
    vec![
        if heap.classes == 1 {
            "1 class".to_owned()
        } else {
            format!("{} classes", count(heap.classes))
        },
        counted(heap.class_loaders, "class loader"),
        counted(heap.threads, "thread"),
        counted(heap.gc_roots, "GC root"),
    ]
}

/// A warning with where and how often.
pub fn warning(warning: &Warning) -> String {
    let mut text = warning.message.trim_end_matches('.').to_owned();
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
