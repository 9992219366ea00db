//! Why the decision is what it is, in numbers.

use super::case::Case;
use super::headline::{
    amount, cannot_fit, largest_holder, mass_of, percent, ran_out_before, threads, tracked,
};
use super::holders::{is_constant, of_its_bound};
use super::measured;
use super::next_steps::subjects;
use super::ran_out::RanOutOf;
use crate::sentence;
use crate::sentence::{Change, Count, Sentence, Size};
use crate::verdict::budget::range;
use crate::verdict::clean_name;
use crate::verdict::component::Component;
use crate::verdict::facts::{Assessment, ClassMass, Holder, OutOfMemoryKind, ThreadMass};

/// Shared memory of fewer bytes is not told.
const MUCH_SHARED: u64 = 64 << 20;

/// The reasons, the weightiest first.
pub(super) fn reasons(case: &Case, rule: &str) -> Vec<Sentence> {
    let mut reasons = Vec::new();
    reasons.extend(damage(case));
    reasons.extend(
        case.contradictions
            .iter()
            .map(|c| sentence!("contradiction: {}", c)),
    );
    reasons.extend(out_of_memory(case));
    reasons.extend(before(case));
    reasons.extend(limits(case));
    reasons.push(live(case));
    reasons.extend(hidden(case));
    reasons.extend(holders(case, rule));
    reasons.extend(measured::reasons(case));
    reasons.extend(growth(case));
    reasons.extend(others(case));
    reasons.extend(shared(case));
    reasons.extend(fitting(case));
    if rule == "no_path" {
        reasons.push(sentence!("{} more have no path from a GC root: garbage, or objects whose roots the dump does not record", Size(case.heap.no_path_bytes)));
    }
    reasons.extend(sizing(case));
    reasons.extend(unexplained(case));
    reasons.extend(native(case));
    reasons.extend(after_collection(case));
    reasons.push(judged_against(case));
    reasons.extend(zeroed(case));
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
        .map(|f| sentence!(" at {}", clean_name(f)))
        .unwrap_or_default();
    let full = match &case.max {
        Some(max) => sentence!(
            "all objects and the unused ends of their regions take {} of {}",
            Size(case.heap.filled_bytes.max(case.live)),
            max.describe()
        ),
        None => "the maximum heap is not known".into(),
    };
    let threw = sentence!("thread `{}` was throwing an OutOfMemoryError{}", thread, at);
    Some(match case.ran_out? {
        RanOutOf::HeapSpace => sentence!("{}: heap space or GC overhead; {}", threw, full),
        RanOutOf::Metaspace => sentence!(
            "{} while it defined a class: it ran out of metaspace or compressed class space, not of heap{}",
            threw,
            masses(case)
        ),
        RanOutOf::ProbablyMetaspace if oom.what == OutOfMemoryKind::Linking => sentence!(
            "{} while it linked a class; {}: it ran out of metaspace or compressed class space{}",
            threw,
            full,
            masses(case)
        ),
        RanOutOf::ProbablyMetaspace => sentence!(
            "{}; {}, and there are very many classes: it probably ran out of metaspace or compressed class space, unless one array was too large{}",
            threw,
            full,
            masses(case)
        ),
        RanOutOf::OneAllocation => sentence!(
            "{}; {}: one allocation that was too large, for the heap or for the limit of arrays{}",
            threw,
            full,
            match oom.what {
                OutOfMemoryKind::Array => "",
                _ => ", unless metaspace is limited and a class was linked there",
            }
        ),
        RanOutOf::Native => sentence!("{} for native memory, not for heap", threw),
    })
}

fn masses(case: &Case) -> Sentence {
    let mass = case.heap.class_mass.as_ref();
    mass.map_or_else(Sentence::default, |mass| sentence!("; {}", mass_of(mass)))
}

fn before(case: &Case) -> Option<Sentence> {
    let before = case.heap.ran_out_before.as_ref()?;
    let text = ran_out_before(case)?;
    if before.used == 0 {
        return Some(sentence!("{}: the error still exists", text));
    }
    Some(sentence!(
        "{}: it has used {} of the {} OutOfMemoryErrors that it made at its start",
        text,
        Count(before.used),
        Count(before.of)
    ))
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
    if case.nearly_full() && case.owners.is_empty() {
        text.push("; nearly full, but no small number of holders keeps most of it: the live set may simply need a larger -Xmx");
    }
    if case.heap.soft_bytes > case.live / 10 {
        text.push(sentence!(
            "; {} of it only softly reachable: the JVM clears that before it runs out of memory",
            Size(case.heap.soft_bytes)
        ));
    }
    text
}

