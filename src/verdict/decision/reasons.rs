//! Why the decision is what it is, in numbers.

use super::candidates::is_constant;
use super::case::Case;
use super::headline::{amount, cannot_fit, mass_of, percent, ran_out_before, threads, tracked};
use super::ran_out::RanOutOf;
use crate::verdict::budget::range;
use crate::verdict::clean_name;
use crate::verdict::facts::{Assessment, Holder};
use crate::verdict::ledger::{Component, human};
use crate::verdict::sentence::Size;

/// The reasons, the weightiest first.
pub(super) fn reasons(case: &Case, rule: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(damage(case));
    reasons.extend(
        case.contradictions
            .iter()
            .map(|c| format!("contradiction: {c}")),
    );
    reasons.extend(out_of_memory(case));
    reasons.extend(before(case));
    reasons.extend(limits(case));
    reasons.push(live(case));
    reasons.extend(hidden(case));
    reasons.extend(holders(case));
    reasons.extend(measured(case));
    reasons.extend(growth(case));
    reasons.extend(fitting(case));
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
    reasons.extend(zeroed(case));
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
    let full = match &case.max {
        Some(max) => format!(
            "all objects take {} of {}",
            Size(case.heap.filled_bytes.max(case.live)),
            max.told()
        ),
        None => "the maximum heap is not known".to_owned(),
    };
    let threw = format!("thread `{thread}` was throwing an OutOfMemoryError{at}");
    Some(match case.ran_out? {
        RanOutOf::HeapSpace => format!("{threw}: heap space or GC overhead; {full}"),
        RanOutOf::Metaspace => format!(
            "{threw} while it defined a class: it ran out of metaspace or compressed class space, not of heap{}",
            masses(case)
        ),
        RanOutOf::ProbablyMetaspace => format!(
            "{threw}; {full}, and classes abound: it probably ran out of metaspace or compressed class space{}",
            masses(case)
        ),
        RanOutOf::OneAllocation => format!(
            "{threw}; {full}: one allocation that was too large, for the heap or for the limit of arrays"
        ),
        RanOutOf::Native => format!("{threw} for native memory, not for heap"),
    })
}

fn masses(case: &Case) -> String {
    let mass = case.heap.class_mass.as_ref();
    mass.map_or(String::new(), |mass| format!("; {}", mass_of(mass)))
}

fn before(case: &Case) -> Option<String> {
    let before = case.heap.ran_out_before.as_ref()?;
    let text = ran_out_before(case)?;
    Some(format!(
        "{text}: of the {} OutOfMemoryErrors that it made at its start, it has used {}",
        before.of, before.used
    ))
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
    if case.nearly_full() && case.owners.is_empty() {
        text.push_str("; nearly full, although no few holders keep most of it: the live set may simply need a larger -Xmx");
    }
    if case.heap.soft_bytes > case.live / 10 {
        text.push_str(&format!(
            "; {} of it only softly reachable: the JVM clears that before it runs out of memory",
            Size(case.heap.soft_bytes)
        ));
    }
    text
}

/// What counts as live though no path leads there.
fn hidden(case: &Case) -> Option<String> {
    let hidden = &case.heap.hidden;
    if hidden.bytes <= case.live / 20 || hidden.bytes < 1 << 20 {
        return None;
    }
    let by = hidden.by.iter().take(3);
    let by: Vec<String> = by
        .map(|(what, bytes)| format!("{what} {}", Size(*bytes)))
        .collect();
    let content = match hidden.content.is_empty() {
        true => String::new(),
        false => format!("; most are {}", clean_name(&hidden.content)),
    };
    let loaders = case.heap.class_mass.as_ref();
    let loaders = loaders.map_or(String::new(), |mass| {
        format!("; there are {}", mass_of(mass))
    });
    Some(format!(
        "{} of the live heap hang on references that a dump does not record: {}{content}{loaders}",
        Size(hidden.bytes),
        by.join(", ")
    ))
}

/// The holders that the outcome is about, at most three, else the largest.
fn holders(case: &Case) -> Vec<String> {
    let several = match case.owners.len() {
        0 => 1,
        n => n,
    };
    let first = case.holders.iter().take(several);
    first.map(|holder| of_holder(case, holder)).collect()
}

