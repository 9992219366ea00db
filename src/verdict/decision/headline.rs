//! The first line of the report: the outcome with the numbers it rests on.

use super::HeapVerdict;
use super::candidates::TOGETHER;
use super::case::Case;
use super::holders::of_its_bound;
use super::measured;
use super::ran_out::RanOutOf;
use crate::sentence;
use crate::sentence::{Change, Count, Sentence, Size};
use crate::verdict::budget::{Budget, range};
use crate::verdict::clean_name;
use crate::verdict::facts::{ClassMass, Holder, HolderGrowth, OutOfMemory, OutOfMemoryKind, Range};
use crate::verdict::ledger::Entry;

/// Threads from which on their number is reported.
const MANY_THREADS: u64 = 500;

/// The headline, e.g. `Java heap RULED OUT: 42 MiB live of 1,024 MiB maximum; largest holder 1.2 MiB (com.acme.Catalog.ITEMS);
/// BatchSpanProcessor 400 B; container fluent-bit grew 812 MiB`.
pub(super) fn headline(case: &Case, heap: HeapVerdict, rule: &str) -> Sentence {
    let title = match heap {
        HeapVerdict::Suspected => "Java heap SUSPECTED",
        HeapVerdict::RuledOut => "Java heap RULED OUT",
        HeapVerdict::Inconclusive => "Java heap INCONCLUSIVE",
    };
    let mut parts: Vec<Sentence> = Vec::new();
    if rule == "damaged" {
        parts.push(if case.heap.has_roots {
            "the dump is damaged or cut off".into()
        } else {
            "the dump has no GC roots".into()
        });
    }
    parts.extend(case.budget.as_ref().and_then(cannot_fit));
    parts.extend(out_of_memory(case));
    let accused = accused(case, heap, rule);
    parts.extend(accused.iter().cloned());
    parts.push(live(case));
    if rule == "heap_did_not_grow" {
        parts.extend(measured::stayed(case));
    }
    if is_across(case, heap) {
        parts.push("the inputs are of different processes, so growth is not judged".into());
    } else if accused.is_empty() && case.heap.has_roots {
        parts.extend(largest_holder(case));
        parts.extend(by_design(case));
    }
    parts.extend(native(case));
    parts.extend(threads(case));
    parts.extend(executors(case));
    parts.extend(case.class_mass().map(mass_of));
    parts.extend(growth(case));
    if heap == HeapVerdict::RuledOut {
        let others = others(case);
        // What the settings allow the JVM is not what is told of others.
        parts.extend(sizing(case).filter(|_| others.is_empty()));
        parts.extend(others);
    }
    parts.extend(ran_out_before(case));
    sentence!("{}: {}", title, Sentence::joined(parts, "; "))
}

/// The holders that the outcome is about, each in words.
fn accused(case: &Case, heap: HeapVerdict, rule: &str) -> Vec<Sentence> {
    let each = |holders: &[&Holder]| {
        let accused = holders.iter().take(3).map(|holder| accuse(case, holder));
        accused.collect::<Vec<_>>()
    };
    match rule {
        "grew" => all_that_grew(case),
        "out_of_memory" | "heap_nearly_full" if !case.owners.is_empty() => each(&case.owners),
        "fits_growth" => each(&case.fit.suspected()),
        "unbounded" => each(&case.unbounded().into_iter().collect::<Vec<_>>()),
        _ if heap == HeapVerdict::RuledOut => Vec::new(),
        // Who is large in one process may be as large in every one.
        _ if is_across(case, heap) => Vec::new(),
        _ if !case.fit.fitting.is_empty() => each(&case.fit.fitting),
        _ => {
            let worth = case
                .holder
                .filter(|holder| holder.retained_bytes > case.negligible());
            each(&worth.into_iter().collect::<Vec<_>>())
        }
    }
}

/// Whether earlier inputs were given, of other processes, and nothing else decides.
fn is_across(case: &Case, heap: HeapVerdict) -> bool {
    let growth = case.heap.growth.as_ref();
    let other = growth.is_some_and(|growth| growth.other_process && growth.intervals == 0);
    other && heap == HeapVerdict::Inconclusive && case.growth.is_none()
}

