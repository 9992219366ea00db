//! Why the decision is what it is, in numbers.

use super::case::{Case, at_least};
use super::headline::{amount, percent};
use crate::verdict::clean_name;
use crate::verdict::facts::{Assessment, OutOfMemoryKind};
use crate::verdict::ledger::{Component, human};
use crate::verdict::sentence::Size;

/// The reasons, the weightiest first.
pub(super) fn reasons(case: &Case, rule: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(damage(case));
    reasons.extend(out_of_memory(case));
    reasons.push(live(case));
    reasons.extend(holder(case));
    reasons.extend(growth(case));
    if rule == "no_path" {
        reasons.push(format!(
            "{} more have no path from a GC root: garbage, or objects whose roots the dump does not record",
            Size(case.heap.no_path_bytes)
        ));
    }
    reasons.extend(sizing(case));
    reasons.extend(unexplained(case));
    reasons.extend(native(case));
    reasons.extend(after_collection(case));
    reasons.push(judged_against(case));
    reasons.extend(
        case.contradictions
            .iter()
            .map(|c| format!("contradiction: {c}")),
    );
    reasons.extend(limits(case));
    reasons
}

fn damage(case: &Case) -> Option<String> {
    Some(match (case.heap.complete, case.heap.has_roots) {
        (true, true) => return None,
        (_, false) => "the dump has no GC roots, so nothing says what is live".to_owned(),
        (false, true) => {
            "the dump is damaged or cut off: live heap and retained sizes are lower bounds"
                .to_owned()
        }
    })
}

fn out_of_memory(case: &Case) -> Option<String> {
    let oom = case.heap.out_of_memory.as_ref()?;
    let thread = clean_name(&oom.thread);
    let at = oom
        .frame
        .as_ref()
        .map(|f| format!(" at {}", clean_name(f)))
        .unwrap_or_default();
    let mut text = match oom.what {
        OutOfMemoryKind::HeapSpace => {
            format!("thread `{thread}` was throwing an OutOfMemoryError{at}")
        }
        OutOfMemoryKind::Metaspace => {
            format!("thread `{thread}` ran out of metaspace{at}: class metadata, not the heap")
        }
        OutOfMemoryKind::Native => {
            format!("thread `{thread}` ran out of native memory{at}, not of heap")
        }
    };
    if case.was_one_allocation()
        && let Some(max) = &case.max
    {
        text.push_str(&format!(
            "; only {} of {} are live, so one very large allocation is as likely as a leak",
            Size(case.live),
            max.told()
        ));
    }
    Some(text)
}

fn live(case: &Case) -> String {
    let mut text = format!("live heap {}", Size(case.live));
    if let Some(max) = &case.max {
        let at_most = if max.is_exact() { "" } else { "at most " };
        text.push_str(&format!(
            ", {at_most}{} of the maximum {} ({})",
            percent(case.live, max.low),
            Size(max.low),
            max.source
        ));
    }
    if let Some(max) = &case.max
        && at_least(case.live, case.limits.nearly_full, max.high)
        && case.dominating_holder().is_none()
    {
        text.push_str("; nearly full, although no single holder keeps most of it: the live set may simply need a larger -Xmx");
    }
    if case.heap.soft_bytes > case.live / 10 {
        text.push_str(&format!(
            "; {} of it only softly reachable: the JVM clears that before it runs out of memory",
            Size(case.heap.soft_bytes)
        ));
    }
    text
}

fn holder(case: &Case) -> Option<String> {
    let holder = case.holder?;
    let who = match holder.jdk {
        true => "largest holder of what is the application's",
        false => "largest holder that the application owns",
    };
    let mut text = format!(
        "{who}: `{}` with {}, {} of the live heap",
        clean_name(&holder.name),
        Size(holder.retained_bytes),
        percent(holder.retained_bytes, case.live)
    );
    match holder.assessment {
        Assessment::Unbounded => text.push_str("; nothing bounds it"),
        Assessment::AboveBound => text.push_str("; above its bound"),
        Assessment::Unknown | Assessment::ByDesign => {}
    }
    Some(text)
}

