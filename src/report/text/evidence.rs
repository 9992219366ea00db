//! What was read from outside the dump: one line a file.

use anstyle::Style;

use super::Plan;
use super::page::Page;
use crate::report::model::Report;

/// The section, where there is evidence.
pub fn section(page: &mut Page, report: &Report, plan: Plan) {
    if report.evidence.is_empty() {
        return;
    }
    page.heading("EVIDENCE", "given from outside the dump");
    for item in report.evidence.iter().take(plan.cleared) {
        let text = format!(
            "{} ({}): {}",
            item.source,
            item.kind,
            item.text.written(page.units())
        );
        page.paragraph("  ", &text, Style::new(), plan.sentence_lines);
        if let Some(contradiction) = &item.contradiction {
            page.paragraph(
                "    contradicts: ",
                &contradiction.written(page.units()),
                Style::new().bold(),
                plan.sentence_lines,
            );
        }
    }
    page.more(report.evidence.len(), plan.cleared);
}
