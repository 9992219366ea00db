//! A fleet for a terminal.

use super::describe;
use super::formats::View;
use super::model::{Cause, Fleet};
use crate::numbers::count;
use crate::report::neutralise;
use crate::report::table::{Align, Table};

/// Reasons that are shown of files that were not read.
const MOST_REASONS: usize = 20;
/// Causes that are shown of a pod.
const MOST_CAUSES: usize = 3;

pub(super) fn text(fleet: &Fleet, view: &View) -> String {
    let mut page = Page {
        lines: Vec::new(),
        view,
    };
    // Fit for a title: not cut.
    let title = page.clean(&describe::summary(fleet));
    page.lines.push(title);
    for note in describe::notes(fleet) {
        page.line("", &note);
    }
    page.causes(fleet);
    page.baseline(fleet);
    page.courses(fleet);
    page.not_read(fleet);
    page.lines.join("\n") + "\n"
}

struct Page<'v> {
    lines: Vec<String>,
    view: &'v View,
}

impl Page<'_> {
    fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.view.unicode { unicode } else { ascii }
    }

    fn arrow(&self) -> &'static str {
        self.glyph(" → ", " -> ")
    }

    fn mark(&self) -> &'static str {
        self.glyph("…", "...")
    }

    fn clean(&self, text: &str) -> String {
        neutralise::plain(text, self.view.unicode)
    }

    /// A line, made harmless and cut to the width.
    fn line(&mut self, indent: &str, text: &str) {
        let room = self.view.width.saturating_sub(indent.len()).max(20);
        let text = neutralise::clip(&self.clean(text), room, self.mark());
        self.lines.push(format!("{indent}{text}"));
    }

    fn heading(&mut self, title: &str, aside: &str) {
        self.lines.push(String::new());
        let aside = self.clean(aside);
        self.lines
            .push(format!("{title}  {aside}").trim_end().to_owned());
    }

    fn causes(&mut self, fleet: &Fleet) {
        if fleet.causes.is_empty() {
            return;
        }
        self.heading(
            "CAUSES",
            "by number of dumps, then by bytes; sizes are retained",
        );
        let aligns = [
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Left,
            Align::Left,
        ];
        let mut table = Table::new(&aligns, &[2]);
        table.head(["dumps", "median", "largest", "verdicts", "held by"]);
        let units = self.view.units;
        for cause in &fleet.causes {
            table.row([
                count(cause.dumps),
                units.bytes(cause.median_retained_bytes),
                units.bytes(cause.largest_retained_bytes),
                describe::verdicts(cause.verdicts),
                cause.holder.clone(),
            ]);
        }
        let mut rows = table
            .lines(self.view.width.saturating_sub(2), self.view.unicode)
            .into_iter();
        let head = rows.next().unwrap_or_default();
        self.lines.push(format!("  {head}"));
        for (row, cause) in rows.zip(&fleet.causes) {
            self.lines.push(format!("  {row}"));
            self.about(cause);
        }
        self.more(fleet.more_causes);
    }

    fn about(&mut self, cause: &Cause) {
        let indent = " ".repeat(9);
        self.line(&indent, &format!("keeps {}", cause.content));
        self.line(&indent, &describe::places(cause));
        if let Some(grew) = describe::grew(cause, self.view.units) {
            self.line(&indent, &grew);
        }
        self.line(&indent, &format!("id {}", cause.signature));
    }

    fn more(&mut self, number: u64) {
        if number > 0 {
            let mark = self.mark();
            self.lines
                .push(format!("  {mark} {} more: --top N", count(number)));
        }
    }

    fn baseline(&mut self, fleet: &Fleet) {
        let Some(comparison) = &fleet.baseline else {
            return;
        };
        self.heading("BASELINE", &describe::baseline(comparison));
        for (title, changes) in describe::changes(comparison) {
            if changes.is_empty() {
                self.lines.push(format!("  {title}: none"));
            }
            for change in changes {
                let facts = describe::change(change, self.view.units, self.arrow());
                self.line("  ", &format!("{title}: {}; {facts}", change.holder));
            }
        }
    }

    fn courses(&mut self, fleet: &Fleet) {
        if fleet.courses.is_empty() {
            return;
        }
        self.heading("PODS OVER TIME", "those with several dumps");
        for pod in &fleet.courses {
            let facts = describe::pod_facts(pod, self.view.units, self.arrow());
            self.line("  ", &format!("{}: {facts}", describe::pod(pod)));
            for cause in pod.causes.iter().take(MOST_CAUSES) {
                let course = describe::course(cause, self.view.units, self.arrow());
                self.line("    ", &format!("{} {course}", cause.holder));
            }
        }
        self.more(fleet.more_courses);
    }

    fn not_read(&mut self, fleet: &Fleet) {
        if fleet.not_read.is_empty() {
            return;
        }
        self.heading("NOT READ", "");
        for file in fleet.not_read.iter().take(MOST_REASONS) {
            self.line("  ", &format!("{}: {}", file.file, file.why));
        }
        let more = fleet.not_read_count.saturating_sub(MOST_REASONS as u64);
        if more > 0 {
            let mark = self.mark();
            self.lines
                .push(format!("  {mark} {} more: --format json", count(more)));
        }
    }
}
