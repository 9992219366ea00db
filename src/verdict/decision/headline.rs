//! The first line of the report: the outcome with the numbers it rests on.

use super::HeapVerdict;
use super::case::Case;
use crate::verdict::clean_name;
use crate::verdict::facts::{Holder, Range};
use crate::verdict::ledger::{Entry, human};
use crate::verdict::sentence::Size;

/// The headline, e.g. `Java heap RULED OUT: 42 MiB live of 1,024 MiB maximum; largest holder 1.2 MiB; BatchSpanProcessor 400 B; container
/// fluent-bit grew 812 MiB`.
pub(super) fn headline(case: &Case, heap: HeapVerdict, rule: &str) -> String {
    let title = match heap {
        HeapVerdict::Suspected => "Java heap SUSPECTED",
        HeapVerdict::RuledOut => "Java heap RULED OUT",
        HeapVerdict::Inconclusive => "Java heap INCONCLUSIVE",
    };
    let mut parts = Vec::new();
    if rule == "damaged" {
        parts.push(if case.heap.has_roots {
            "the dump is damaged or cut off".to_owned()
        } else {
            "the dump has no GC roots".to_owned()
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
    format!("{title}: {}", parts.join("; "))
}

fn live(case: &Case) -> String {
    let at_least = if case.trustworthy() { "" } else { "at least " };
    let live = Size(case.live);
    match &case.max {
        Some(max) => format!("{at_least}{live} live of {} maximum", max.told()),
        None => format!("{at_least}{live} live, maximum unknown"),
    }
}

fn out_of_memory(case: &Case) -> String {
    match &case.heap.out_of_memory {
        Some(oom) => {
            let mut text = format!("OutOfMemoryError in thread `{}`", clean_name(&oom.thread));
            if let (true, None, Some(frame)) =
                (case.was_one_allocation(), case.culprit(), &oom.frame)
            {
                text.push_str(&format!(" for one allocation in `{}`", clean_name(frame)));
            }
            text
        }
        None => "OutOfMemoryError".to_owned(),
    }
}

fn accuse(case: &Case, holder: &Holder) -> String {
    let mut text = format!(
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
        text.push_str(&format!(
            " ({} {what})",
            percent(holder.retained_bytes, whole)
        ));
    }
    if !holder.content.is_empty() {
        text.push_str(&format!(", {}", clean_name(&holder.content)));
    }
    text
}

fn largest_holder(case: &Case) -> Option<String> {
    let holders = case.heap.suspects.iter().chain(&case.heap.largest_holder);
    let largest = holders.map(|h| h.retained_bytes).max()?;
    Some(format!("largest holder {}", Size(largest)))
}

/// What others accuse and is harmless, at most two of them.
fn by_design(case: &Case) -> Vec<String> {
    case.heap
        .by_design
        .iter()
        .take(2)
        .map(|(name, bytes)| format!("{} {}", clean_name(name), Size(*bytes)))
        .collect()
}

fn native(case: &Case) -> Option<String> {
    let entry = case.large_native()?;
    let mut text = format!("{} {}", entry.component.title(), amount(entry));
    // The largest owner is enough for a title: the reasons name them all.
    let mut owners = entry.owner.as_deref().unwrap_or_default().split("; ");
    if let Some(first) = owners.next().filter(|first| !first.is_empty()) {
        let others = owners.next().map_or("", |_| " and others");
        text.push_str(&format!(" held by {first}{others}"));
    }
    Some(text)
}

/// The size of a line of the ledger, which may be a range.
pub(super) fn amount(entry: &Entry) -> String {
    match entry.low == entry.high {
        true => human(entry.low),
        false => format!("{} to {}", human(entry.low), human(entry.high)),
    }
}

fn growth(case: &Case) -> Option<String> {
    if let Some((container, growth)) = case.observed.largest_other_growth()
        && u64::try_from(growth).is_ok_and(|g| g >= case.limits.growth_bytes)
        && case.growth.is_none_or(|own| growth.unsigned_abs() > own)
    {
        return Some(format!(
            "container `{}` grew {}",
            case.observed.label(container),
            human(growth)
        ));
    }
    let text = match (case.growth, case.resident()) {
        (Some(growth), Some(resident)) => {
            format!(
                "resident memory grew {} to {}",
                Size(growth),
                Size(resident)
            )
        }
        (Some(growth), None) => format!("memory grew {}", Size(growth)),
        (None, Some(resident)) => format!("resident {}", Size(resident)),
        (None, None) => return None,
    };
    Some(text)
}

/// Says so when the settings alone explain the memory: no other container grew, and the JVM may be as large as it is.
fn sizing(case: &Case) -> Option<String> {
    let others = case.observed.largest_other_growth();
    let other_grew = others.is_some_and(|(_, g)| g.unsigned_abs() >= case.limits.growth_bytes);
    (case.within_sizing() && !other_grew)
        .then(|| "maximum heap + native memory allow for that: sizing, not a leak".to_owned())
}

/// `part` of `whole` in percent, never rounded to all or nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    if part == 0 {
        "0 %".to_owned()
    } else if share < 1.0 {
        "< 1 %".to_owned()
    } else if part < whole {
        format!("{:.0} %", share.min(99.0))
    } else {
        format!("{share:.0} %")
    }
}
