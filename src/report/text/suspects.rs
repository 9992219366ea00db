//! Suspects as text: numbers first, then who, what, and what to do; at most ten lines each. Names are cut last.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::super::describe;
use super::super::model::{Member, PathStep, Report, Severity, Suspect};
use super::super::units::{count, counted};
use super::page::Page;
use super::{EVERYTHING, Plan};
use crate::sentence::Sentence;

pub(super) fn section(page: &mut Page, report: &Report, plan: Plan) {
    let floor = report
        .verdict
        .suspect_floor_bytes
        .map(|b| page.units().bytes(b));
    if report.suspects.is_empty() {
        let aside = match floor {
            Some(floor) => format!("none: no owner keeps {floor} or more"),
            None => "none".to_owned(),
        };
        page.heading("SUSPECTS", &aside);
        return;
    }
    let title = describe::title_of_suspects(report);
    let mut aside = format!(
        "% of {} reachable",
        page.units().bytes(report.heap.reachable_bytes())
    );
    if let Some(max) = report.heap.max_bytes {
        aside.push_str(&format!(", % of {} max heap", page.units().bytes(max)));
    }
    // Without suspects the size from which on they are listed does not matter.
    if let (Some(floor), "Suspects") = (floor, title) {
        aside.push_str(&format!("; nothing below {floor} is listed"));
    }
    page.heading(&title.to_uppercase(), &aside);
    for (i, suspect) in report.suspects.iter().take(plan.suspects).enumerate() {
        numbers(page, suspect);
        if i < plan.long_suspects {
            long(page, suspect, plan);
        } else {
            brief(page, suspect);
        }
    }
    if plan.fact_lines > 0 {
        page.more(report.suspects.len(), plan.suspects);
    }
    if let Some(more) = describe::more_suspects(report) {
        page.left_out(&more);
    }
}

fn numbers(page: &mut Page, suspect: &Suspect) {
    let colour = match suspect.severity {
        Severity::Critical => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    };
    let rank = format!(" {}. ", suspect.rank);
    let size = page.units().bytes(suspect.retained_bytes);
    let mut facts = describe::shares(suspect);
    if let Some(native) = suspect.off_heap_bytes.filter(|&b| b > 0) {
        facts.push_str(&format!("; + {} off-heap", page.units().bytes(native)));
    }
    facts.push_str(&format!(
        "  [{}, {}]",
        describe::severity(suspect.severity),
        describe::words(suspect.holder.kind.as_str())
    ));
    let room = page.width().saturating_sub(rank.len() + size.len() + 2);
    let facts = page.fit(&facts, room);
    let size = page.style(Style::new().bold().fg_color(Some(colour.into())), &size);
    if facts.width() > room {
        page.line(format!("{rank}{size}"));
        return page.paragraph("    ", &facts, Style::new(), usize::MAX);
    }
    page.line(format!("{rank}{size}  {facts}"));
}

/// One line: who keeps what.
fn brief(page: &mut Page, suspect: &Suspect) {
    let times = page.glyph("×", "x");
    let holder = describe::holder(&suspect.holder);
    let text = format!(
        "{holder} keeps {}",
        describe::content(&suspect.content, times)
    );
    let text = page.fit_lines("    ", &text, 1);
    page.paragraph("    ", &text, Style::new(), 1);
}

/// A line or more of a suspect.
struct Fact {
    label: &'static str,
    text: String,
    style: Style,
    /// Lines at most.
    lines: usize,
}

