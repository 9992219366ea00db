//! The words for threads, class loaders, references and what is inside a suspect.

use super::super::model::{
    ClassLoaderRow, Content, HeapVerdict, ReferenceHolder, ReferenceKind, ReferenceStrength,
    References, Report, SelfReference, Severity, Suspect, ThreadLocalField, ThreadLocalVariable,
    ThreadLocals, ThreadRow, WasteFinding,
};
use super::super::units::{Units, count, counted};

/// Sizes of the elements of a content: `each 352 B to 1.20 KiB, median 400 B`.
pub fn element_sizes(content: &Content, units: Units) -> Option<String> {
    let sizes = content.element_sizes?;
    let [min, max, median] = [sizes.min, sizes.max, sizes.median].map(|bytes| units.bytes(bytes));
    Some(format!("each {min} to {max}, median {median}"))
}

/// What goes with a suspect: `24,001 objects; the holder itself is 48 B`.
pub fn frees(suspect: &Suspect, units: Units) -> String {
    let own = units.bytes(suspect.shallow_bytes);
    let objects = counted(suspect.retained_objects, "object");
    format!("{objects}; the holder itself is {own}")
}

/// What is known of a thread besides its name and size.
pub fn thread_facts(thread: &ThreadRow) -> Vec<String> {
    let mut facts = Vec::new();
    if thread.count > 1 {
        facts.push(format!("{} threads", count(thread.count)));
    }
    facts.extend(thread_state(thread));
    let loader = thread.context_class_loader.as_ref();
    facts.extend(loader.map(|loader| format!("context loader {loader}")));
    if thread.threw_out_of_memory {
        facts.push("THREW OutOfMemoryError".to_owned());
    }
    facts
}

/// What a thread is and does.
pub fn thread_state(thread: &ThreadRow) -> Vec<String> {
    let mut facts = Vec::new();
    let stacks = thread.other_stacks;
    facts.extend(stacks.map(|stacks| counted(stacks, "other stack")));
    facts.push(thread.kind.as_str().to_owned());
    facts.extend(thread.state.clone());
    facts.extend(thread.daemon.filter(|&d| d).map(|_| "daemon".to_owned()));
    facts.retain(|fact| !fact.is_empty());
    facts
}

/// The local variable that holds most: `1.20 MiB java.util.ArrayList at 0x7851e9c00 in com.acme.Job.run(Job.java:42)`.
pub fn local(local: &ThreadLocalVariable, units: Units) -> String {
    let size = units.bytes(local.retained_bytes);
    let frame = local.frame.as_deref().unwrap_or("?");
    format!("{size} {} at {} in {frame}", local.class, local.object_id)
}

/// The ThreadLocal values of a thread; `None` when it has none.
pub fn thread_locals(locals: Option<ThreadLocals>, units: Units) -> Option<String> {
    let locals = locals.filter(|locals| locals.entries > 0)?;
    Some(format!(
        "{}, {} with a collected key, {}",
        counted(locals.entries, "ThreadLocal value"),
        count(locals.stale),
        units.bytes(locals.retained_bytes)
    ))
}

/// What is known of the values of one ThreadLocal besides field, size and threads.
pub fn thread_local_field(row: &ThreadLocalField) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(
        row.value_class
            .iter()
            .map(|class| format!("mostly {class}")),
    );
    if row.stale > 0 {
        facts.push(format!("{} with a collected key", count(row.stale)));
    }
    facts
}

/// What is known of a class loader besides its name and numbers.
pub fn loader_facts(row: &ClassLoaderRow) -> Vec<String> {
    let mut facts = Vec::new();
    if row.count > 1 {
        facts.push(format!("{} of them", count(row.count)));
    }
    facts.extend(row.parent.iter().map(|parent| format!("parent {parent}")));
    facts.extend(stopped_loader(row));
    facts
}