/// The first owners that grew, and how many more did.
fn all_that_grew(case: &Case) -> Vec<Sentence> {
    let named = case.grown.iter().take(TOGETHER);
    let mut grown: Vec<Sentence> = named.map(|holder| measured::grew(holder)).collect();
    let more = case.grown.len().saturating_sub(TOGETHER) as u64;
    if more > 0 {
        grown.push(sentence!("{} more grew", Count(more)));
    }
    grown
}

fn live(case: &Case) -> Sentence {
    let at_least = if case.trustworthy() { "" } else { "at least " };
    let live = Size(case.live);
    let mut text = match &case.max {
        Some(max) => sentence!("{}{} live of {} maximum", at_least, live, max.describe()),
        None => sentence!("{}{} live, maximum unknown", at_least, live),
    };
    let hidden = &case.heap.hidden;
    if hidden.bytes > case.live / 10 && hidden.bytes > case.negligible() {
        text.push(sentence!(
            ", {} of it held by what the dump does not show",
            Size(hidden.bytes)
        ));
        if let Some((by, _)) = hidden.by.first() {
            text.push(sentence!(" ({})", by));
        }
        // Where the JVM ran out of metaspace, they are reported before; where they are most of the classes, behind.
        if let Some(mass) = &case.heap.class_mass
            && !case.ran_out_of_metaspace()
            && case.class_mass().is_none()
        {
            text.push(sentence!(", {}", mass_of(mass)));
        }
    }
    text
}

/// Heap and native memory together are more than the container may have.
pub(super) fn cannot_fit(budget: &Budget) -> Option<Sentence> {
    let (limit, _) = budget.exceeded()?;
    let (low, high) = budget.native();
    let mut text = sentence!(
        "cannot fit: heap may grow to {} + about {} native > limit {}",
        Size(budget.max.low),
        range(low, high),
        Size(limit)
    );
    if let Some(max) = budget.fitting_max() {
        text.push(sentence!("; -Xmx up to about {}m fits", Count(max >> 20)));
    }
    Some(text)
}

fn out_of_memory(case: &Case) -> Option<Sentence> {
    let oom = case.heap.out_of_memory.as_ref()?;
    let thread = clean_name(&oom.thread);
    Some(match case.ran_out? {
        RanOutOf::HeapSpace => sentence!("OutOfMemoryError in thread `{}`", thread),
        RanOutOf::Metaspace => sentence!("ran out of metaspace{}", masses(case)),
        // Code that links a class looks like code that makes an array.
        RanOutOf::ProbablyMetaspace if oom.what == OutOfMemoryKind::HeapSpace => sentence!(
            "probably ran out of metaspace, unless a single allocation was too large{}",
            masses(case)
        ),
        RanOutOf::ProbablyMetaspace => sentence!("probably ran out of metaspace{}", masses(case)),
        RanOutOf::OneAllocation => sentence!(
            "OutOfMemoryError in thread `{}` for one allocation{}",
            thread,
            at(oom)
        ),
        RanOutOf::Native => sentence!("OutOfMemoryError in thread `{}` for native memory", thread),
    })
}

fn at(oom: &OutOfMemory) -> Sentence {
    match &oom.frame {
        Some(frame) => sentence!(" in `{}`", clean_name(frame)),
        None => " that was too large".into(),
    }
}

fn masses(case: &Case) -> Sentence {
    let mass = case.heap.class_mass.as_ref();
    mass.map_or_else(Sentence::default, |mass| sentence!(": {}", mass_of(mass)))
}

/// `1,967 loaders of Meta$L, held by Meta.LOADED`.
pub(super) fn mass_of(mass: &ClassMass) -> Sentence {
    let mut text = sentence!("{} {}", Count(mass.count), &mass.what);
    if let Some(holder) = &mass.held_by {
        text.push(sentence!(", held by `{}`", clean_name(holder)));
    }
    text
}

