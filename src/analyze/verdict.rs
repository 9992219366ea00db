//! The ledger and the decision as sections of the report.

use super::Options;
use super::no_path;
use super::patterns::Harmless;
use super::threads::is_virtual;
use crate::heap::Snapshot;
use crate::report::model::{
    self, Confidence, HeapVerdict, LedgerEntry, LedgerKind, Report, Verdict,
};
use crate::suspects::patterns::{are_usual_threads, is_plain};
use crate::suspects::{HolderKind, Suspect, Suspects, naming};
use crate::verdict::decision::{self, Decision};
use crate::verdict::evidence::Evidence;
use crate::verdict::facts::{Assessment, HeapFacts, Holder};
use crate::verdict::ledger::{self, Kind};
use crate::verdict::observed::Observed;
use crate::verdict::size::thousands;

/// Decides, and fills the sections `verdict`, `ledger` and `evidence` of `report`.
pub fn decide(
    snapshot: &Snapshot<'_>,
    read: HeapFacts,
    found: &Suspects,
    report: &mut Report,
    options: &Options,
) -> (Decision, HeapFacts) {
    let facts = facts(snapshot, read, found, report);
    let observed = Observed::new(&options.evidence, options.container.as_deref());
    let entries = ledger::ledger(&facts, &observed);
    let decision = decision::decide(&facts, &observed, &entries, &options.thresholds);
    report.ledger = entries.iter().map(entry).collect();
    report.evidence = evidence(&options.evidence, &observed);
    report.verdict = Verdict {
        heap: match decision.heap {
            decision::HeapVerdict::Suspected => HeapVerdict::Suspected,
            decision::HeapVerdict::RuledOut => HeapVerdict::RuledOut,
            decision::HeapVerdict::Inconclusive => HeapVerdict::Inconclusive,
        },
        confidence: match decision.confidence {
            decision::Confidence::High => Confidence::High,
            decision::Confidence::Medium => Confidence::Medium,
            decision::Confidence::Low => Confidence::Low,
        },
        headline: decision.headline.clone(),
        reasons: decision.reasons.clone(),
        next_steps: decision.next_steps.clone(),
        judged_against: judged_against(&facts, &observed),
        suspect_floor_bytes: Some(floor(found)),
    };
    report.exact.extend(decision.exact.clone());
    (decision, facts)
}

/// What is cleared is named where others accuse it, and may be what grew where it is not full.
pub fn acknowledge(harmless: &[Harmless], facts: &mut HeapFacts) {
    let named = harmless.iter().map(|h| (h.component.clone(), h.bytes));
    facts.by_design = named.collect();
    let most = facts
        .max_heap
        .as_ref()
        .map_or(u64::MAX, |max| max.bytes / FITS);
    let holder = |h: &Harmless| {
        let filled = h.filled.clone()?;
        let when_full = filled.when_full?;
        Some(Holder {
            name: h.component.clone(),
            retained_bytes: h.bytes,
            application_owned: true,
            // What would take much of the heap when it is full is not cleared by its bound.
            assessment: match when_full > most {
                true => Assessment::Unknown,
                false => Assessment::ByDesign,
            },
            filled: Some(filled),
            ..Holder::default()
        })
    };
    facts.cleared = harmless.iter().filter_map(holder).collect();
}

/// A component that takes more than one of so many parts of the maximum heap when it is full is not harmless by its bound.
const FITS: u64 = 4;

/// Nothing below so many bytes is listed.
fn floor(found: &Suspects) -> u64 {
    let listed = found.list.iter().map(|suspect| suspect.retained_bytes);
    listed.min().unwrap_or(u64::MAX).min(found.floor)
}

/// What the heap says besides its suspects; fills the maximum heap of `report`.
fn facts(
    snapshot: &Snapshot<'_>,
    facts: HeapFacts,
    found: &Suspects,
    report: &Report,
) -> HeapFacts {
    let holder = |suspect: &Suspect| holder(snapshot, suspect);
    let hidden = no_path::hidden(snapshot, &report.heap.no_path, facts.no_path_bytes);
    HeapFacts {
        no_path_bytes: facts.no_path_bytes.saturating_sub(hidden.bytes),
        live_only: no_path::is_live_only(snapshot),
        hidden,
        dump: plain_file_name(&report.dump.file_name),
        host: report.jvm.pod.clone(),
        complete: facts.complete && report.dump.complete,
        suspects: found.list.iter().take(JUDGED).map(holder).collect(),
        largest_holder: found.largest.as_ref().map(holder),
        ..facts
    }
}