fn long(page: &mut Page, suspect: &Suspect, plan: Plan) {
    if plan.suspects == EVERYTHING.suspects {
        let holder = describe::holder(&suspect.holder);
        page.paragraph(HELD_BY, &holder, Style::new().bold(), usize::MAX);
        for fact in facts_of(page, suspect, usize::MAX) {
            page.paragraph(fact.label, &fact.text, fact.style, fact.lines);
        }
        everything(page, suspect);
        let id = &suspect.signature;
        page.paragraph(ID, id, Style::new().dimmed(), usize::MAX);
        return;
    }
    let most = match page.whole() {
        true => usize::MAX,
        false => plan.sentence_lines.min(2),
    };
    let mut facts = facts_of(page, suspect, most);
    if plan.suspect_lines < FEWEST_LINES {
        // The advice and the path say more than the name of the pattern.
        facts.retain(|fact| fact.label != PATTERN);
    }
    for fact in &mut facts {
        fact.lines = fact.lines.min(page.lines_of(fact.label, &fact.text));
    }
    let dim = Style::new().dimmed();
    if !suspect.path.is_empty() {
        facts.push(Fact {
            label: PATH,
            text: String::new(),
            style: dim,
            lines: match page.whole() {
                true => PATH_LINES,
                false => plan.sentence_lines.min(2),
            },
        });
    }
    // Whom to look for, here and in other tickets: cut in the middle, and only when two lines are not enough.
    let mut holder = describe::holder(&suspect.holder);
    if let Some(via) = suspect.holder.via.as_ref()
        && page.lines_of(HELD_BY, &holder) > 2
    {
        holder = describe::holder_alone(&suspect.holder);
        let text = page.fit_lines(IN, via, 1);
        facts.insert(
            0,
            Fact {
                label: IN,
                text,
                style: Style::new(),
                lines: 1,
            },
        );
    }
    let has = |label| facts.iter().any(|fact| fact.label == label);
    // All facts together leave the holder one line.
    let lines = if has(IN) && has(ALSO_BY) { 1 } else { 2 };
    let names = [(HELD_BY, holder, lines), (ID, suspect.signature.clone(), 2)];
    let names = names.map(|(label, name, lines)| page.fit_lines(label, &name, lines));
    let names_at_end = usize::from(plan.suspect_lines >= FEWEST_LINES);
    let named: usize = [HELD_BY, ID][..=names_at_end]
        .iter()
        .zip(&names)
        .map(|(label, name)| page.lines_of(label, name))
        .sum();
    spare(&mut facts, plan.suspect_lines.saturating_sub(named));
    let [holder, id] = names;
    page.paragraph(HELD_BY, &holder, Style::new().bold(), 2);
    for fact in &facts {
        let text = if fact.label == PATH {
            short_path(page, suspect, fact.lines)
        } else {
            fact.text.clone()
        };
        page.paragraph(fact.label, &text, fact.style, fact.lines);
    }
    if names_at_end > 0 {
        page.paragraph(ID, &id, dim, 2);
    }
}

/// Lines of a suspect below its numbers from which on its identifier and its pattern are reported.
const FEWEST_LINES: usize = 8;
/// Lines of a path where nothing is cut.
const PATH_LINES: usize = 6;

/// Lines of an advice on a terminal.
const ADVICE_LINES: usize = 4;

const FIX: &str = "    fix      ";
const PATTERN: &str = "    pattern  ";
const HELD_BY: &str = "    held by  ";
const IN: &str = "    in       ";
const ALSO_BY: &str = "    also by  ";
const PATH: &str = "    path     ";
const ID: &str = "    id       ";

/// Content, further owners, pattern and advice.
fn facts_of(page: &Page, suspect: &Suspect, lines: usize) -> Vec<Fact> {
    let fact = |label, text, style, lines| Fact {
        label,
        text,
        style,
        lines,
    };
    let normal = Style::new();
    let mut facts = vec![fact("    keeps    ", kept(page, suspect), normal, lines)];
    // Whoever clears the holder alone frees nothing of what others hold as well.
    if let Some(text) = describe::also_held(suspect, page.units()) {
        // On one line, the name cut in its middle: what that owner alone would free is at the end.
        let text = match lines {
            usize::MAX => text,
            _ => page.fit_lines(ALSO_BY, &text, 1),
        };
        facts.push(fact(ALSO_BY, text, normal, lines));
    }
    if let Some(note) = first_note(suspect) {
        facts.push(fact(
            "    note     ",
            note.written(page.units()),
            normal,
            lines,
        ));
    }
    if let Some(pattern) = &suspect.pattern {
        let text = describe::pattern(pattern, page.units());
        facts.push(fact(PATTERN, text, normal, 1.max(lines / 2)));
        if !pattern.advice.is_empty() {
            let advice = pattern.advice.clone();
            facts.push(fact(FIX, advice, normal, lines.max(ADVICE_LINES)));
        }
    }
    facts
}

/// The note that a suspect has among its facts: the most important one, where no pattern says more.
fn first_note(suspect: &Suspect) -> Option<&Sentence> {
    suspect.notes.first().filter(|_| suspect.pattern.is_none())
}

/// Takes lines from one fact after the other until they take no more than `room`: the last first, then the path, and at the end the advice.
fn spare(facts: &mut [Fact], room: usize) {
    let mut used: usize = facts
        .iter()
        .map(|fact| fact.lines)
        .fold(0, usize::saturating_add);
    let mut order: Vec<&mut Fact> = facts.iter_mut().rev().collect();
    order.sort_by_key(|fact| match fact.label {
        FIX => 2,
        PATH => 1,
        _ => 0,
    });
    for fact in order {
        let spared = used.saturating_sub(room).min(fact.lines.saturating_sub(1));
        fact.lines -= spared;
        used -= spared;
    }
}

fn kept(page: &Page, suspect: &Suspect) -> String {
    let content = &suspect.content;
    let times = page.glyph("×", "x");
    let mut text = format!(
        "{} ({})",
        describe::content(content, times),
        page.units().bytes(content.retained_bytes)
    );
    if let Some(collection) = describe::collection(content) {
        text.push_str(&format!(" {collection}"));
    }
    if let Some(sizes) = describe::element_sizes(content, page.units()) {
        text.push_str(&format!("; {sizes}"));
    }
    text
}

