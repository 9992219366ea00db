//! The suspects of an outline.

use super::super::blocks::{Block, Inline, Mark, Span, bold, text};
use super::super::describe;
use super::super::model::{Member, PathStep, Report, Suspect};
use super::super::units::counted;
use super::{Words, by_option, left_out};

/// Names of facts that a format treats in a way of its own.
pub(in crate::report) const OFF_HEAP: &str = "off-heap";
pub(in crate::report) const ALSO_HELD_BY: &str = "also held by";
pub(in crate::report) const NOTE: &str = "note";
pub(in crate::report) const PATTERN: &str = "pattern";
pub(in crate::report) const FIX: &str = "fix";
pub(in crate::report) const GATHERS_IN: &str = "gathers in";
pub(in crate::report) const SIGNATURE: &str = "signature";

/// Properties with their values.
pub(in crate::report) type Facts = Vec<(&'static str, Inline)>;

pub(in crate::report) fn blocks(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    heading(blocks, report, words);
    let shown = report.suspects.iter().take(words.level.suspects);
    for (i, suspect) in shown.enumerate() {
        one(blocks, suspect, words, i < words.level.long);
    }
    rest(blocks, report, words);
}

/// The heading, and what shares are of.
pub(in crate::report) fn heading(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
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

/// How many suspects are not written, and how many the report does not have.
pub(in crate::report) fn rest(blocks: &mut Vec<Block>, report: &Report, words: &Words) {
    words.counted_rest(blocks, report.suspects.len(), words.level.suspects);
    let more = describe::more_suspects(report).into_iter();
    blocks.extend(more.map(|(more, how)| left_out(more, &by_option(&how))));
}

fn one(blocks: &mut Vec<Block>, suspect: &Suspect, words: &Words, long: bool) {
    blocks.push(Block::Paragraph(head(suspect, words)));
    let mut rows = facts(suspect, words, long);
    rows.push((SIGNATURE, vec![words.code(&suspect.signature)]));
    blocks.push(Block::Facts(rows));
    if long {
        blocks.extend(path(suspect, words));
    }
    if words.details {
        blocks.extend(folded(parts(suspect, words)));
    }
}

/// How much who holds.
fn head(suspect: &Suspect, words: &Words) -> Inline {
    let size = words.units.bytes(suspect.retained_bytes);
    let shares = describe::shares(suspect);
    let kind = describe::words(suspect.holder.kind.as_str());
    vec![
        bold(&format!("{}. {size}", suspect.rank)),
        Span::Text(format!(" = {shares}, held by ")),
        words.code(&describe::holder(&suspect.holder)),
        words.text(&format!(" ({kind})")),
    ]
}

/// What is known of a suspect besides how much who holds; pattern and notes where there is room (`long`).
pub(in crate::report) fn facts(suspect: &Suspect, words: &Words, long: bool) -> Facts {
    let units = words.units;
    let mut facts = vec![("keeps", kept(suspect, words, long))];
    // Whoever clears the holder alone frees nothing of what others hold as well.
    let others = describe::also_held(suspect, units);
    facts.extend(others.map(|others| (ALSO_HELD_BY, vec![words.text(&others)])));
    let native = suspect.off_heap_bytes.filter(|&bytes| bytes > 0);
    facts.extend(native.map(|native| {
        let native = format!("{} of native memory", units.bytes(native));
        (OFF_HEAP, text(&native))
    }));
    if !long {
        return facts;
    }
    if let Some(pattern) = &suspect.pattern {
        facts.push((
            PATTERN,
            vec![words.text(&describe::pattern(pattern, units))],
        ));
        if !pattern.advice.is_empty() {
            facts.push((FIX, words.sentence(&pattern.advice.as_str().into())));
        }
    }
    let notes = suspect.notes.iter().take(words.level.reasons);
    facts.extend(notes.map(|note| (NOTE, words.sentence(note))));
    if words.details {
        facts.push(("frees", text(&describe::frees(suspect, units))));
        facts.extend(suspect.accumulation_point.as_ref().map(|point| {
            let size = format!(" ({})", units.bytes(point.retained_bytes));
            let at = Span::Text(" at ".to_owned());
            let [class, id] = [&point.class, &point.object_id].map(|name| words.code(name));
            (GATHERS_IN, vec![class, at, id, Span::Text(size)])
        }));
    }
    facts
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

/// The path from the GC root, folded; nothing where none is known.
pub(in crate::report) fn path(suspect: &Suspect, words: &Words) -> Option<Block> {
    if suspect.path.is_empty() {
        return None;
    }
    let root = suspect.path_root.as_deref().unwrap_or("GC root");
    let step = |step: &PathStep| {
        let size = words.units.bytes(step.retained_bytes);
        vec![
            words.code(&describe::step(step)),
            Span::Text(format!(" {size} ")),
            words.code(&step.object_id),
        ]
    };
    let mut steps: Vec<Inline> = suspect.path.iter().map(step).collect();
    let (all, most) = (steps.len(), words.level.path);
    if all > most {
        let left_out = counted((all - most) as u64, "further step");
        let middle = most / 2..all - most.div_ceil(2);
        steps.splice(middle, [text(&left_out)]);
    }
    let title = format!("Path to suspect {}, from: {root}", suspect.rank);
    Some(Block::Folded(title, vec![Block::List(Mark::Step, steps)]))
}

/// A list of what belongs to a suspect.
pub(in crate::report) struct Part {
    /// What each item is, in a word.
    pub name: &'static str,
    /// What they are together.
    title: &'static str,
    mark: Mark,
    /// A line for each.
    pub items: Vec<Inline>,
}

/// The classes inside a suspect, and other holders, without lists that are empty.
pub(in crate::report) fn parts(suspect: &Suspect, words: &Words) -> Vec<Part> {
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

/// The lists as folded sections.
pub(in crate::report) fn folded(parts: Vec<Part>) -> impl Iterator<Item = Block> {
    parts.into_iter().map(|part| {
        let title = format!("{} ({})", part.title, part.items.len());
        Block::Folded(title, vec![Block::List(part.mark, part.items)])
    })
}
