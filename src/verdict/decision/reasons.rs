//! Why the decision is what it is, in numbers.

use super::case::{Case, at_least};
use super::headline::{amount, percent};
use crate::sentence;
use crate::sentence::{Change, Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::facts::{Assessment, OutOfMemoryKind};
use crate::verdict::ledger::Component;

/// The reasons, the weightiest first.
pub(super) fn reasons(case: &Case, rule: &str) -> Vec<Sentence> {
    let mut reasons = Vec::new();
    reasons.extend(damage(case));
    reasons.extend(out_of_memory(case));
    reasons.push(live(case));
    reasons.extend(holder(case));
    reasons.extend(growth(case));
    if rule == "no_path" {
        reasons.push(sentence!(
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
            .map(|c| sentence!("contradiction: {}", c)),
    );
    reasons.extend(limits(case));
    reasons
}

fn damage(case: &Case) -> Option<Sentence> {
    Some(match (case.heap.complete, case.heap.has_roots) {
        (true, true) => return None,
        (_, false) => "the dump has no GC roots, so nothing says what is live".into(),
        (false, true) => {
            "the dump is damaged or cut off: live heap and retained sizes are lower bounds".into()
        }
    })
}

fn out_of_memory(case: &Case) -> Option<Sentence> {
    let oom = case.heap.out_of_memory.as_ref()?;
    let thread = clean_name(&oom.thread);
    let at = oom
        .frame
        .as_ref()
        .map(|f| sentence!(" at {}", clean_name(f)));
    let (thread, at) = (thread.as_str(), &at.unwrap_or_default());
    let mut text = match oom.what {
        OutOfMemoryKind::HeapSpace => {
            sentence!("thread `{}` was throwing an OutOfMemoryError{}", thread, at)
        }
        OutOfMemoryKind::Metaspace => {
            sentence!(
                "thread `{}` ran out of metaspace{}: class metadata, not the heap",
                thread,
                at
            )
        }
        OutOfMemoryKind::Native => {
            sentence!(
                "thread `{}` ran out of native memory{}, not of heap",
                thread,
                at
            )
        }
    };
    if case.was_one_allocation()
        && let Some(max) = &case.max
    {
        text.push(sentence!(
            "; only {} of {} are live, so one very large allocation is as likely as a leak",
            Size(case.live),
            max.told()
        ));
    }
    Some(text)
}

fn live(case: &Case) -> Sentence {
    let mut text = sentence!("live heap {}", Size(case.live));
    if let Some(max) = &case.max {
        let at_most = if max.is_exact() { "" } else { "at most " };
        text.push(sentence!(
            ", {}{} of the maximum {} ({})",
            at_most,
            percent(case.live, max.low),
            Size(max.low),
            &max.source
        ));
    }
    if let Some(max) = &case.max
        && at_least(case.live, case.limits.nearly_full, max.high)
        && case.dominating_holder().is_none()
    {
        text.push("; nearly full, although no single holder keeps most of it: the live set may simply need a larger -Xmx");
    }
    if case.heap.soft_bytes > case.live / 10 {
        text.push(sentence!(
            "; {} of it only softly reachable: the JVM clears that before it runs out of memory",
            Size(case.heap.soft_bytes)
        ));
    }
    text
}

fn holder(case: &Case) -> Option<Sentence> {
    let holder = case.holder?;
    let who = match holder.jdk {
        true => "largest holder of what is the application's",
        false => "largest holder that the application owns",
    };
    let mut text = sentence!(
        "{}: `{}` with {}, {} of the live heap",
        who,
        clean_name(&holder.name),
        Size(holder.retained_bytes),
        percent(holder.retained_bytes, case.live)
    );
    match holder.assessment {
        Assessment::Unbounded => text.push("; nothing bounds it"),
        Assessment::AboveBound => text.push("; above its bound"),
        Assessment::Unknown | Assessment::ByDesign => {}
    }
    Some(text)
}

fn growth(case: &Case) -> Vec<Sentence> {
    let mut found = Vec::new();
    if let Some(growth) = &case.observed.growth {
        let verb = if case.did_not_grow() {
            "did not grow noticeably:"
        } else {
            "grew"
        };
        found.push(sentence!(
            "the JVM's memory {} {} ({})",
            verb,
            Change(growth.bytes),
            &growth.source
        ));
    }
    if let Some(growth) = case.growth_to_explain()
        && case.live < growth
    {
        found.push(sentence!(
            "even if the whole live heap were new, it would explain only {} of the growth of {}",
            percent(case.live, growth),
            Size(growth)
        ));
    }
    if let Some((container, growth)) = case.observed.largest_other_growth() {
        found.push(sentence!(
            "container `{}` grew {} ({})",
            case.observed.label(container),
            Change(growth),
            &container.source
        ));
    }
    if let Some((category, growth)) = case.observed.largest_native_growth() {
        found.push(sentence!(
            "of the JVM's native memory `{}` grew most since the baseline: {}",
            clean_name(category),
            Change(growth)
        ));
    }
    found
}

/// Resident memory that the settings allow needs no leak.
fn sizing(case: &Case) -> Option<Sentence> {
    let resident = case.resident().filter(|_| case.within_sizing())?;
    let max = case.max.as_ref()?;
    let native = crate::verdict::ledger::native(case.ledger);
    Some(sentence!(
        "resident {} is within what the settings allow without any leak: maximum heap {} + native memory {}..{}; between collections the heap \
         fills up to its maximum and the JVM rarely gives it back",
        Size(resident),
        max.told(),
        Change(native.0),
        Change(native.1)
    ))
}

fn unexplained(case: &Case) -> Option<Sentence> {
    let rest = case.unexplained()?;
    let source = &case.entry(Component::Unexplained)?.source;
    Some(sentence!(
        "at least {} are explained neither by the heap at its maximum nor by known native memory ({})",
        Size(rest),
        source
    ))
}

fn native(case: &Case) -> Option<Sentence> {
    let entry = case.large_native()?;
    let owner = entry.owner();
    Some(sentence!(
        "{} {} ({}){}",
        entry.component.title(),
        amount(entry),
        &entry.source,
        owner.map(|owner| sentence!(", held by {}", owner))
    ))
}

fn after_collection(case: &Case) -> Option<Sentence> {
    let (bytes, growth) = case.observed.after_collection?;
    let mut text = sentence!(
        "after the last full collection the heap was {}",
        Size(bytes)
    );
    if growth != 0 {
        let verb = if growth > 0 { "more" } else { "less" };
        text.push(sentence!(
            ", {} {} than after the first",
            Size(growth.unsigned_abs()),
            verb
        ));
    }
    Some(text)
}

fn judged_against(case: &Case) -> Sentence {
    match (&case.observed.growth, &case.observed.resident, &case.max, &case.observed.limit) {
        (Some(_), _, _, _) => "judged against the observed growth".into(),
        _ if case.growth_to_explain().is_some() => {
            "judged against the largest growth of a container; which one runs the JVM is not known (--container NAME)".into()
        }
        (None, Some(r), _, _) => sentence!("judged against resident memory ({}) and maximum heap; no growth was observed", &r.source),
        (None, None, Some(_), _) => "judged against the maximum heap only: no evidence from outside the JVM was given".into(),
        (None, None, None, Some(_)) => "judged against the container's limit: the maximum heap is not known".into(),
        (None, None, None, None) => "nothing to judge against: neither maximum heap nor evidence from outside is known".into(),
    }
}

/// Settings that cannot work.
fn limits(case: &Case) -> Option<Sentence> {
    let limit = case.observed.limit.as_ref()?;
    let max = case.max.as_ref()?;
    let native = crate::verdict::ledger::native(case.ledger).0;
    let needed = i64::try_from(max.low).ok()?.saturating_add(native);
    (needed > limit.bytes).then(|| {
        sentence!(
            "maximum heap {} + known native memory {} exceed the container's limit {} ({}): it can be killed without any leak",
            max.told(),
            Change(native),
            Change(limit.bytes),
            &limit.source
        )
    })
}
