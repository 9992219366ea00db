//! The words for suspects, patterns and paths.

use super::super::model::{
    Assessment, Cleared, Content, Holder, HolderKind, PathStep, PatternMatch, Suspect,
};
use super::super::units::{Units, count, measured as of_unit, percent};

/// Who holds, as a developer would look for it: `com.acme.UserCache.CACHE`, `thread http-worker-*`, and in what it is.
pub fn holder(holder: &Holder) -> String {
    let mut name = holder_alone(holder);
    if let Some(via) = &holder.via {
        name.push_str(&format!(", in {via}"));
    }
    if !holder.held_by.is_empty() {
        name.push_str(&format!(", held by {}", listed(&holder.held_by)));
    }
    if let Some(place) = &holder.place {
        name.push_str(&format!(", which keeps it in {place}"));
    }
    name
}

/// `a`, `a and b`, `a, b and c`, `a, b and 3 more`.
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", count(rest.len() as u64)),
    }
}

/// The same without in what it is.
pub fn holder_alone(holder: &Holder) -> String {
    let place = match (&holder.field, holder.class.is_empty()) {
        (Some(field), false) => format!("{}.{field}", holder.class),
        (Some(field), true) => field.clone(),
        (None, _) => holder.class.clone(),
    };
    let thread = holder.thread.as_deref();
    let name = match (holder.kind, thread) {
        (HolderKind::Thread, Some(name)) => match &holder.frame {
            Some(frame) => format!("thread {name} in {frame}"),
            // The work of a thread, or a thread class that the application defines.
            None if !holder.class.starts_with("java.lang.") => format!("thread {name}, {place}"),
            None => format!("thread {name}"),
        },
        (HolderKind::Thread, None) => match &holder.frame {
            Some(frame) => format!("threads without a name in {frame}"),
            None => format!("thread {place}"),
        },
        (HolderKind::ThreadLocal, Some(name)) => format!("ThreadLocal {place} of {name}"),
        (HolderKind::ThreadLocal, None) => format!("ThreadLocal {place}"),
        (HolderKind::ClassLoader, _) => format!(
            "class loader {}",
            holder.loader.as_deref().unwrap_or(&place)
        ),
        (HolderKind::JniGlobal, _) => format!("JNI global {place}"),
        _ => place,
    };
    if holder.count > 1 {
        format!("{name} ({} of them)", count(holder.count))
    } else {
        name
    }
}

/// What is kept: `150,000 × com.acme.UserProfile`, or two classes of equal weight.
pub fn content(content: &Content) -> String {
    let one = |objects, class: &str| format!("{} × {class}", count(objects));
    let first = one(content.objects, &content.class);
    let others = content.contents.iter().skip(1);
    let others = others.map(|other| one(other.objects, &other.class));
    let all: Vec<String> = std::iter::once(first).chain(others).collect();
    all.join(" and ")
}

/// The collection around a content, with its numbers: `in java.util.HashMap: 150,000 entries, capacity 262,144`.
pub fn collection(content: &Content) -> Option<String> {
    let c = content.collection.as_ref()?;
    if let Some(room) = c.capacity.filter(|_| is_table(content)) {
        let (class, room, used) = (&c.class, count(room), count(c.entries));
        return Some(format!(
            "in {class}: capacity {room}, {used} used; the table itself takes the memory"
        ));
    }
    let mut text = format!("in {}: {}", c.class, of_unit(c.entries, "entries"));
    if let Some(capacity) = c.capacity {
        text.push_str(&format!(", capacity {}", count(capacity)));
    }
    match (&c.key_class, &c.value_class) {
        (Some(key), Some(value)) if *value == content.class => {
            text.push_str(&format!(", keys {key}"))
        }
        (None, Some(value)) if *value == content.class => {}
        (Some(key), Some(value)) => text.push_str(&format!(", {key} → {value}")),
        (_, Some(class)) | (Some(class), _) => text.push_str(&format!(", of {class}")),
        (None, None) => {}
    }
    Some(text)
}

