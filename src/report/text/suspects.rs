//! Suspects as text: numbers first, then who, what, and what to do; at most ten lines each.

use anstyle::{AnsiColor, Style};

use super::super::describe;
use super::super::model::{Member, PathStep, Report, Severity, Suspect};
use super::super::units::count;
use super::page::Page;
use super::{EVERYTHING, Plan};

pub(super) fn section(page: &mut Page, report: &Report, plan: Plan) {
    let floor = report
        .verdict
        .suspect_floor_bytes
        .map(|b| page.units().bytes(b));
    if report.suspects.is_empty() {
        let aside = match floor {
            Some(floor) => format!("none: nothing that one owner keeps reaches {floor}"),
            None => "none".to_owned(),
        };
        page.heading("SUSPECTS", &aside);
        return;
    }
    let title = describe::title_of_suspects(report);
    let mut aside = format!(
        "% of {} reachable",
        page.units().bytes(report.heap.strong.bytes)
    );
    if let Some(max) = report.heap.max_bytes {
        aside.push_str(&format!(", % of {} max heap", page.units().bytes(max)));
    }
    // Where nobody is accused, nobody asks from which size on.
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
    page.more(report.suspects.len(), plan.suspects);
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
        describe::words(&suspect.holder.kind)
    ));
    let facts = page.fit(
        &facts,
        page.width().saturating_sub(rank.len() + size.len() + 2),
    );
    let size = page.style(Style::new().bold().fg_color(Some(colour.into())), &size);
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
    page.paragraph("    ", &text, Style::new(), 1);
}

fn long(page: &mut Page, suspect: &Suspect, plan: Plan) {
    let full = plan.suspects == EVERYTHING.suspects;
    let lines = plan.sentence_lines.min(if full { usize::MAX } else { 2 });
    let bold = Style::new().bold();
    let normal = Style::new();
    let mut holder = describe::holder(&suspect.holder);
    if !full {
        // The end of it, the field, matters most: cut in the middle.
        holder = page.fit(&holder, page.width().saturating_sub(13));
    }
    page.paragraph("    held by  ", &holder, bold, lines);
    page.paragraph("    keeps    ", &kept(page, suspect), normal, lines);
    if let Some(pattern) = &suspect.pattern {
        page.paragraph(
            "    pattern  ",
            &describe::pattern(pattern, page.units()),
            normal,
            1.max(lines / 2),
        );
        if !pattern.advice.is_empty() {
            page.paragraph("    fix      ", &pattern.advice, normal, lines);
        }
    }
    if full {
        everything(page, suspect);
    } else if !suspect.path.is_empty() {
        // No suspect takes more than ten lines: 1 + 1 + 2 + 1 + 2 + 2 + 1.
        page.paragraph(
            "    path     ",
            &short_path(page, suspect),
            Style::new().dimmed(),
            lines,
        );
    }
    page.paragraph(
        "    id       ",
        &suspect.signature,
        Style::new().dimmed(),
        1.max(lines / 2),
    );
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

/// The path on a line, classes without their packages: the holder above has the full name.
fn short_path(page: &Page, suspect: &Suspect) -> String {
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
    root.chain(steps)
        .collect::<Vec<_>>()
        .join(page.glyph(" → ", " -> "))
}

fn simple_name(class: &str) -> String {
    match class.split_once(' ') {
        Some(("class", name)) => format!("class {}", simple_name(name)),
        _ => class.rsplit('.').next().unwrap_or(class).to_owned(),
    }
}

/// What only `--detail full` tells of a suspect.
fn everything(page: &mut Page, suspect: &Suspect) {
    let normal = Style::new();
    let frees = describe::frees(suspect, page.units());
    page.paragraph("    frees    ", &frees, normal, usize::MAX);
    if let Some(point) = &suspect.accumulation_point {
        let size = page.units().bytes(point.retained_bytes);
        let text = format!("{} at {} ({size})", point.class, point.object_id);
        page.paragraph("    gathers  ", &text, normal, usize::MAX);
    }
    for note in &suspect.notes {
        page.paragraph("    note     ", note, normal, usize::MAX);
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
