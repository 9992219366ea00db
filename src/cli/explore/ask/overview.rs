//! The first view: the verdict, its reasons, the suspects, the memory of the process.

use super::super::screen::{Cell, Row, Screen, Target};
use super::Asker;
use crate::analyze::explore::dominators::By;
use crate::report::describe;
use crate::report::describe::growth as lines;
use crate::report::ledger_view;

impl Asker<'_, '_> {
    pub(super) fn overview(&self) -> Screen {
        let report = self.report;
        let mut facts = vec![describe::headline(report, self.units)];
        let damage = report.warnings.iter().filter(|warning| warning.damage);
        facts.extend(
            damage.map(|warning| format!("DAMAGED  {}", describe::warning(warning, self.units))),
        );
        if report.tool.values_shown {
            facts.push(format!("CONTAINS VALUES  {}", describe::VALUES_SHOWN));
        }
        let mut rows = Vec::new();
        self.suspects(&mut rows);
        self.growth(&mut rows);
        self.why(&mut rows);
        rows.push(Row::heading("Look around"));
        let tree = |by| Target::Tree { under: None, by };
        for (name, target) in [
            ("d  dominator tree: who keeps what alive", tree(By::Object)),
            ("c  classes", Target::Classes),
            (
                "t  threads with stacks and local variables",
                Target::Threads,
            ),
            ("l  class loaders", Target::Loaders),
            ("w  waste: strings, collections, arrays", Target::Waste),
        ] {
            rows.push(Row::text(name).to(target));
        }
        self.ledger(&mut rows);
        Screen {
            title: "Overview".to_owned(),
            facts,
            columns: vec![("Size", true), ("What", false)],
            optional: &[],
            rows,
            command: self.command("", self.values_option().trim()),
        }
    }

    fn suspects(&self, rows: &mut Vec<Row>) {
        let report = self.report;
        let title = match report.suspects.is_empty() {
            true if report.largest_holders.is_empty() => "Suspects: none",
            true => "Largest holders, none suspected",
            false => "Suspects",
        };
        rows.push(Row::heading(title));
        let listed = report.suspects.iter().chain(&report.largest_holders);
        for (place, suspect) in listed.enumerate() {
            let text = format!(
                "{}. {} keeps {}  {}",
                suspect.rank,
                describe::holder(&suspect.holder),
                describe::content(&suspect.content),
                describe::shares(suspect)
            );
            let row = Row::data(vec![Cell::Bytes(suspect.retained_bytes), Cell::Text(text)]);
            rows.push(row.to(Target::Suspect(place)));
        }
    }

    fn growth(&self, rows: &mut Vec<Row>) {
        let Some(growth) = &self.report.growth else {
            return;
        };
        rows.push(Row::heading(format!(
            "Growth: {}",
            lines::summary(growth, self.units)
        )));
        let (grown, others) = lines::holders(growth, self.units);
        for row in grown.iter().chain(&others) {
            rows.push(Row::text(format!(
                "{} {}: {}",
                row.owner, row.word, row.bytes
            )));
        }
    }

    fn why(&self, rows: &mut Vec<Row>) {
        let verdict = &self.report.verdict;
        rows.push(Row::heading(format!(
            "Why: confidence {}",
            describe::confidence(verdict.confidence)
        )));
        let reasons = verdict.reasons.iter();
        rows.extend(reasons.map(|reason| Row::text(reason.written(self.units))));
        if !verdict.next_steps.is_empty() {
            rows.push(Row::heading("Next"));
        }
        for (i, step) in verdict.next_steps.iter().enumerate() {
            rows.push(Row::text(format!(
                "{}. {}",
                i + 1,
                step.written(self.units)
            )));
        }
    }

    fn ledger(&self, rows: &mut Vec<Row>) {
        if self.report.ledger.is_empty() {
            return;
        }
        rows.push(Row::heading("Memory of the process"));
        for entry in &self.report.ledger {
            let text = format!(
                "{}: {}",
                describe::component(&entry.component),
                ledger_view::about(entry, self.units)
            );
            let amount = ledger_view::amount_text(entry, self.units);
            rows.push(Row::data(vec![Cell::Text(amount), Cell::Text(text)]));
        }
        let cleared = self.report.checked_and_cleared.iter();
        rows.extend(cleared.map(|item| {
            let text = format!("{}: {}", item.title, describe::cleared(item, self.units));
            Row::data(vec![Cell::Text("ok".to_owned()), Cell::Text(text)])
        }));
    }
}
