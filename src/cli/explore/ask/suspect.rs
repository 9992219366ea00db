//! One suspect: who holds what, by which path, and what else holds it.

use super::super::screen::{Cell, Row, Screen, Target};
use super::Asker;
use crate::report::describe;
use crate::report::model::{Member, Suspect};
use crate::report::units::count;

impl Asker<'_, '_> {
    pub(super) fn suspect(&self, place: usize) -> Screen {
        let report = self.report;
        let mut listed = report.suspects.iter().chain(&report.largest_holders);
        let suspect = listed.nth(place).cloned().unwrap_or_default();
        let mut rows = Vec::new();
        let object = suspect
            .holder
            .object_id
            .as_deref()
            .and_then(|address| self.at(address));
        let point = suspect.accumulation_point.as_ref();
        let point = point.and_then(|point| self.at(&point.object_id));
        for (text, object) in [
            ("the holding object", object),
            ("where one object splits into many", point),
        ] {
            rows.extend(object.map(|object| {
                let text = format!("{text}: {} {}", self.title_of(object), self.address(object));
                Row::text(text).to(Target::Object(object))
            }));
        }
        rows.push(Row::heading(format!(
            "Path, from: {}",
            suspect.path_root.as_deref().unwrap_or("GC root")
        )));
        let steps = suspect.path.iter().enumerate();
        rows.extend(steps.map(|(depth, step)| self.step(step, depth)));
        rows.push(Row::heading("Contents by class"));
        for class in &suspect.content.classes {
            let text = format!("{} × {}", count(class.objects), class.class);
            let cells = vec![Cell::Bytes(class.bytes), Cell::Empty, Cell::Text(text)];
            rows.push(Row::data(cells).to(Target::Instances(class.class.clone())));
        }
        self.members("Merged into it", &suspect.members, &mut rows);
        self.members("Also held by", &suspect.shared_with, &mut rows);
        self.members("Inside it", &suspect.inside, &mut rows);
        Screen {
            title: format!("Suspect {}", suspect.rank),
            facts: self.describe(&suspect),
            columns: vec![("Retained", true), ("Address", false), ("What", false)],
            optional: &[1],
            rows,
            command: self.command("", "--detail full"),
        }
    }

    fn describe(&self, suspect: &Suspect) -> Vec<String> {
        let holder = describe::holder(&suspect.holder);
        let content = describe::content(&suspect.content);
        let mut facts = vec![
            format!("{} {holder}", self.units.bytes(suspect.retained_bytes)),
            format!("keeps {content}; {}", describe::shares(suspect)),
        ];
        if let Some(pattern) = &suspect.pattern {
            facts.push(format!(
                "pattern: {}",
                describe::pattern(pattern, self.units)
            ));
            if !pattern.advice.is_empty() {
                facts.push(format!("fix: {}", pattern.advice));
            }
        }
        facts.extend(
            suspect
                .notes
                .iter()
                .map(|note| format!("note: {}", note.written(self.units))),
        );
        facts.push(format!("signature: {}", suspect.signature));
        facts
    }

    fn members(&self, title: &str, members: &[Member], rows: &mut Vec<Row>) {
        if members.is_empty() {
            return;
        }
        rows.push(Row::heading(title));
        for member in members {
            let cells = vec![
                Cell::Bytes(member.retained_bytes),
                member.object_id.clone().map_or(Cell::Empty, Cell::Text),
                Cell::Text(member.title.clone()),
            ];
            let row = Row::data(cells);
            let object = member
                .object_id
                .as_deref()
                .and_then(|address| self.at(address));
            rows.push(match object {
                Some(object) => row.to(Target::Object(object)),
                None => row,
            });
        }
    }
}
