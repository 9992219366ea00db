//! Paths from GC roots to an object.

use super::super::screen::{Ask, Cell, Row, Screen, Target};
use super::Asker;
use crate::analyze::explore::paths;
use crate::heap::ObjectIndex;
use crate::report::describe;
use crate::report::model::PathStep;
use crate::report::units::counted;

/// Paths through different referrers that are looked for when more are asked for.
const MORE_PATHS: usize = 10;

impl Asker<'_, '_> {
    /// One path, which the tables know; with more than the first rows also those through other referrers, which takes a pass over the dump.
    pub(super) fn paths(&self, object: ObjectIndex, top: usize) -> Screen {
        let most = if top > Ask::FIRST { MORE_PATHS } else { 1 };
        let found = paths::paths(self.snapshot, object, most);
        let mut rows = Vec::new();
        for (number, path) in found.paths.iter().enumerate() {
            rows.push(Row::heading(format!(
                "Path {}, from: {}",
                number + 1,
                path.root
            )));
            let steps = path.steps.iter().enumerate();
            rows.extend(steps.map(|(depth, step)| self.step(step, depth)));
        }
        if most == 1 {
            rows.push(Row {
                target: Some(Ask {
                    target: Target::Paths(object),
                    top: Ask::FIRST + 1,
                }),
                ..Row::text(format!(
                    "paths through other referrers{}: Enter",
                    self.cost_of_referrers()
                ))
            });
        }
        let mut facts = vec![format!(
            "to {} {}; reachable: {}",
            found.object.title(),
            found.object.object_id,
            found.strength
        )];
        facts.extend(found.referrers.map(|referrers| {
            format!(
                "{} to it; {} shown",
                match referrers {
                    1 => "1 object refers".to_owned(),
                    number => format!("{} refer", counted(number, "object")),
                },
                counted(found.paths.len() as u64, "path")
            )
        }));
        Screen {
            title: "Paths".to_owned(),
            facts,
            columns: vec![("Retained", true), ("Address", false), ("Step", false)],
            optional: &[1],
            rows,
            command: self.command("path", &format!("{} --paths {most}", self.address(object))),
        }
    }

    /// A step of a path, which leads to its object.
    pub(super) fn step(&self, step: &PathStep, depth: usize) -> Row {
        let cells = vec![
            Cell::Bytes(step.retained_bytes),
            Cell::Text(step.object_id.clone()),
            Cell::Text(describe::step(step)),
        ];
        let object = self.at(&step.object_id);
        Row {
            target: object.map(|object| Ask::first(Target::Object(object))),
            depth,
            ..Row::data(cells)
        }
    }
}