/// That a loader was stopped, and what keeps it alive.
pub fn stopped_loader(row: &ClassLoaderRow) -> Option<String> {
    let by = row.pinned_by.as_deref().unwrap_or("?");
    (row.stopped == Some(true)).then(|| format!("STOPPED, pinned by {by}"))
}

/// What references of one kind reach: `12 soft references; only they reach 64.0 KiB in 200 objects`.
pub fn reference_kind(kind: &ReferenceKind, units: Units) -> String {
    format!(
        "{}; only they reach {} in {}",
        counted(
            kind.references,
            &format!("{} reference", kind.kind.as_str())
        ),
        units.bytes(kind.only.bytes),
        counted(kind.only.objects, "object")
    )
}

/// Who keeps references of a kind, after that name: `200 soft references, 38.2 MiB`.
pub fn reference_holder(row: &ReferenceHolder, kind: ReferenceStrength, units: Units) -> String {
    let about = if row.estimated { "about " } else { "" };
    let number = counted(row.references, &format!("{} reference", kind.as_str()));
    format!("{about}{number}, {about}{}", units.bytes(row.bytes))
}

/// Queues of references: finalizers, cleaners.
pub fn reference_queues(references: &References) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(queue) = references.finalizer_queue {
        let frame = references.finalizer_blocked_in.as_ref();
        let blocked = frame.map(|frame| format!(", blocked in {frame}"));
        let objects = counted(queue, "object");
        let blocked = blocked.unwrap_or_default();
        lines.push(format!("{objects} in the finalizer queue{blocked}"));
    }
    if let Some(pending) = references.cleaners_pending {
        lines.push(format!("{} pending", counted(pending, "cleaner")));
    }
    lines
}

/// Values that keep their own keys, after the name of who holds the map.
pub fn self_reference(own: &SelfReference, units: Units) -> String {
    let (number, size) = (own.count, units.bytes(own.retained_bytes));
    match number {
        1 => format!(
            "the value of 1 entry holds its own key ({}), {size}",
            own.class
        ),
        _ => format!(
            "values of {} entries hold their own key ({}), {size}",
            count(number),
            own.class
        ),
    }
}

/// A finding of waste without its size and examples.
pub fn waste(finding: &WasteFinding, units: Units) -> String {
    let objects = counted(finding.objects, "object");
    let title = finding.title.written(units);
    format!("{title}: {objects}{}", holders_of_waste(finding))
}

/// Who holds the objects of a finding: `, 62 % in A.b, 20 % in C.d`.
pub fn holders_of_waste(finding: &WasteFinding) -> String {
    let share = |share: f64| (share * 100.0).round() as u64;
    let listed = finding
        .holders
        .iter()
        .filter(|owner| share(owner.share) > 0);
    let listed = listed.map(|owner| format!(", {} % in {}", share(owner.share), owner.title));
    let listed: String = listed.collect();
    match (&finding.holder, listed.is_empty()) {
        (Some(holder), true) => format!(", most in {holder}"),
        _ => listed,
    }
}

/// Whether the holders in the list are suspects. They are not where the heap is ruled out and none of them is large.
pub fn are_suspected(verdict: HeapVerdict, holders: &[Suspect]) -> bool {
    let small = holders.iter().all(|s| s.severity == Severity::Info);
    verdict != HeapVerdict::RuledOut || !small
}

/// How many suspects are not listed, and how to see them: `3` and `--suspects 8`.
pub fn more_suspects(report: &Report) -> Option<(u64, String)> {
    let listed = (report.suspects.len() + report.largest_holders.len()) as u64;
    let more = report.more_suspects;
    let all = listed.saturating_add(more);
    (more > 0).then(|| (more, format!("--suspects {all}")))
}

/// What the list of suspects is called.
pub fn title_of_suspects(report: &Report) -> &'static str {
    match are_suspected(report.verdict.heap, &report.suspects) || report.suspects.is_empty() {
        true => "Suspects",
        false => "Largest holders, none suspected",
    }
}
