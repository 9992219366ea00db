//! Classes, threads, class loaders, waste.

use super::super::screen::{Cell, Row, Screen, Target};
use super::Asker;
use crate::analyze::explore;
use crate::report::describe;
use crate::report::model::ThreadRow;
use crate::report::units::{counted, measured};

impl Asker<'_, '_> {
    pub(super) fn classes(&self) -> Screen {
        let histogram = self.histogram();
        let row = |row: &crate::report::model::ClassRow| {
            let cells = vec![
                Cell::Bytes(row.retained_bytes),
                Cell::Bytes(row.shallow_bytes),
                Cell::Count(row.objects),
                Cell::Text(row.loader.clone().unwrap_or_default()),
                Cell::Text(row.class.clone()),
            ];
            Row::data(cells).to(Target::Instances(row.class.clone()))
        };
        Screen {
            title: "Classes".to_owned(),
            facts: vec![format!(
                "{} with {}, {}",
                measured(histogram.classes, "classes"),
                counted(histogram.objects, "object"),
                self.units.bytes(histogram.shallow_bytes)
            )],
            columns: vec![
                ("Retained", true),
                ("Shallow", true),
                ("Objects", true),
                ("Loader", false),
                ("Class", false),
            ],
            optional: &[3, 1],
            rows: histogram.rows.iter().map(row).collect(),
            command: self.command("histogram", "--top 0"),
        }
    }

    pub(super) fn threads(&self) -> Screen {
        let rows = &self.report.threads;
        let row = |(place, row): (usize, &ThreadRow)| {
            let cells = vec![
                Cell::Bytes(row.retained_bytes),
                Cell::Count(row.count),
                Cell::Text(row.state.clone().unwrap_or_default()),
                Cell::Text(name_of(row)),
                Cell::Text(row.frames.first().cloned().unwrap_or_default()),
            ];
            Row::data(cells).to(Target::Thread(place))
        };
        Screen {
            title: "Threads".to_owned(),
            facts: vec![counted(rows.iter().map(|row| row.count).sum(), "thread")],
            columns: vec![
                ("Retained", true),
                ("Count", true),
                ("State", false),
                ("Thread", false),
                ("At", false),
            ],
            optional: &[1, 2],
            rows: rows.iter().enumerate().map(row).collect(),
            command: self.command("threads", self.values_option().trim()),
        }
    }

    pub(super) fn thread(&self, place: usize) -> Screen {
        let thread = self.report.threads.get(place).cloned().unwrap_or_default();
        let mut facts = vec![name_of(&thread)];
        let retained = self.units.bytes(thread.retained_bytes);
        facts.push(format!(
            "{retained} retained; {}",
            describe::thread_facts(&thread).join(", ")
        ));
        facts.extend(describe::thread_locals(thread.thread_locals, self.units));
        let object = thread
            .object_id
            .as_deref()
            .and_then(|address| self.at(address));
        let mut rows = Vec::new();
        rows.extend(object.map(|object| Row::text("the thread object").to(Target::Object(object))));
        let known = object.and_then(|object| {
            let mut threads = self.snapshot.threads().iter();
            threads.find(|thread| thread.object == object)
        });
        let locals = known.map_or(&[][..], |thread| &thread.locals);
        let of_frame = |frame: u32| {
            let locals = locals.iter().filter(move |(at, _)| *at == frame);
            locals.map(|&(_, object)| self.object_row(&explore::row(self.snapshot, object, None)))
        };
        for (number, frame) in thread.frames.iter().enumerate() {
            rows.push(Row::heading(format!("at {frame}")));
            rows.extend(of_frame(number as u32));
        }
        let deeper = locals
            .iter()
            .filter(|(at, _)| *at as usize >= thread.frames.len());
        let deeper: Vec<Row> = deeper
            .map(|&(_, object)| self.object_row(&explore::row(self.snapshot, object, None)))
            .collect();
        if !deeper.is_empty() {
            rows.push(Row::heading(
                "in no frame that is shown: JNI references, deeper frames",
            ));
            rows.extend(deeper);
        }
        Screen {
            title: name_of(&thread),
            facts,
            columns: vec![
                ("Retained", true),
                ("Objects", true),
                ("Shallow", true),
                ("Address", false),
                ("Local variable", false),
            ],
            optional: &[2, 1],
            rows,
            command: self.command("threads", &format!("--frames 0{}", self.values_option())),
        }
    }

    pub(super) fn loaders(&self) -> Screen {
        let row = |row: &crate::report::model::ClassLoaderRow| {
            let mut name = vec![row.name.clone()];
            name.extend(describe::loader_facts(row));
            let cells = vec![
                Cell::Bytes(row.retained_bytes),
                Cell::Count(row.classes),
                Cell::Count(row.instances),
                Cell::Text(name.join(", ")),
            ];
            let object = row
                .object_id
                .as_deref()
                .and_then(|address| self.at(address));
            match object {
                Some(object) => Row::data(cells).to(Target::Object(object)),
                None => Row::data(cells),
            }
        };
        Screen {
            title: "Class loaders".to_owned(),
            facts: vec![counted(
                self.report.class_loaders.len() as u64,
                "class loader",
            )],
            columns: vec![
                ("Retained", true),
                ("Classes", true),
                ("Instances", true),
                ("Loader", false),
            ],
            optional: &[2, 1],
            rows: self.report.class_loaders.iter().map(row).collect(),
            command: self.command("", "--detail full"),
        }
    }

    pub(super) fn waste(&self) -> Screen {
        let mut rows = Vec::new();
        let facts = match &self.report.waste {
            None => vec!["waste was not looked for: start with --waste, which reads the contents of strings and arrays".to_owned()],
            Some(waste) => {
                for finding in &waste.findings {
                    let text = describe::waste(finding, self.units);
                    rows.push(Row::data(vec![Cell::Bytes(finding.bytes), Cell::Text(text)]));
                    rows.extend(finding.examples.iter().map(|example| Row::text(example.clone())));
                }
                vec!["bytes that a change would save; findings may overlap".to_owned()]
            }
        };
        Screen {
            title: "Waste".to_owned(),
            facts,
            columns: vec![("Saves", true), ("What", false)],
            optional: &[],
            rows,
            command: self.command("", "--waste --detail full"),
        }
    }
}

fn name_of(thread: &ThreadRow) -> String {
    let name = match thread.name.as_str() {
        "" => "(no name)",
        name => name,
    };
    match thread.other_stacks {
        Some(stacks) => format!(
            "{} more with {}",
            thread.count,
            counted(stacks, "other stack")
        ),
        None => name.to_owned(),
    }
}
