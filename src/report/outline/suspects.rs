//! The suspects of an outline.

use super::super::blocks::{Bar, BarPart, Block, Card, Facts, Inline, Mark, Path, Span, Swatch};
use super::super::blocks::{bold, text};
use super::super::card::{ALSO_HELD_BY, FIX, PATTERN, Part, SIGNATURE, Step};
use super::super::inline::is_address;
use super::super::model::{Member, PathStep, Report, Suspect};
use super::super::units::count;
use super::super::{describe, neutralise};
use super::{Words, by_option, left_out};

pub(in crate::report) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    heading(blocks, report, words);
    let shown = report.suspects.iter().take(words.level.suspects);
    for (place, suspect) in shown.enumerate() {
        let card = card(report, suspect, words, place);
        blocks.push(Block::Card(Box::new(card)));
    }
    words.counted_rest(blocks, report.suspects.len(), words.level.suspects);
    let more = describe::more_suspects(report).into_iter();
    blocks.extend(more.map(|(more, how)| left_out(more, &by_option(&how))));
}

/// The heading, and what shares are of.
fn heading(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    let title = describe::title_of_suspects(report);
    blocks.push(Block::Heading(title.to_owned()));
    let size = |bytes| words.units.bytes(bytes);
    let floor = report.verdict.suspect_floor_bytes.map(size);
    if report.suspects.is_empty() {
        let none = floor.map(|floor| format!(": no owner keeps {floor} or more"));
        let none = format!("none{}", none.unwrap_or_default());
        return blocks.push(Block::About(text(&none)));
    }
    let reachable = size(report.heap.reachable_bytes());
    let mut about = format!("shares are of {reachable} reachable");
    if let Some(max) = report.heap.max_bytes {
        about.push_str(&format!(" and {} max heap", size(max)));
    }
    // Without suspects the size from which on they are listed does not matter.
    if let (Some(floor), "Suspects") = (floor, title) {
        about.push_str(&format!("; nothing below {floor} is listed"));
    }
    blocks.push(Block::About(text(&about)));
}

/// All about the suspect that stands at `place`.
fn card(report: &Report, suspect: &Suspect, words: &Words, place: usize) -> Card {
    let long = place < words.level.long;
    let mut shares = describe::shares(suspect);
    if let Some(native) = suspect.off_heap_bytes.filter(|&bytes| bytes > 0) {
        shares.push_str(&format!(", plus {} off-heap", words.units.bytes(native)));
    }
    let severity = describe::severity(suspect.severity);
    let kind = describe::words(suspect.holder.kind.as_str());
    Card {
        rank: suspect.rank,
        severity: suspect.severity,
        bytes: suspect.retained_bytes,
        size: words.units.bytes(suspect.retained_bytes),
        share: suspect.share_of_reachable,
        shares,
        kind: format!("{severity}, {kind}"),
        holder: vec![words.code(&describe::holder(&suspect.holder))],
        facts: facts(report, suspect, words, long),
        brief: !long,
        inside: inside(suspect, words),
        path: path(suspect, words, place).filter(|_| long),
        parts: match words.details {
            true => parts(suspect, words),
            false => Vec::new(),
        },
    }
}

/// What is known of a suspect besides how much who holds; pattern and notes where there is room (`long`).
fn facts(report: &Report, suspect: &Suspect, words: &Words, long: bool) -> Facts {
    let code = |name: &str| vec![words.code(name)];
    let mut facts = vec![("keeps", kept(suspect, words, long))];
    // Whoever clears the holder alone frees nothing of what others hold as well.
    let others = describe::also_held(suspect, words.units);
    facts.extend(others.map(|others| (ALSO_HELD_BY, vec![words.text(&others)])));
    if long {
        known(&mut facts, suspect, words);
    }
    let details = words.details && long;
    let held_at = address(suspect).filter(|_| details);
    facts.extend(held_at.map(|address| ("address", code(address))));
    facts.push((SIGNATURE, code(&suspect.signature)));
    let command = command(report, suspect).filter(|_| details);
    facts.extend(command.map(|command| ("go on with", code(&command))));
    facts
}

/// The pattern of a suspect, notes, and all that is known in numbers.
fn known(facts: &mut Facts, suspect: &Suspect, words: &Words) {
    let units = words.units;
    if let Some(pattern) = &suspect.pattern {
        let measured = describe::pattern(pattern, units);
        facts.push((PATTERN, vec![words.text(&measured)]));
        if !pattern.advice.is_empty() {
            facts.push((FIX, words.sentence(&pattern.advice.as_str().into())));
        }
    }
    let most = match words.terminal && !words.details {
        // A screen has one, where no pattern says more.
        true => usize::from(suspect.pattern.is_none()),
        false => words.level.reasons,
    };
    let notes = suspect.notes.iter().take(most);
    facts.extend(notes.map(|note| ("note", words.sentence(note))));
    if !words.details {
        return;
    }
    facts.push(("frees", text(&describe::frees(suspect, units))));
    facts.extend(suspect.accumulation_point.as_ref().map(|point| {
        let size = format!(" ({})", units.bytes(point.retained_bytes));
        let at = Span::Text(" at ".to_owned());
        let [class, id] = [&point.class, &point.object_id].map(|name| words.code(name));
        ("gathers in", vec![class, at, id, Span::Text(size)])
    }));
}

/// The command that goes on from a suspect; nothing where a name in it could mean something to a shell.
fn command(report: &Report, suspect: &Suspect) -> Option<String> {
    let file = &report.dump.file_name;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if file.is_empty() || file.starts_with('-') || !file.chars().all(is_plain) {
        return None;
    }
    let point = suspect.accumulation_point.as_ref();
    let point = point.map(|point| &point.object_id);
    let address = address(suspect).or(point.filter(|address| is_address(address)));
    Some(match address {
        Some(address) => format!("hprof-suspects show {file} {address}"),
        None => format!("hprof-suspects explore {file}"),
    })
}

