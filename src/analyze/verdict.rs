//! The ledger and the decision as sections of the report.

use super::Options;
use super::no_path;
use super::threads::is_virtual;
use crate::heap::{Class, Snapshot};
use crate::report::model::{LedgerEntry, NoPath, Verdict};
use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::suspects::patterns::{are_usual_threads, is_plain};
use crate::suspects::{Content, HolderKind, Suspect, Suspects, naming};
use crate::verdict::decision::{self, Decision};
use crate::verdict::facts::{Assessment, Filled, HeapFacts, Holder};
use crate::verdict::ledger;
use crate::verdict::observed::{Known, Observed};
use crate::verdict::size::thousands;

/// The decision, and what it was made from.
pub struct Decided {
    /// What the heap says.
    pub facts: HeapFacts,
    /// Evidence from outside the dump.
    pub observed: Observed,
    /// The memory of the process.
    pub ledger: Vec<ledger::Entry>,
    /// The decision.
    pub decision: Decision,
}

/// Decides; `pod` is the dump's own pod or host.
pub fn decide(
    snapshot: &Snapshot<'_>,
    read: HeapFacts,
    found: &Suspects,
    no_path: &NoPath,
    (options, pod): (&Options, Option<&str>),
) -> Decided {
    let facts = facts(snapshot, read, found, no_path);
    let known = Known {
        container: options.container.as_deref(),
        pod,
        live_bytes: facts.live_bytes(),
    };
    let observed = Observed::of(&options.evidence, &known);
    let ledger = ledger::ledger(&facts, &observed);
    let decision = decision::decide(&facts, &observed, &ledger, &options.thresholds);
    Decided {
        facts,
        observed,
        ledger,
        decision,
    }
}

/// The section `verdict` of the report.
pub fn section(decided: &Decided, found: &Suspects) -> Verdict {
    let decision = &decided.decision;
    Verdict {
        heap: decision.heap,
        confidence: decision.confidence,
        headline: decision.headline.clone(),
        reasons: decision.reasons.clone(),
        next_steps: decision.next_steps.clone(),
        judged_against: judged_against(&decided.facts, &decided.observed),
        suspect_floor_bytes: Some(floor(found)),
    }
}

/// Nothing below so many bytes is listed.
fn floor(found: &Suspects) -> u64 {
    let listed = found.list.iter().map(|suspect| suspect.retained_bytes);
    listed.min().unwrap_or(u64::MAX).min(found.floor)
}

/// What the heap says, with the suspects and what hangs on references that are not recorded.
fn facts(
    snapshot: &Snapshot<'_>,
    facts: HeapFacts,
    found: &Suspects,
    no_path: &NoPath,
) -> HeapFacts {
    let holder = |suspect: &Suspect| holder(snapshot, suspect);
    let hidden = no_path::hidden(snapshot, no_path, facts.no_path_bytes);
    HeapFacts {
        no_path_bytes: facts.no_path_bytes.saturating_sub(hidden.bytes),
        live_only: no_path::is_live_only(snapshot),
        hidden,
        suspects: found.list.iter().take(JUDGED).map(holder).collect(),
        largest_holder: found.largest.as_ref().map(holder),
        ..facts
    }
}

/// Components within their bound: they may be what grew. What would take much of a heap of at most `max` bytes when it is full is not
/// cleared by its bound.
pub fn cleared(components: Vec<(String, u64, Filled)>, max: Option<u64>) -> Vec<Holder> {
    let most = max.map_or(u64::MAX, |max| max / super::patterns::FITS);
    let holder = |(name, bytes, filled): (String, u64, Filled)| {
        let when_full = match filled.is_full {
            true => bytes,
            false => filled.when_full?,
        };
        let large = when_full > most;
        Some(Holder {
            name,
            retained_bytes: bytes,
            application_owned: true,
            assessment: match large {
                true => Assessment::Unknown,
                false => Assessment::ByDesign,
            },
            filled: Some(filled),
            ..Holder::default()
        })
    };
    components.into_iter().filter_map(holder).collect()
}

/// `name` where a shell takes it as it is.
pub fn plain_file_name(name: &str) -> Option<String> {
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
        name: suspect.together(&title(snapshot, suspect, &kind)),
        threads,
        content: content(&suspect.content),
        retained_bytes: suspect.retained_bytes,
        freed_alone: suspect.freed_alone(snapshot),
        application_owned: is_accusable(suspect),
        jdk: !suspect.holder.is_application(),
        assessment: super::patterns::assessment(suspect),
        filled: super::patterns::filled(suspect),
        may_grow: may_grow(suspect),
        many: suspect.content.objects >= MANY,
    }
}

/// The holder of `suspect`; a field of a thread's own class, or of what the thread runs, before the `threads` that have it.
fn title(snapshot: &Snapshot<'_>, suspect: &Suspect, threads: &str) -> String {
    let holder = &suspect.holder;
    let title = holder.title_with(threads);
    let (HolderKind::Thread, Some(field), false) = (holder.kind, &holder.field, holder.by_stack)
    else {
        return title;
    };
    let classes = snapshot.classes();
    let declares = |class: &Class| {
        let mut fields = class.dump.fields.iter();
        naming::is_owner(&class.name)
            && fields.any(|declared| snapshot.name(declared.name_id) == *field)
    };
    let mut named = classes.named(&holder.class);
    match named.any(|class| classes.chain(class).any(declares)) {
        true => format!("{}.{field} in {title}", naming::stable(&holder.class)),
        false => title,
    }
}

/// What is held, with another class of which there is as much; nothing for a collection of nothing.
fn content(content: &Content) -> String {
    if content.objects == 0 {
        return String::new();
    }
    let objects = format!("{} × {}", thousands(content.objects), content.class);
    match &content.beside {
        Some((class, number)) => format!("{objects} and {} × {class}", thousands(*number)),
        None => objects,
    }
}

/// Suspects that the verdict is about: what comes behind so many does not decide, however many are listed.
const JUDGED: usize = 5;

/// Entries of a collection, or objects of one kind, that are more than what a program is put together of.
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

/// Whether code of the application or a library can be accused: it holds, or it gave the JDK's part what that holds (shutdown hooks, tasks in
/// a pool's queue), or that part is known to be misused.
fn is_accusable(suspect: &Suspect) -> bool {
    suspect.holder.is_application()
        || naming::is_owner(&suspect.content.class)
        || matches!(
            super::patterns::assessment(suspect),
            Assessment::Unbounded | Assessment::AboveBound
        )
}

fn judged_against(facts: &HeapFacts, observed: &Observed) -> Option<Sentence> {
    let size = |bytes: i64| Size(bytes.unsigned_abs());
    if let Some(growth) = &observed.growth {
        let change = match growth.bytes < 0 {
            true => "memory that shrank by",
            false => "growth of",
        };
        return Some(sentence!(
            "{} {} ({})",
            change,
            size(growth.bytes),
            &growth.source
        ));
    }
    if let Some(resident) = &observed.resident {
        return Some(sentence!(
            "resident memory of {} ({})",
            size(resident.bytes),
            &resident.source
        ));
    }
    let max = observed.max_heap_of(facts)?;
    Some(sentence!("maximum heap of {}", max.describe()))
}

/// A line of the ledger as a row of the report.
pub fn entry(entry: &ledger::Entry) -> LedgerEntry {
    LedgerEntry {
        component: entry.component.as_str().to_owned(),
        bytes: entry.bytes,
        low: Some(entry.low),
        high: Some(entry.high),
        kind: entry.kind,
        source: entry.source.clone(),
        note: entry.owner(),
    }
}
