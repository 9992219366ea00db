//! The first line of the report: the outcome with the numbers it rests on.

use super::HeapVerdict;
use super::case::Case;
use crate::sentence;
use crate::sentence::{Change, Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::facts::{Holder, Range};
use crate::verdict::ledger::Entry;

/// The headline, e.g. `Java heap RULED OUT: 42 MiB live of 1,024 MiB maximum; largest holder 1.2 MiB; BatchSpanProcessor 400 B; container
/// fluent-bit grew 812 MiB`.
pub(super) fn headline(case: &Case, heap: HeapVerdict, rule: &str) -> Sentence {
    let title = match heap {
        HeapVerdict::Suspected => "Java heap SUSPECTED",
        HeapVerdict::RuledOut => "Java heap RULED OUT",
        HeapVerdict::Inconclusive => "Java heap INCONCLUSIVE",
    };
    let mut parts: Vec<Sentence> = Vec::new();
    if rule == "damaged" {
        parts.push(if case.heap.has_roots {
            Sentence::from("the dump is damaged or cut off")
        } else {
            Sentence::from("the dump has no GC roots")
        });
    }
    if rule == "out_of_memory" {
        parts.push(out_of_memory(case));
    }
    let accused = case
        .culprit()
        .filter(|_| heap == HeapVerdict::Suspected || rule == "dominated");
    parts.extend(accused.map(|h| accuse(case, h)));
    parts.push(live(case));
    if accused.is_none() && case.heap.has_roots {
        parts.extend(largest_holder(case));
        parts.extend(by_design(case));
    }
    parts.extend(native(case));
    parts.extend(growth(case));
    if heap == HeapVerdict::RuledOut {
        parts.extend(sizing(case));
    }
    sentence!("{}: {}", title, Sentence::joined(parts, "; "))
}

fn live(case: &Case) -> Sentence {
    let at_least = if case.trustworthy() { "" } else { "at least " };
    let live = Size(case.live);
    match &case.max {
        Some(max) => sentence!("{}{} live of {} maximum", at_least, live, max.told()),
        None => sentence!("{}{} live, maximum unknown", at_least, live),
    }
}

fn out_of_memory(case: &Case) -> Sentence {
    match &case.heap.out_of_memory {
        Some(oom) => {
            let mut text = sentence!("OutOfMemoryError in thread `{}`", clean_name(&oom.thread));
            if let (true, None, Some(frame)) =
                (case.was_one_allocation(), case.culprit(), &oom.frame)
            {
                text.push(sentence!(" for one allocation in `{}`", clean_name(frame)));
            }
            text
        }
        None => "OutOfMemoryError".into(),
    }
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
    if let Some((whole, what)) =
        of.filter(|(whole, _)| *whole >= holder.retained_bytes && *whole > 0)
    {
        text.push(sentence!(
            " ({} {})",
            percent(holder.retained_bytes, whole),
            what
        ));
    }
    if !holder.content.is_empty() {
        text.push(sentence!(", {}", clean_name(&holder.content)));
    }
    text
}

fn largest_holder(case: &Case) -> Option<Sentence> {
    let holders = case.heap.suspects.iter().chain(&case.heap.largest_holder);
    let largest = holders.map(|h| h.retained_bytes).max()?;
    Some(sentence!("largest holder {}", Size(largest)))
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

fn native(case: &Case) -> Option<Sentence> {
    let entry = case.large_native()?;
    let mut text = sentence!("{} {}", entry.component.title(), amount(entry));
    // The largest owner is enough for a title: the reasons name them all.
    if let Some(first) = entry.owners.first() {
        let others = entry.owners.get(1).map_or("", |_| " and others");
        text.push(sentence!(" held by {}{}", first, others));
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
    let text = match (case.growth, case.resident()) {
        (Some(growth), Some(resident)) => {
            sentence!(
                "resident memory grew {} to {}",
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

/// Says so when the settings alone explain the memory: no other container grew, and the JVM may be as large as it is.
fn sizing(case: &Case) -> Option<Sentence> {
    let others = case.observed.largest_other_growth();
    let other_grew = others.is_some_and(|(_, g)| g.unsigned_abs() >= case.limits.growth_bytes);
    (case.within_sizing() && !other_grew)
        .then(|| "maximum heap + native memory allow for that: sizing, not a leak".into())
}

/// `part` of `whole` in percent, never rounded to all or nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    crate::numbers::percent(part as f64 / whole.max(1) as f64)
}
