//! The section `evidence` of the report: what was read from each file, of whom, and what was left out.

use super::Options;
use crate::report::Report;
use crate::report::model::{self, Reading, Warning};
use crate::report::neutralise;
use crate::sentence;
use crate::sentence::{Change, Sentence};
use crate::verdict::evidence::{Evidence, Quantity, SourceFile};
use crate::verdict::observed::{Growth, Observed};
use std::collections::HashMap;

/// Things that one line names; the rest is counted, and in the readings.
const MOST_SUBJECTS: usize = 6;
/// Numbers of one thing that a line names.
const MOST_NUMBERS: usize = 8;

/// One row a file, in the order of time; then what was given by hand, and contradictions.
pub fn rows(options: &Options, observed: &Observed) -> Vec<model::Evidence> {
    let mut rows = Rows::default();
    for file in &options.evidence_files {
        rows.file(file);
    }
    for fact in &options.evidence {
        rows.fact(fact);
    }
    for growth in &observed.growths {
        rows.growth(growth);
    }
    rows.finish(observed)
}

/// Adds to a report that is of no dump what the evidence says: its rows, notes, and what grew by it.
pub fn add_evidence(report: &mut Report, options: &Options) {
    let observed = Observed::new(&options.evidence, options.container.as_deref());
    report.evidence = rows(options, &observed);
    report.warnings.extend(notes(&observed));
    if let Some(growth) = observed.growth.as_ref().filter(|growth| growth.bytes > 0) {
        let reason = sentence!(
            "memory grew by {}: {}",
            Change(growth.bytes),
            &growth.source
        );
        report.verdict.reasons.push(reason);
    }
    if let Some((category, bytes)) = observed.largest_native_growth() {
        let reason = sentence!(
            "{} (Native Memory Tracking) grew by {}",
            category,
            Change(bytes)
        );
        report.verdict.reasons.push(reason);
    }
}

/// What has to be said of the evidence, as warnings.
pub fn notes(observed: &Observed) -> impl Iterator<Item = Warning> {
    observed.notes.iter().map(|note| Warning {
        code: "evidence_note".to_owned(),
        message: note.clone(),
        ..Warning::default()
    })
}

/// A row that is being filled.
#[derive(Default)]
struct Row {
    row: model::Evidence,
    /// Whose the readings are, as they are called, with the numbers of each.
    subjects: Vec<(String, Vec<Sentence>)>,
    /// Numbers of things that are not named any more.
    more: usize,
    left_out: Vec<String>,
}

#[derive(Default)]
struct Rows {
    all: Vec<Row>,
    by_file: HashMap<String, usize>,
}

impl Rows {
    /// The row of a file, or of an option.
    fn of(&mut self, name: &str, kind: &str) -> &mut Row {
        let next = self.all.len();
        let at = *self.by_file.entry(name.to_owned()).or_insert(next);
        if at == next {
            let mut row = Row::default();
            name.clone_into(&mut row.row.source);
            kind.clone_into(&mut row.row.kind);
            self.all.push(row);
        }
        &mut self.all[at]
    }

    fn file(&mut self, file: &SourceFile) {
        let kind = match &file.refused {
            Some(_) => "not used".to_owned(),
            None => file.kinds.join(", "),
        };
        let row = self.of(&neutralise::plain(&file.name(), true), &kind);
        row.left_out
            .extend(file.left_out.iter().chain(&file.refused).cloned());
    }

    fn fact(&mut self, fact: &Evidence) {
        let row = self.of(&fact.source.file, fact.source.format);
        row.row.readings.push(reading(fact));
        let number = match fact.quantity.is_count() {
            true => fact.bytes.to_string().into(),
            false => Sentence::from(Change(fact.bytes)),
        };
        let category = fact.quantity.category().map(|c| format!(" {c}"));
        let title = format!("{}{}", fact.quantity.title(), category.unwrap_or_default());
        let what = sentence!("{} {}", title, number);
        row.number(fact.subject.label().unwrap_or_default(), what);
    }

    /// Growth stands with the last measurement.
    fn growth(&mut self, growth: &Growth) {
        let mut fact = Evidence {
            quantity: Quantity::Growth(growth.measure),
            bytes: growth.bytes,
            subject: growth.subject.clone(),
            source: growth.last.clone(),
            time: growth.time,
            never_falls: None,
        };
        fact.source.line = growth.last.line;
        self.fact(&fact);
    }

    fn finish(self, observed: &Observed) -> Vec<model::Evidence> {
        let mut rows: Vec<model::Evidence> = self.all.into_iter().map(Row::finish).collect();
        rows.extend(
            observed
                .contradictions
                .iter()
                .map(|contradiction| model::Evidence {
                    source: "all".to_owned(),
                    kind: "contradiction".to_owned(),
                    contradiction: Some(contradiction.clone()),
                    ..model::Evidence::default()
                }),
        );
        rows
    }
}

impl Row {
    fn number(&mut self, subject: String, number: Sentence) {
        let at = self.subjects.iter().position(|(name, _)| *name == subject);
        let is_full = self.subjects.len() >= MOST_SUBJECTS;
        match at.and_then(|at| self.subjects.get_mut(at)) {
            Some((_, numbers)) if numbers.len() < MOST_NUMBERS => numbers.push(number),
            None if !is_full => self.subjects.push((subject, vec![number])),
            _ => self.more += 1,
        }
    }

    /// Puts the line together.
    fn finish(mut self) -> model::Evidence {
        let mut parts: Vec<Sentence> = Vec::new();
        let time = self.time();
        for (subject, numbers) in self.subjects {
            let numbers = Sentence::joined(numbers, ", ");
            parts.push(match subject.is_empty() {
                true => numbers,
                false => sentence!("{}: {}", subject, numbers),
            });
        }
        if self.more > 0 {
            parts.push(format!("and {} more", self.more).into());
        }
        parts.extend(time.map(|time| format!("at {time}").into()));
        if !self.left_out.is_empty() {
            parts.push(format!("left out: {}", self.left_out.join("; ")).into());
        }
        self.row.text = Sentence::joined(parts, "; ");
        self.row
    }

    /// The time of all readings, when they have one in common.
    fn time(&self) -> Option<String> {
        let first = self.row.readings.first()?.time.clone()?;
        let same = self
            .row
            .readings
            .iter()
            .all(|r| r.time.as_ref() == Some(&first));
        same.then_some(first)
    }
}

fn reading(fact: &Evidence) -> Reading {
    let is_count = fact.quantity.is_count();
    let subject = &fact.subject;
    Reading {
        what: fact.quantity.name().to_owned(),
        value_bytes: (!is_count).then_some(fact.bytes),
        count: is_count.then(|| u64::try_from(fact.bytes).unwrap_or(0)),
        category: fact.quantity.category().map(str::to_owned),
        container: subject.container.clone(),
        pod: subject.pod.clone(),
        namespace: subject.namespace.clone(),
        pid: subject.pid.clone(),
        process: subject.process.clone(),
        time: fact.time.map(|time| time.to_string()),
        line: Some(fact.source.line).filter(|line| *line > 0),
    }
}
