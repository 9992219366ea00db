//! Suspects as text: numbers first, then who, what, and what to do; at most ten lines each. Names are cut last.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::super::describe;
use super::super::inline::words;
use super::super::model::{PathStep, Report, Severity, Suspect};
use super::super::outline::Words;
use super::super::outline::suspects::{
    self as outline, ALSO_HELD_BY, FIX, GATHERS_IN, NOTE, OFF_HEAP, PATTERN, SIGNATURE,
};
use super::super::units::counted;
use super::page::Page;
use super::{EVERYTHING, Plan};

/// The suspects that the plan has room for; the first of them with their facts.
pub(super) fn list(page: &mut Page, report: &Report, plan: Plan, words: &Words) {
    for (i, suspect) in report.suspects.iter().take(plan.suspects).enumerate() {
        numbers(page, suspect);
        match i < plan.long_suspects {
            true if plan.suspects == EVERYTHING.suspects => everything(page, suspect, words),
            true => long(page, suspect, plan, words),
            false => brief(page, suspect),
        }
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
    let holder = describe::holder(&suspect.holder);
    let content = describe::content(&suspect.content);
    let text = page.fit_lines("    ", &format!("{holder} keeps {content}"), 1);
    page.paragraph("    ", &text, Style::new(), 1);
}

/// A line or more of a suspect.
struct Fact {
    name: &'static str,
    text: String,
    /// Lines at most.
    lines: usize,
}

fn fact(name: &'static str, text: String, lines: usize) -> Fact {
    Fact { name, text, lines }
}

const HELD_BY: &str = "held by";
const IN: &str = "in";
const PATH: &str = "path";

/// Lines of a suspect below its numbers from which on its signature and its pattern are reported.
const FEWEST_LINES: usize = 8;
/// Lines of a path where nothing is cut.
const PATH_LINES: usize = 6;
/// Lines of an advice on a terminal.
const ADVICE_LINES: usize = 4;

/// What stands before a fact.
fn label(name: &str) -> String {
    let name = match name {
        ALSO_HELD_BY => "also by",
        GATHERS_IN => "gathers",
        name => name,
    };
    format!("    {name:<9} ")
}

fn write(page: &mut Page, name: &str, text: &str, lines: usize) {
    let style = match name {
        HELD_BY => Style::new().bold(),
        PATH | SIGNATURE => Style::new().dimmed(),
        _ => Style::new(),
    };
    page.paragraph(&label(name), text, style, lines);
}

fn long(page: &mut Page, suspect: &Suspect, plan: Plan, words: &Words) {
    let most = match page.whole() {
        true => usize::MAX,
        false => plan.sentence_lines.min(2),
    };
    let mut facts = facts_of(page, suspect, words, most);
    if plan.suspect_lines < FEWEST_LINES {
        // The advice and the path say more than the name of the pattern.
        facts.retain(|fact| fact.name != PATTERN);
    }
    for fact in &mut facts {
        fact.lines = fact.lines.min(page.lines_of(&label(fact.name), &fact.text));
    }
    if !suspect.path.is_empty() {
        facts.push(fact(PATH, String::new(), most.min(PATH_LINES)));
    }
    // Whom to look for, here and in other tickets: cut in the middle, and only when two lines are not enough.
    let mut holder = describe::holder(&suspect.holder);
    if let Some(via) = suspect.holder.via.as_ref()
        && page.lines_of(&label(HELD_BY), &holder) > 2
    {
        holder = describe::holder_alone(&suspect.holder);
        let text = page.fit_lines(&label(IN), via, 1);
        facts.insert(0, fact(IN, text, 1));
    }
    let has = |name| facts.iter().any(|fact| fact.name == name);
    // All facts together leave the holder one line.
    let lines = if has(IN) && has(ALSO_HELD_BY) { 1 } else { 2 };
    let names = [
        (HELD_BY, holder, lines),
        (SIGNATURE, suspect.signature.clone(), 2),
    ];
    let names = names.map(|(name, text, lines)| page.fit_lines(&label(name), &text, lines));
    let names_at_end = usize::from(plan.suspect_lines >= FEWEST_LINES);
    let named: usize = [HELD_BY, SIGNATURE][..=names_at_end]
        .iter()
        .zip(&names)
        .map(|(name, text)| page.lines_of(&label(name), text))
        .sum();
    spare(&mut facts, plan.suspect_lines.saturating_sub(named));
    let [holder, signature] = names;
    write(page, HELD_BY, &holder, 2);
    for fact in &facts {
        match fact.name {
            PATH => {
                let path = short_path(page, suspect, fact.lines);
                write(page, PATH, &path, fact.lines);
            }
            name => write(page, name, &fact.text, fact.lines),
        }
    }
    if names_at_end > 0 {
        write(page, SIGNATURE, &signature, 2);
    }
}

/// What a screen has of a suspect: the first note only, and where no pattern says more.
fn facts_of(page: &Page, suspect: &Suspect, words: &Words, lines: usize) -> Vec<Fact> {
    let mut notes = usize::from(suspect.pattern.is_none());
    let mut facts = Vec::new();
    for (name, value) in outline::facts(suspect, words, true) {
        let text = self::words(&value);
        match name {
            OFF_HEAP => {}
            NOTE if notes == 0 => {}
            NOTE => {
                notes -= 1;
                facts.push(fact(NOTE, text, lines));
            }
            // On one line, the name cut in its middle: what that owner alone would free is at the end.
            ALSO_HELD_BY if lines < usize::MAX => {
                let text = page.fit_lines(&label(name), &text, 1);
                facts.push(fact(name, text, lines));
            }
            PATTERN => facts.push(fact(name, text, 1.max(lines / 2))),
            FIX => facts.push(fact(name, text, lines.max(ADVICE_LINES))),
            _ => facts.push(fact(name, text, lines)),
        }
    }
    facts
}

/// Takes lines from one fact after the other until they take no more than `room`: the last first, then the path, and at the end the advice.
fn spare(facts: &mut [Fact], room: usize) {
    let mut used: usize = facts
        .iter()
        .map(|fact| fact.lines)
        .fold(0, usize::saturating_add);
    let mut order: Vec<&mut Fact> = facts.iter_mut().rev().collect();
    order.sort_by_key(|fact| match fact.name {
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
    let label = label(PATH);
    let whole = steps.join(" → ");
    if page.lines_of(&label, &whole) <= lines {
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
        parts.join(" → ")
    };
    let most = LAST_STEPS.min(steps.len().saturating_sub(2));
    // The step through the field that is named is left out only where nothing else fits.
    let tried = [(0, true), (1, false)];
    let tried = tried.map(|(least, named)| (least..=most).rev().map(move |last| (last, named)));
    tried
        .into_iter()
        .flatten()
        .map(kept)
        .find(|text| page.lines_of(&label, text) <= lines)
        .unwrap_or_else(|| page.fit_lines(&label, &whole, lines))
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

/// Everything of a suspect, nothing cut.
fn everything(page: &mut Page, suspect: &Suspect, words: &Words) {
    write(
        page,
        HELD_BY,
        &describe::holder(&suspect.holder),
        usize::MAX,
    );
    for (name, value) in outline::facts(suspect, words, true) {
        if name != OFF_HEAP {
            write(page, name, &self::words(&value), usize::MAX);
        }
    }
    for part in outline::parts(suspect, words) {
        for item in &part.items {
            write(page, part.name, &self::words(item), usize::MAX);
        }
    }
    let root = suspect.path_root.as_deref().unwrap_or("GC root");
    if !suspect.path.is_empty() {
        page.paragraph(
            &label(PATH),
            &format!("from {root}"),
            Style::new(),
            usize::MAX,
        );
    }
    let branch = page.glyph("└ ", "` ");
    for (depth, step) in suspect.path.iter().enumerate() {
        // Deep paths stay within the page.
        let lead = format!("{}{branch}", " ".repeat(6 + 2 * depth.min(12)));
        let size = words.units.bytes(step.retained_bytes);
        let text = format!("{}  {size}  {}", describe::step(step), step.object_id);
        page.paragraph(&lead, &text, Style::new().dimmed(), usize::MAX);
    }
    write(page, SIGNATURE, &suspect.signature, usize::MAX);
}