/// The address of the holding object, where it is one.
fn address(suspect: &Suspect) -> Option<&String> {
    let address = suspect.holder.object_id.as_ref();
    address.filter(|address| is_address(address))
}

/// What the suspect keeps.
fn kept(suspect: &Suspect, words: &Words, long: bool) -> Inline {
    let content = &suspect.content;
    let mut kept = vec![words.of(content.objects), words.code(&content.class)];
    for other in content.contents.iter().skip(1) {
        kept.extend([Span::Text(" and ".to_owned()), words.of(other.objects)]);
        kept.push(words.code(&other.class));
    }
    let mut about = format!(" ({})", words.units.bytes(content.retained_bytes));
    if long {
        let collection = describe::collection(content);
        about.extend(collection.map(|collection| format!(" {collection}")));
        let sizes = describe::element_sizes(content, words.units);
        about.extend(sizes.map(|sizes| format!("; {sizes}")));
    }
    kept.push(words.text(&about));
    kept
}

/// The path from the GC root to the suspect that stands at `place`; nothing where none is known.
fn path(suspect: &Suspect, words: &Words, place: usize) -> Option<Path> {
    let name = |name: &str| neutralise::shorten(name, words.level.name, "…");
    let step = |step: &PathStep| {
        let short = PathStep {
            class: simple_name(&step.class),
            ..step.clone()
        };
        Step {
            name: name(&describe::step(step)),
            short: describe::step(&short),
            bytes: step.retained_bytes,
            size: words.units.bytes(step.retained_bytes),
            address: name(&step.object_id),
        }
    };
    let path = Path {
        root: suspect.path_root.clone(),
        steps: suspect.path.iter().map(step).collect(),
        named: named_step(suspect),
        drawn: place < words.level.drawn,
        whole: words.details,
    };
    (!path.steps.is_empty()).then_some(path)
}

/// The step of the path that leads through the holder's field.
fn named_step(suspect: &Suspect) -> Option<usize> {
    let field = suspect.holder.field.as_deref()?;
    let by_field = |step: &PathStep| {
        let reference = step.reference.as_deref().unwrap_or_default();
        reference.strip_prefix("static ").unwrap_or(reference) == field
    };
    let of_holder = |pair: &[PathStep]| {
        let known = suspect.holder.object_id.as_deref();
        by_field(&pair[1]) && known == Some(pair[0].object_id.as_str())
    };
    let exactly = suspect.path.windows(2).position(of_holder);
    let exactly = exactly.map(|before| before + 1);
    exactly.or_else(|| suspect.path.iter().position(by_field))
}

fn simple_name(class: &str) -> String {
    match class.split_once(' ') {
        Some(("class", name)) => format!("class {}", simple_name(name)),
        _ => class.rsplit('.').next().unwrap_or(class).to_owned(),
    }
}

/// What a suspect keeps by class, as a bar. `None` where no classes are known.
fn inside(suspect: &Suspect, words: &Words) -> Option<Bar> {
    let (whole, units) = (suspect.retained_bytes, words.units);
    let classes = &suspect.content.classes;
    if whole == 0 || classes.is_empty() {
        return None;
    }
    let parts = classes.iter().enumerate().map(|(i, row)| {
        let bytes = units.bytes(row.bytes);
        let class = neutralise::plain(&row.class, true);
        let simple = class.rsplit('.').next().unwrap_or(&class);
        BarPart {
            swatch: Swatch::Part(i),
            name: format!("{simple} {bytes}"),
            title: format!("{class}: {bytes} in {} objects", count(row.objects)),
            bytes: row.bytes,
        }
    });
    Some(Bar {
        label: format!("{} by class", units.bytes(whole)),
        bytes: whole,
        parts: parts.collect(),
    })
}

/// The classes inside a suspect, and other holders, without lists that are empty.
fn parts(suspect: &Suspect, words: &Words) -> Vec<Part> {
    let size = |bytes| bold(&words.units.bytes(bytes));
    let space = || Span::Text(" ".to_owned());
    let classes = suspect.content.classes.iter().take(words.level.rows);
    let classes = classes.map(|row| {
        let class = words.code(&row.class);
        vec![size(row.bytes), space(), words.of(row.objects), class]
    });
    let mut classes: Vec<Inline> = classes.collect();
    let known = suspect.content.classes.iter().map(|row| row.bytes);
    let known = known.fold(0, u64::saturating_add);
    let other = suspect.retained_bytes.saturating_sub(known);
    if other > 0 && !classes.is_empty() {
        classes.push(vec![size(other), Span::Text(" other classes".to_owned())]);
    }
    let member = |member: &Member| {
        let mut item = vec![
            size(member.retained_bytes),
            space(),
            words.code(&member.title),
        ];
        if let Some(id) = &member.object_id {
            item.extend([Span::Text(" at ".to_owned()), words.code(id)]);
        }
        item
    };
    let members = |name, title, list: &[Member]| Part {
        name,
        title,
        mark: Mark::Item,
        items: list.iter().take(words.level.rows).map(member).collect(),
    };
    let shared = "Also held by, and what each alone would free";
    let mut parts = vec![
        Part {
            name: "of",
            title: "Largest classes inside",
            mark: Mark::Part(suspect.content.classes.len()),
            items: classes,
        },
        members("merges", "Merged holders", &suspect.members),
        members("shared", shared, &suspect.shared_with),
        members("inside", "Suspects inside", &suspect.inside),
    ];
    parts.retain(|part| !part.items.is_empty());
    parts
}