fn growth(case: &Case) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(growth) = &case.observed.growth {
        let verb = if case.did_not_grow() {
            "did not grow noticeably:"
        } else {
            "grew"
        };
        found.push(format!(
            "the JVM's memory {verb} {} ({})",
            human(growth.bytes),
            growth.source
        ));
    }
    if let Some(growth) = case.growth_to_explain()
        && case.live < growth
    {
        found.push(format!(
            "were the whole live heap new, it would explain {} of the growth of {}",
            percent(case.live, growth),
            Size(growth)
        ));
    }
    if let Some((container, growth)) = case.observed.largest_other_growth() {
        found.push(format!(
            "container `{}` grew {} ({})",
            case.observed.label(container),
            human(growth),
            container.source
        ));
    }
    if let Some((category, growth)) = case.observed.largest_native_growth() {
        found.push(format!(
            "of the JVM's native memory `{}` grew most since the baseline: {}",
            clean_name(category),
            human(growth)
        ));
    }
    found
}

/// Resident memory that the settings allow needs no leak.
fn sizing(case: &Case) -> Option<String> {
    let resident = case.resident().filter(|_| case.within_sizing())?;
    let max = case.max.as_ref()?;
    let native = crate::verdict::ledger::native(case.ledger);
    Some(format!(
        "resident {} is within what the settings allow without any leak: maximum heap {} + native memory {}..{}; between collections the heap \
         fills up to its maximum and the JVM rarely gives it back",
        Size(resident),
        max.told(),
        human(native.0),
        human(native.1)
    ))
}

fn unexplained(case: &Case) -> Option<String> {
    let rest = case.unexplained()?;
    let source = &case.entry(Component::Unexplained)?.source;
    Some(format!(
        "at least {} are explained neither by the heap at its maximum nor by known native memory ({source})",
        Size(rest)
    ))
}

fn native(case: &Case) -> Option<String> {
    let entry = case.large_native()?;
    let owner = entry
        .owner
        .as_ref()
        .map(|o| format!(", held by {o}"))
        .unwrap_or_default();
    Some(format!(
        "{} {} ({}){owner}",
        entry.component.title(),
        amount(entry),
        entry.source
    ))
}

fn after_collection(case: &Case) -> Option<String> {
    let (bytes, growth) = case.observed.after_collection?;
    let mut text = format!(
        "after the last full collection the heap was {}",
        Size(bytes)
    );
    if growth != 0 {
        let verb = if growth > 0 { "more" } else { "less" };
        text.push_str(&format!(
            ", {} {verb} than after the first",
            Size(growth.unsigned_abs())
        ));
    }
    Some(text)
}

fn judged_against(case: &Case) -> String {
    match (&case.observed.growth, &case.observed.resident, &case.max, &case.observed.limit) {
        (Some(_), _, _, _) => "judged against the observed growth".to_owned(),
        _ if case.growth_to_explain().is_some() => {
            "judged against the largest growth of a container; which one runs the JVM is not known (--container NAME)".to_owned()
        }
        (None, Some(r), _, _) => format!("judged against resident memory ({}) and maximum heap; no growth was observed", r.source),
        (None, None, Some(_), _) => "judged against the maximum heap only: no evidence from outside the JVM was given".to_owned(),
        (None, None, None, Some(_)) => "judged against the container's limit: the maximum heap is not known".to_owned(),
        (None, None, None, None) => "nothing to judge against: neither maximum heap nor evidence from outside is known".to_owned(),
    }
}

/// Settings that cannot work.
fn limits(case: &Case) -> Option<String> {
    let limit = case.observed.limit.as_ref()?;
    let max = case.max.as_ref()?;
    let native = crate::verdict::ledger::native(case.ledger).0;
    let needed = i64::try_from(max.low).ok()?.saturating_add(native);
    (needed > limit.bytes).then(|| {
        format!(
            "maximum heap {} + known native memory {} exceed the container's limit {} ({}): it can be killed without any leak",
            max.told(),
            human(native),
            human(limit.bytes),
            limit.source
        )
    })
}