/// What counts as live though no path leads there.
fn hidden(case: &Case) -> Option<Sentence> {
    let hidden = &case.heap.hidden;
    if hidden.bytes <= case.live / 20 || hidden.bytes < 1 << 20 {
        return None;
    }
    let by = hidden.by.iter().take(3);
    let by: Vec<Sentence> = by
        .map(|(what, bytes)| sentence!("{} ({})", what, Size(*bytes)))
        .collect();
    let content = match hidden.content.is_empty() {
        true => Sentence::default(),
        false => sentence!("; most are {}", clean_name(&hidden.content)),
    };
    // Those that are most of the classes have a line of their own.
    let loaders = case.heap.class_mass.as_ref();
    let loaders = loaders.filter(|_| case.class_mass().is_none());
    let loaders = loaders.map_or_else(Sentence::default, |mass| {
        sentence!("; there are {}", mass_of(mass))
    });
    Some(sentence!(
        "a dump does not record what holds {} of the live heap: {}{}{}",
        Size(hidden.bytes),
        Sentence::joined(by, ", "),
        content,
        loaders
    ))
}

/// The largest holders, as many as the outcome is about, and those of the title that are not among them.
fn holders(case: &Case, rule: &str) -> Vec<Sentence> {
    let several = case.owners.len().max(1);
    let mut named: Vec<&Holder> = case.holders.iter().take(several).copied().collect();
    for subject in subjects(case, rule) {
        if !named.iter().any(|holder| std::ptr::eq(*holder, subject)) {
            named.push(subject);
        }
    }
    match named.is_empty() {
        true => largest_holder(case).into_iter().collect(),
        false => named
            .into_iter()
            .map(|holder| of_holder(case, holder))
            .collect(),
    }
}