fn accuse(case: &Case, holder: &Holder) -> Sentence {
    let mut text = sentence!(
        "`{}` {} {}",
        clean_name(&holder.name),
        if holder.threads > 1 {
            "retain"
        } else {
            "retains"
        },
        Size(holder.retained_bytes)
    );
    let of = match (case.growth_to_explain(), case.reference()) {
        (Some(growth), _) => Some((growth, "of the growth")),
        (None, Some(max)) if case.max.as_ref().is_some_and(Range::is_exact) => {
            Some((max, "of the maximum heap"))
        }
        _ => None,
    };
    // More than the growth cannot be a share of it.
    match of.filter(|(whole, _)| *whole > 0) {
        Some((whole, what)) if whole >= holder.retained_bytes => text.push(sentence!(
            " ({} {})",
            percent(holder.retained_bytes, whole),
            what
        )),
        Some((growth, "of the growth")) => {
            text.push(sentence!(" (more than the growth of {})", Size(growth)));
        }
        _ => {}
    }
    if !holder.content.is_empty() {
        text.push(sentence!(", {}", clean_name(&holder.content)));
    }
    text.push(of_its_bound(holder));
    text.push(freed_alone(holder));
    text
}

pub(super) fn largest_holder(case: &Case) -> Option<Sentence> {
    let of_application = case.holder;
    let holders = case.heap.suspects.iter().chain(&case.heap.largest_holder);
    let largest = of_application.or_else(|| holders.max_by_key(|h| h.retained_bytes))?;
    if did_not_grow(case, largest) {
        return Some(sentence!("largest holder {}", Size(largest.retained_bytes)));
    }
    Some(sentence!(
        "largest holder {} (`{}`{})",
        Size(largest.retained_bytes),
        clean_name(&largest.name),
        freed_alone(largest)
    ))
}

/// What clearing one of the fields that hold it together frees.
fn freed_alone(holder: &Holder) -> Sentence {
    let most = holder.freed_alone.map(Size);
    most.map_or_else(Sentence::default, |most| {
        sentence!("; clearing any one frees at most {}", most)
    })
}

/// Whether earlier inputs of the same process cleared `holder`: a name in the title of a ticket accuses, whatever stands around it.
fn did_not_grow(case: &Case, holder: &Holder) -> bool {
    let grows = |row: &HolderGrowth| row.grew_last && row.name == holder.name;
    let growth = case.heap.growth.as_ref();
    growth.is_some_and(|growth| {
        let measured = growth.intervals > 0 || growth.same_as_last_histogram.is_some();
        measured && !growth.holders.iter().any(grows)
    })
}

/// What others accuse and is harmless, at most two of them.
fn by_design(case: &Case) -> Vec<Sentence> {
    case.heap
        .by_design
        .iter()
        .take(2)
        .map(|(name, bytes)| sentence!("{} {}", clean_name(name), Size(*bytes)))
        .collect()
}

/// Native memory: what grew of it, and what the program holds much of.
fn native(case: &Case) -> Vec<Sentence> {
    let mut parts = Vec::new();
    if let Some((category, growth)) = case.native_growth() {
        parts.push(sentence!(
            "native memory `{}` grew {}",
            clean_name(category),
            Change(growth)
        ));
    } else {
        parts.extend(tracked(case));
    }
    if let Some(entry) = case.large_native() {
        let mut text = sentence!("{} {}", entry.component.title(), amount(entry));
        // The largest owner is enough for a title: the reasons name them all.
        if let Some(first) = entry.owners.first() {
            let others = entry.owners.get(1).map_or("", |_| " and others");
            text.push(sentence!(" held by {}{}", first, others));
        }
        parts.push(text);
    }
    parts
}

/// The category that is most of the native memory of one summary, where it is more than usual.
pub(super) fn tracked(case: &Case) -> Option<Sentence> {
    let (category, bytes, all) = case.largest_tracked()?;
    Some(sentence!(
        "native memory `{}` {} of {}",
        clean_name(category),
        Size(bytes),
        Size(all)
    ))
}

/// Threads in masses.
pub(super) fn threads(case: &Case) -> Option<Sentence> {
    let threads = case.heap.platform_threads;
    (threads >= MANY_THREADS).then(|| {
        let group = case.heap.thread_group.as_ref();
        let group = group.filter(|(_, count)| *count >= threads / 4);
        let group = group.map_or_else(Sentence::default, |(name, count)| {
            sentence!(", {} of them `{}`", Count(*count), clean_name(name))
        });
        sentence!("{} threads{}", Count(threads), group)
    })
}