/// `name` where a shell takes it as it is.
fn plain_file_name(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_plain = name.len() > 1 && name.len() <= 60 && !name.starts_with('-');
    (is_plain && name.chars().all(plain)).then(|| name.to_owned())
}

fn holder(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Holder {
    let holder = &suspect.holder;
    let threads = match holder.kind {
        HolderKind::Thread => suspect.holders,
        _ => 0,
    };
    let is_virtual = || {
        holder
            .object
            .is_some_and(|object| is_virtual(snapshot, object))
    };
    let kind = match threads {
        0 | 1 => "thread".to_owned(),
        _ if is_virtual() => format!("{} virtual threads", thousands(threads)),
        _ => format!("{} threads", thousands(threads)),
    };
    Holder {
        name: holder.title_with(&kind),
        threads,
        content: format!(
            "{} x {}",
            thousands(suspect.content.objects),
            suspect.content.class
        ),
        retained_bytes: suspect.retained_bytes,
        application_owned: is_accusable(suspect),
        jdk: !suspect.holder.is_application(),
        assessment: super::patterns::assessment(suspect),
        filled: super::patterns::filled(suspect),
        may_grow: may_grow(suspect),
    }
}

/// Suspects that the verdict is about: what comes behind so many does not decide, however many are listed.
const JUDGED: usize = 5;

/// Entries of a collection that are more than what a program is put together of.
const MANY: u64 = 1_000;

fn may_grow(suspect: &Suspect) -> bool {
    use crate::suspects::patterns::Assessment::{AboveBound, Unbounded};
    // Virtual ones are made to be many, and take no stack outside of the heap.
    let many_threads = suspect.holder.kind == HolderKind::Thread
        && suspect.holders > 1
        && !are_usual_threads(suspect);
    match &suspect.pattern {
        _ if many_threads => true,
        Some(finding) => matches!(finding.assessment, Unbounded | AboveBound),
        // A collection in a field that is no static one.
        None => suspect
            .collection
            .as_ref()
            .is_some_and(|a| a.entries >= MANY && a.table.is_none() && is_plain(&a.class)),
    }
}

/// Whether somebody's own code is to blame: it holds, or what the JDK's part holds is somebody's own (shutdown hooks, tasks in a
/// pool's queue), or that part is known to be misused.
fn is_accusable(suspect: &Suspect) -> bool {
    suspect.holder.is_application()
        || naming::is_owner(&suspect.content.class)
        || matches!(
            super::patterns::assessment(suspect),
            Assessment::Unbounded | Assessment::AboveBound
        )
}

fn judged_against(facts: &HeapFacts, observed: &Observed) -> Option<String> {
    let human = |bytes: i64| crate::verdict::sentence::Size(bytes.unsigned_abs()).to_string();
    if let Some(growth) = &observed.growth {
        return Some(format!(
            "growth of {} ({})",
            human(growth.bytes),
            growth.source
        ));
    }
    if let Some(resident) = &observed.resident {
        return Some(format!(
            "resident memory of {} ({})",
            human(resident.bytes),
            resident.source
        ));
    }
    let max = observed.max_heap_of(facts)?;
    Some(format!("maximum heap of {}", max.told()))
}

fn entry(entry: &ledger::Entry) -> LedgerEntry {
    LedgerEntry {
        component: entry.component.as_str().to_owned(),
        bytes: entry.bytes,
        low: Some(entry.low),
        high: Some(entry.high),
        kind: match entry.kind {
            Kind::Measured => LedgerKind::Measured,
            Kind::Estimated => LedgerKind::Estimated,
            Kind::Given => LedgerKind::Given,
            Kind::Derived => LedgerKind::Derived,
        },
        source: entry.source.clone(),
        note: entry.owner.clone(),
    }
}

fn evidence(evidence: &[Evidence], observed: &Observed) -> Vec<model::Evidence> {
    let mut rows: Vec<model::Evidence> = Vec::new();
    for fact in evidence {
        let known = rows
            .iter_mut()
            .find(|row| row.source == fact.source.file && row.kind == fact.source.format);
        match known {
            Some(_) => {}
            None => rows.push(model::Evidence {
                source: fact.source.file.clone(),
                kind: fact.source.format.to_owned(),
                text: String::new(),
                contradiction: None,
            }),
        }
    }
    for row in &mut rows {
        let facts = evidence
            .iter()
            .filter(|fact| fact.source.file == row.source && fact.source.format == row.kind)
            .count();
        row.text = format!("{facts} measurements");
    }
    for contradiction in &observed.contradictions {
        rows.push(model::Evidence {
            source: "all".to_owned(),
            kind: "contradiction".to_owned(),
            text: String::new(),
            contradiction: Some(contradiction.clone()),
        });
    }
    rows
}