/// Steps at the end of a path that are tried: more do not fit into two lines.
const LAST_STEPS: usize = 40;

/// The path on `lines` lines, classes without their packages: the holder above has the full name. Its end says more than its
/// middle, which is left out where it does not fit.
fn short_path(page: &Page, suspect: &Suspect, lines: usize) -> String {
    let steps: Vec<String> = suspect
        .path
        .iter()
        .map(|step| {
            let short = PathStep {
                class: simple_name(&step.class),
                ..step.clone()
            };
            format!(
                "{} {}",
                describe::step(&short),
                page.units().bytes(step.retained_bytes)
            )
        })
        .collect();
    let root = suspect.path_root.iter().map(|root| format!("[{root}]"));
    let steps: Vec<String> = root.chain(steps).collect();
    let arrow = page.glyph(" → ", " -> ");
    let whole = steps.join(arrow);
    if page.lines_of(PATH, &whole) <= lines {
        return whole;
    }
    let before_path = steps.len() - suspect.path.len();
    let named = named_step(suspect).map_or(0, |at| at + before_path);
    let kept = |(last, with_named): (usize, bool)| {
        let mark = page.glyph("…", "...");
        let gap = |n: usize| (n > 0).then(|| format!("{mark} {}", counted(n as u64, "step")));
        let (first, tail) = (1, steps.len() - last);
        let (middle, rest) = match with_named && named > first && named < tail {
            true => (Some(steps[named].clone()), tail - named - 1),
            false => (None, 0),
        };
        let before = if middle.is_some() { named } else { tail } - first;
        let mut parts: Vec<String> = steps.first().cloned().into_iter().collect();
        parts.extend(gap(before).into_iter().chain(middle).chain(gap(rest)));
        parts.extend(steps[tail..].iter().cloned());
        parts.join(arrow)
    };
    let most = LAST_STEPS.min(steps.len().saturating_sub(2));
    // The step through the field that is named is left out only where nothing else fits.
    let tried = [(0, true), (1, false)];
    let tried = tried.map(|(least, named)| (least..=most).rev().map(move |last| (last, named)));
    tried
        .into_iter()
        .flatten()
        .map(kept)
        .find(|text| page.lines_of(PATH, text) <= lines)
        .unwrap_or_else(|| page.fit_lines(PATH, &whole, lines))
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

/// What only `--detail full` says of a suspect.
fn everything(page: &mut Page, suspect: &Suspect) {
    let normal = Style::new();
    let frees = describe::frees(suspect, page.units());
    page.paragraph("    frees    ", &frees, normal, usize::MAX);
    if let Some(point) = &suspect.accumulation_point {
        let size = page.units().bytes(point.retained_bytes);
        let text = format!("{} at {} ({size})", point.class, point.object_id);
        page.paragraph("    gathers  ", &text, normal, usize::MAX);
    }
    for note in suspect
        .notes
        .iter()
        .skip(usize::from(first_note(suspect).is_some()))
    {
        page.paragraph(
            "    note     ",
            &note.written(page.units()),
            normal,
            usize::MAX,
        );
    }
    for row in &suspect.content.classes {
        let times = page.glyph("×", "x");
        let text = format!(
            "{}  {} {times} {}",
            page.units().bytes(row.bytes),
            count(row.objects),
            row.class
        );
        page.paragraph("    of       ", &text, normal, usize::MAX);
    }
    members(page, "    merges   ", &suspect.members);
    members(page, "    shared   ", &suspect.shared_with);
    members(page, "    inside   ", &suspect.inside);
    let root = suspect.path_root.as_deref().unwrap_or("GC root");
    if !suspect.path.is_empty() {
        page.paragraph("    path     ", &format!("from {root}"), normal, usize::MAX);
    }
    let branch = page.glyph("└ ", "` ");
    for (depth, step) in suspect.path.iter().enumerate() {
        // Deep paths stay within the page.
        let indent = " ".repeat(6 + 2 * depth.min(12));
        let size = page.units().bytes(step.retained_bytes);
        let text = format!("{}  {size}  {}", describe::step(step), step.object_id);
        page.paragraph(
            &format!("{indent}{branch}"),
            &text,
            Style::new().dimmed(),
            usize::MAX,
        );
    }
}

fn members(page: &mut Page, label: &str, members: &[Member]) {
    for member in members {
        let at = member
            .object_id
            .as_ref()
            .map(|id| format!(" at {id}"))
            .unwrap_or_default();
        let text = format!(
            "{}  {}{at}",
            page.units().bytes(member.retained_bytes),
            member.title
        );
        page.paragraph(label, &text, Style::new(), usize::MAX);
    }
}
