//! What grew since the earlier inputs.

use anstyle::{AnsiColor, Style};

use super::super::describe::growth as lines;
use super::super::model::{Growth, Report};
use super::Plan;
use super::page::Page;

/// Owners that changed and do not grow, or are large and constant.
const OTHERS: usize = 4;
/// Pools of threads and names of class loaders that became more.
const GROUPS: usize = 3;

/// The heap as a whole, who grew, who did not; first of all that follows the headline.
pub(super) fn section(page: &mut Page, report: &Report, plan: Plan) {
    let Some(growth) = &report.growth else {
        return;
    };
    let arrow = page.glyph(" → ", " -> ");
    page.heading("GROWTH", &lines::summary(growth, page.units(), arrow));
    let (grown, others) = lines::holders(growth, page.units(), arrow);
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    let shown = plan.reasons.min(grown.len());
    for row in &grown[..shown] {
        let label = page.glyph("  ▲ ", "  + ");
        page.paragraph(label, &line(row), red, plan.sentence_lines);
    }
    page.more(grown.len(), shown);
    if let Some(nobody) = lines::nobody(growth).filter(|_| grown.is_empty()) {
        page.paragraph("  ", nobody, Style::new(), plan.sentence_lines);
    }
    if let Some(rest) = lines::unexplained(growth).filter(|_| !grown.is_empty()) {
        let text = format!(
            "{} of the growth have no owner in this list.",
            page.units().bytes(rest)
        );
        page.paragraph("  ", &text, Style::new(), 1);
    }
    for group in lines::groups(growth, arrow).iter().take(GROUPS) {
        page.paragraph("  ", group, Style::new(), plan.sentence_lines);
    }
    classes(page, growth, arrow, plan);
    let shown = plan
        .cleared
        .min(OTHERS.max(plan.cleared / 2))
        .min(others.len());
    for row in &others[..shown] {
        page.paragraph(
            "    ",
            &line(row),
            Style::new().dimmed(),
            plan.sentence_lines,
        );
    }
    page.more(others.len(), shown);
    for note in &growth.notes {
        page.paragraph(
            "  ! ",
            note,
            Style::new().fg_color(Some(AnsiColor::Yellow.into())),
            plan.sentence_lines,
        );
    }
}

/// The classes that grew, where that is all that is known.
fn classes(page: &mut Page, growth: &Growth, arrow: &str, plan: Plan) {
    if growth.intervals() > 0 {
        return;
    }
    for row in lines::classes(growth, page.units(), arrow, plan.reasons) {
        let kept = match row.kept_by.is_empty() {
            true => String::new(),
            false => format!("; most of them kept by {}", row.kept_by),
        };
        let text = format!(
            "{} {}: {} objects, {}{kept}",
            row.class, row.word, row.objects, row.bytes
        );
        page.paragraph("  ", &text, Style::new(), plan.sentence_lines);
    }
}

fn line(row: &lines::HolderLine) -> String {
    let mut line = format!("{} {}: {}", row.owner, row.word, row.bytes);
    if !row.content.is_empty() {
        line.push_str(&format!(", {}", row.content));
    }
    for note in &row.notes {
        line.push_str(&format!("; {note}"));
    }
    line
}