/// Whether it is a table or array of references that is held: so it is only where hardly anything is in it.
fn is_table(content: &Content) -> bool {
    let element = content.class.strip_suffix("[]");
    content.objects == 1 && element.is_some_and(|element| element.contains('.'))
}

/// Fields that hold the same: `com.acme.Catalog.RECENT; clearing it alone frees 1.4 MiB`, or what clearing any one of them frees. Threads only happen to work on it.
pub fn also_held(suspect: &Suspect, units: Units) -> Option<String> {
    let fields = suspect.shared_with.iter();
    let mut fields = fields.filter(|other| !other.title.starts_with("thread "));
    let first = fields.next()?;
    let alone = units.bytes(first.retained_bytes);
    let more = match fields.count() as u64 {
        0 => String::new(),
        n => format!(" and {} more", count(n)),
    };
    let frees = match suspect.freed_alone_bytes {
        Some(most) => format!("clearing any one frees at most {}", units.bytes(most)),
        None => format!("clearing it alone frees {alone}"),
    };
    Some(format!("{}{more}; {frees}", first.title))
}

/// Shares of a suspect, each with its base: `71 % of reachable, 12 % of max heap`.
pub fn shares(suspect: &Suspect) -> String {
    let mut text = format!("{} of reachable", percent(suspect.share_of_reachable));
    if let Some(share) = suspect.share_of_max_heap {
        text.push_str(&format!(", {} of max heap", percent(share)));
    }
    text
}

/// What a pattern measured against its bound: `300,000 tasks, no bound`.
pub fn measure(
    measured: Option<u64>,
    bound: Option<u64>,
    unit: &str,
    assessment: Assessment,
    units: Units,
) -> String {
    let number = |n: u64| {
        if unit == "bytes" {
            units.bytes(n)
        } else {
            of_unit(n, unit)
        }
    };
    let mut parts = Vec::new();
    parts.extend(measured.map(number));
    match (bound, assessment) {
        (Some(bound), _) => parts.push(format!("bound {}", number(bound))),
        (None, Assessment::Unbounded) => parts.push("no bound".to_owned()),
        (None, _) => {}
    }
    match assessment {
        Assessment::ByDesign => parts.push("by design".to_owned()),
        Assessment::AboveBound => parts.push("ABOVE its bound".to_owned()),
        Assessment::Unbounded | Assessment::Unknown => {}
    }
    parts.join(", ")
}

/// A pattern on one line: title, measure.
pub fn pattern(pattern: &PatternMatch, units: Units) -> String {
    // A title that says it is enough.
    let assessment = match pattern.title.contains("without a bound") {
        true => Assessment::Unknown,
        false => pattern.assessment,
    };
    let (measured, bound) = (pattern.measured, pattern.bound);
    let measure = measure(measured, bound, &pattern.unit, assessment, units);
    if measure.is_empty() {
        pattern.title.clone()
    } else {
        format!("{}: {measure}", pattern.title)
    }
}

/// A cleared component after its title.
pub fn cleared(cleared: &Cleared, units: Units) -> String {
    if !cleared.text.is_empty() {
        return cleared.text.written(units);
    }
    let mut parts: Vec<String> = cleared
        .retained_bytes
        .map(|b| units.bytes(b))
        .into_iter()
        .collect();
    let assessment = Assessment::ByDesign;
    parts.push(measure(
        cleared.measured,
        cleared.bound,
        &cleared.unit,
        assessment,
        units,
    ));
    parts.join(", ")
}

/// How a step is held and what it is: `.CACHE java.util.HashMap`.
pub fn step(step: &PathStep) -> String {
    let mut text = match &step.reference {
        Some(reference) if reference.starts_with('[') || reference.contains(' ') => {
            format!("{reference} ")
        }
        Some(reference) => format!(".{reference} "),
        None => String::new(),
    };
    text.push_str(&step.class);
    if let Some(thread) = &step.thread {
        text.push_str(&format!(" \"{thread}\""));
    }
    if let Some(times) = step.times.filter(|&t| t > 1) {
        text.push_str(&format!(" ({} times)", count(times)));
    }
    text
}