/// Executors that nobody shuts down: `1,200 executors not shut down, held by `a.Jobs.POOLS``.
pub(super) fn executors(case: &Case) -> Option<Sentence> {
    let masses = case.heap.thread_masses.iter();
    let most = masses
        .filter(|mass| mass.executors)
        .max_by_key(|mass| mass.count)?;
    let mut text = sentence!("{} executors not shut down", Count(most.count));
    if let Some(holder) = &most.held_by {
        text.push(sentence!(", held by `{}`", clean_name(holder)));
    }
    Some(text)
}

/// The size of a line of the ledger, which may be a range.
pub(super) fn amount(entry: &Entry) -> Sentence {
    match entry.low == entry.high {
        true => Change(entry.low).into(),
        false => sentence!("{} to {}", Change(entry.low), Change(entry.high)),
    }
}

fn growth(case: &Case) -> Option<Sentence> {
    if let Some((container, growth)) = case.observed.largest_other_growth()
        && u64::try_from(growth).is_ok_and(|g| g >= case.limits.growth_bytes)
        && case.growth.is_none_or(|own| growth.unsigned_abs() > own)
    {
        return Some(sentence!(
            "container `{}` grew {}",
            case.observed.label(container),
            Change(growth)
        ));
    }
    if let Some(pod) = case.pod_growth() {
        return Some(pod);
    }
    let text = match (case.growth, case.resident()) {
        (Some(growth), Some(resident)) => {
            sentence!(
                "resident memory grew {}, to {}",
                Size(growth),
                Size(resident)
            )
        }
        (Some(growth), None) => sentence!("memory grew {}", Size(growth)),
        (None, Some(resident)) => sentence!("resident {}", Size(resident)),
        (None, None) => return None,
    };
    Some(text)
}

/// Who was killed for memory, and, where nobody observed growth, who has more memory than the JVM.
fn others(case: &Case) -> Vec<Sentence> {
    let kills = &case.observed.kills;
    let mut parts = Vec::new();
    if let Some(kill) = kills.iter().find(|kill| kill.is_jvm == Some(false)) {
        let resident = kill
            .resident
            .map(|bytes| sentence!(", resident {}", Change(bytes)));
        let resident = resident.unwrap_or_default();
        parts.push(sentence!(
            "{} was killed for memory{}",
            kill.who.clone(),
            resident
        ));
    } else if let Some(limit) = kills
        .iter()
        .find(|kill| kill.is_jvm == Some(true))
        .and_then(|kill| kill.limit)
    {
        parts.push(sentence!(
            "killed for memory at a limit of {}",
            Change(limit)
        ));
    }
    parts.extend(files_in_memory(case));
    let neighbour = case.observed.neighbour.as_ref();
    let neighbour = neighbour.filter(|_| case.observed.growths.is_empty());
    parts.extend(neighbour.map(|it| sentence!("{} has {}", it.who.clone(), Change(it.bytes))));
    parts
}

/// More shared memory than any heap of this JVM, and much of what its container has.
fn files_in_memory(case: &Case) -> Option<Sentence> {
    let bytes = u64::try_from(case.observed.shared.as_ref()?.bytes).ok()?;
    let no_heap = bytes > case.max.as_ref()?.high;
    let is_much = bytes >= case.resident()? / 4;
    (no_heap && is_much).then(|| sentence!("{} are files in memory (tmpfs)", Size(bytes)))
}

/// Says so when the settings alone explain the memory: no other container grew, and the JVM may be as large as it is.
fn sizing(case: &Case) -> Option<Sentence> {
    let others = case.observed.largest_other_growth();
    let other_grew = others.is_some_and(|(_, g)| g.unsigned_abs() >= case.limits.growth_bytes);
    (case.within_sizing() && !other_grew)
        .then(|| "maximum heap + native memory allow for that: sizing, not a leak".into())
}

/// The JVM ran out of memory before: whatever the outcome, it is not hidden.
pub(super) fn ran_out_before(case: &Case) -> Option<Sentence> {
    let before = case.heap.ran_out_before.as_ref()?;
    let what = match before.messages.is_empty() {
        true => "memory".to_owned(),
        false => before.messages.join(", "),
    };
    Some(sentence!("the JVM ran out of {} before", what))
}

/// `part` of `whole` in percent, never rounded to all or nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    crate::numbers::percent(part as f64 / whole.max(1) as f64)
}