fn of_holder(case: &Case, holder: &Holder) -> Sentence {
    let who = match holder.jdk {
        true => "largest holder of the application's objects",
        false => "largest holder that the application owns",
    };
    let who = match case.holders.first() {
        Some(&first) if !std::ptr::eq(first, holder) => "next largest holder",
        _ => who,
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
    if let Some(growth) = &case.heap.growth
        && is_constant(case.heap, holder)
    {
        text.push(measured::cleared_by(growth, &holder.name));
    }
    if let Some(growth) = case.growth_to_explain()
        && holder.retained_bytes as f64 > growth as f64 * (1.0 + case.limits.fits)
    {
        text.push(sentence!(
            "; that is more than the growth of {}: not all of it can be new",
            Size(growth)
        ));
    }
    text
}

/// Which holders may be what grew.
fn fitting(case: &Case) -> Option<Sentence> {
    let growth = case.growth_to_explain()?;
    let fit = &case.fit;
    let names: Vec<Sentence> = fit
        .fitting
        .iter()
        .take(3)
        .map(|holder| {
            sentence!(
                "`{}` {}{}",
                clean_name(&holder.name),
                Size(holder.retained_bytes),
                of_its_bound(holder)
            )
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    let together = match (names.len(), fit.together) {
        (1, _) => Sentence::default(),
        (_, true) => sentence!("; together {}", Size(fit.sum)),
        (_, false) => sentence!("; together {}, which cannot all be new", Size(fit.sum)),
    };
    Some(sentence!(
        "may be what grew (no larger than the growth of {}): {}{}",
        Size(growth),
        Sentence::joined(names, ", "),
        together
    ))
}

fn growth(case: &Case) -> Vec<Sentence> {
    let mut found = Vec::new();
    if let Some(growth) = &case.observed.growth {
        let (verb, bytes) = match growth.bytes {
            bytes if bytes < 0 => ("shrank by", -bytes),
            bytes if case.did_not_grow() => ("did not grow noticeably:", bytes),
            bytes => ("grew", bytes),
        };
        let to = case
            .resident()
            .map(|bytes| sentence!(" to {}", Size(bytes)));
        found.push(sentence!(
            "the JVM's memory {} {}{} ({})",
            verb,
            Change(bytes),
            to,
            &growth.source
        ));
    }
    if let Some(growth) = case.growth_to_explain()
        && case.live < growth
    {
        found.push(sentence!(
            "if the whole live heap were new, it would explain {} of the growth of {}",
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
    if let Some(pod) = case.pod_growth() {
        let what = sentence!("{}; which of its containers grew is not known", pod);
        found.push(what);
    }
    if let Some((category, growth)) = case.native_growth() {
        found.push(sentence!(
            "of the JVM's native memory `{}` grew most since the baseline: {}",
            clean_name(category),
            Change(growth)
        ));
    }
    found
}

/// Who was killed for memory, and who has more memory than the JVM.
fn others(case: &Case) -> Vec<Sentence> {
    let max = case.max.as_ref().map(|max| max.high);
    let kills = case.observed.kills.iter();
    let mut found: Vec<Sentence> = kills.map(|kill| kill.describe(max)).collect();
    if let (Some(neighbour), Some(resident)) = (&case.observed.neighbour, case.resident()) {
        found.push(sentence!(
            "{} has {} ({}), more than the JVM with {}",
            neighbour.who.clone(),
            Change(neighbour.bytes),
            &neighbour.source,
            Size(resident)
        ));
    }
    found
}

/// Files in memory count to the container. The heap of ZGC lies there, too.
fn shared(case: &Case) -> Option<Sentence> {
    let shared = case.observed.shared.as_ref()?;
    let bytes = u64::try_from(shared.bytes)
        .ok()
        .filter(|&bytes| bytes >= MUCH_SHARED)?;
    let heap = match case.max.as_ref().is_some_and(|max| bytes > max.high) {
        true => "",
        false => ", or the heap of ZGC",
    };
    Some(sentence!(
        "{} of the container are shared memory ({}): files in memory (tmpfs such as /dev/shm, an emptyDir of medium Memory){}",
        Size(bytes),
        &shared.source,
        heap
    ))
}

/// Resident memory that the settings allow needs no leak.
fn sizing(case: &Case) -> Option<Sentence> {
    let resident = case.resident().filter(|_| case.within_sizing())?;
    let budget = case.budget.as_ref()?;
    let (low, high) = budget.ordinary();
    Some(sentence!(
        "resident {} is within what the settings allow without any leak: maximum heap {} + native memory {} ({}); between collections the \
         heap fills up to its maximum and the JVM rarely gives it back",
        Size(resident),
        budget.max.describe(),
        range(low, high),
        budget.ordinary_arithmetic()
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

/// Native memory: its largest category, its largest owner, threads in masses.
fn native(case: &Case) -> Vec<Sentence> {
    let mut found = Vec::new();
    found.extend(tracked(case));
    found.extend(threads(case));
    found.extend(case.heap.thread_masses.iter().map(thread_mass));
    found.extend(case.class_mass().map(class_mass));
    found.extend(large_native(case));
    found
}

/// `1,200 executors were not shut down: threads ...`.
fn thread_mass(mass: &ThreadMass) -> Sentence {
    let what = match mass.executors {
        true => "executors not shut down",
        false => "threads in masses",
    };
    sentence!("{} {}: {}", Count(mass.count), what, clean_name(&mass.note))
}

fn class_mass(mass: &ClassMass) -> Sentence {
    sentence!(
        "{}: they are at least half of all classes; class metadata lies outside the heap, and -Xmx does not limit it",
        mass_of(mass)
    )
}

fn large_native(case: &Case) -> Option<Sentence> {
    let entry = case.large_native()?;
    let owner = entry.owner().map(|owner| sentence!(", held by {}", owner));
    Some(sentence!(
        "{} {} ({}){}",
        entry.component.title(),
        amount(entry),
        &entry.source,
        owner
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
            match case.pod_growth() {
                Some(_) => "judged against the growth of the whole pod: what each container has is in `kubectl top pod POD --containers`".into(),
                None => "judged against the largest growth of a container; which one runs the JVM is not known (--container NAME)".into(),
            }
        }
        (None, Some(r), _, _) => sentence!("judged against resident memory of {} ({}) and maximum heap; no growth was observed", Change(r.bytes), &r.source),
        (None, None, Some(_), _) if case.has_evidence() => "judged against the maximum heap; no memory of the process was measured outside".into(),
        (None, None, Some(_), _) => "judged against the maximum heap only: no evidence from outside the JVM was given".into(),
        (None, None, None, Some(_)) => "judged against the container's limit: the maximum heap is not known".into(),
        (None, None, None, None) => "nothing to judge against: neither maximum heap nor evidence from outside is known".into(),
    }
}

/// Settings that cannot work.
fn limits(case: &Case) -> Option<Sentence> {
    let budget = case.budget.as_ref()?;
    let text = cannot_fit(budget)?;
    let (_, source) = budget.limit.as_ref()?;
    Some(sentence!(
        "{}: the native memory is {} ({}); the container can be killed without any leak",
        text,
        budget.arithmetic(),
        source
    ))
}

/// A dump without contents.
fn zeroed(case: &Case) -> Option<Sentence> {
    case.heap.zeroed.then(|| {
        "all texts of the dump are zeros: its contents were taken out. Sizes are right, numbers and texts are not".into()
    })
}