fn of_holder(case: &Case, holder: &Holder) -> String {
    let who = match holder.jdk {
        true => "largest holder of what is the application's",
        false => "largest holder that the application owns",
    };
    let who = match case.holder {
        Some(first) if !std::ptr::eq(first, holder) => "next largest holder",
        _ => who,
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
    if is_constant(case.heap, holder) {
        text.push_str("; it did not grow from dump to dump");
    }
    if let Some(growth) = case.growth_to_explain()
        && holder.retained_bytes as f64 > growth as f64 * (1.0 + case.limits.fits)
    {
        text.push_str(&format!(
            "; that is more than the growth of {}: not all of it can be new",
            Size(growth)
        ));
    }
    text
}

/// What earlier dumps say.
fn measured(case: &Case) -> Vec<String> {
    let Some(growth) = case.heap.growth.as_ref().filter(|_| case.is_compared()) else {
        return Vec::new();
    };
    let intervals = match growth.intervals {
        1 => "one interval".to_owned(),
        n => format!("{n} intervals"),
    };
    let mut found = vec![format!(
        "from dump to dump the live heap changed by {} in {intervals}",
        human(growth.grew_bytes)
    )];
    found.extend(case.grown.iter().map(|holder| {
        format!(
            "`{}` grew {} in {} of {intervals}",
            clean_name(&holder.name),
            human(holder.grew_bytes),
            holder.intervals_grown
        )
    }));
    found
}

/// Which holders may be what grew.
fn fitting(case: &Case) -> Option<String> {
    let growth = case.growth_to_explain()?;
    let fit = &case.fit;
    let names: Vec<String> = fit
        .fitting
        .iter()
        .take(3)
        .map(|holder| {
            let bounded = match holder.assessment {
                Assessment::ByDesign => ", within its bound",
                _ => "",
            };
            format!(
                "`{}` {}{bounded}",
                clean_name(&holder.name),
                Size(holder.retained_bytes)
            )
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    let together = match (names.len(), fit.together) {
        (1, _) => String::new(),
        (_, true) => format!("; together {}", Size(fit.sum)),
        (_, false) => format!("; together {}, which cannot all be new", Size(fit.sum)),
    };
    Some(format!(
        "may be what grew, being no larger than the growth of {}: {}{together}",
        Size(growth),
        names.join(", ")
    ))
}

fn growth(case: &Case) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(growth) = &case.observed.growth {
        let verb = if case.did_not_grow() {
            "did not grow noticeably:"
        } else {
            "grew"
        };
        let to = case.resident().map(|bytes| format!(" to {}", Size(bytes)));
        found.push(format!(
            "the JVM's memory {verb} {}{} ({})",
            human(growth.bytes),
            to.unwrap_or_default(),
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
    if let Some((category, growth)) = case.native_growth() {
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
    let budget = case.budget.as_ref()?;
    let (low, high) = budget.ordinary();
    Some(format!(
        "resident {} is within what the settings allow without any leak: maximum heap {} + native memory {} ({}); between collections the \
         heap fills up to its maximum and the JVM rarely gives it back",
        Size(resident),
        budget.max.told(),
        range(low, high),
        budget.arithmetic()
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

/// Native memory: its largest category, its largest owner, threads in masses.
fn native(case: &Case) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(tracked(case));
    found.extend(threads(case));
    found.extend(large_native(case));
    found
}

fn large_native(case: &Case) -> Option<String> {
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
        (None, Some(r), _, _) => format!(
            "judged against resident memory of {} ({}) and maximum heap; no growth was observed",
            human(r.bytes),
            r.source
        ),
        (None, None, Some(_), _) if case.has_evidence() => "judged against the maximum heap; no memory of the process was measured outside".to_owned(),
        (None, None, Some(_), _) => "judged against the maximum heap only: no evidence from outside the JVM was given".to_owned(),
        (None, None, None, Some(_)) => "judged against the container's limit: the maximum heap is not known".to_owned(),
        (None, None, None, None) => "nothing to judge against: neither maximum heap nor evidence from outside is known".to_owned(),
    }
}

/// Settings that cannot work.
fn limits(case: &Case) -> Option<String> {
    let budget = case.budget.as_ref()?;
    let text = cannot_fit(budget)?;
    let (_, source) = budget.limit.as_ref()?;
    Some(format!(
        "{text}: the native memory is {} ({source}); the container can be killed without any leak",
        budget.arithmetic()
    ))
}

/// A dump without contents.
fn zeroed(case: &Case) -> Option<String> {
    case.heap.zeroed.then(|| {
        "all texts of the dump are zeros: its contents were taken out, so sizes count, and numbers and texts in it say nothing".to_owned()
    })
}
