//! The reports of one pod over time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};

use super::gather::{Gathered, Record};
use super::model::{CauseCourse, PodCourse, PodReport};
use super::read::{owner_key, owner_of};
use crate::growth::Course;
use crate::growth::course::{Point, course};

/// Reports of a pod that are looked at: the last ones.
const MOST_REPORTS: usize = 50;
/// Causes of a pod that are listed.
const MOST_CAUSES: usize = 10;

/// What pods with several reports tell.
#[derive(Default)]
pub(super) struct Courses {
    /// The pods, those that grew most first.
    pub pods: Vec<PodCourse>,
    /// How causes developed, one entry for each pod that tells.
    pub of_causes: HashMap<u32, Vec<(Course, i64)>>,
    /// The reports that were compared, by number.
    pub records: HashSet<usize>,
}

/// The course of every pod of `all` that has two reports or more with a time.
pub(super) fn courses(all: &Gathered) -> Courses {
    let mut pods: BTreeMap<(Option<&str>, &str), Vec<usize>> = BTreeMap::new();
    for (i, record) in all.records.iter().enumerate() {
        let place = &record.place;
        let pod = place.pod.as_deref().or(record.process.as_deref());
        if let (Some(pod), Some(_)) = (pod, record.millis) {
            pods.entry((place.service.as_deref(), pod))
                .or_default()
                .push(i);
        }
    }
    let mut found = Courses::default();
    for ((service, pod), numbers) in pods {
        if numbers.len() < 2 {
            continue;
        }
        let earlier = numbers.len().saturating_sub(MOST_REPORTS);
        let records: Vec<&Record> = numbers[earlier..]
            .iter()
            .map(|&i| &all.records[i])
            .collect();
        let course = found.pod(all, &records);
        found.records.extend(numbers[earlier..].iter().copied());
        found.pods.push(PodCourse {
            service: service.map(str::to_owned),
            pod: pod.to_owned(),
            more_reports: earlier as u64,
            ..course
        });
    }
    found
        .pods
        .sort_by_key(|pod| Reverse(pod.grew_bytes.unwrap_or(i64::MIN)));
    found
}

impl Courses {
    fn pod(&mut self, all: &Gathered, records: &[&Record]) -> PodCourse {
        let processes = processes(records);
        let judged = judged(records);
        let grew_bytes = match (judged.first(), judged.last()) {
            (Some(&first), Some(&last)) => Some(difference(
                records[first].live_bytes,
                records[last].live_bytes,
            )),
            _ => None,
        };
        let mut causes: Vec<CauseCourse> = Vec::new();
        for (cause, _) in largest_causes(records) {
            let row = self::cause(all, cause, records, &judged);
            if let (Some(course), Some(bytes)) = (row.course, row.grew_bytes) {
                self.of_causes
                    .entry(cause)
                    .or_default()
                    .push((course, bytes));
            }
            causes.push(row);
        }
        causes.sort_by_key(|row| Reverse(row.grew_bytes.unwrap_or(i64::MIN)));
        let reports = records.iter().zip(&processes);
        PodCourse {
            reports: reports
                .map(|(record, process)| report(record, *process))
                .collect(),
            processes: processes.iter().flatten().max().copied().unwrap_or(1),
            grew_bytes,
            causes,
            ..PodCourse::default()
        }
    }
}

fn report(record: &Record, process: Option<u64>) -> PodReport {
    PodReport {
        report: record.path.display().to_string(),
        captured_at: record.captured_at.clone(),
        version: record.place.version.clone(),
        process,
        live_bytes: record.live_bytes,
        verdict: record.verdict,
    }
}

/// The number of each report's process, in the order in which they come.
fn processes(records: &[&Record]) -> Vec<Option<u64>> {
    let mut known: Vec<&str> = Vec::new();
    let mut numbers = Vec::with_capacity(records.len());
    for record in records {
        let number = record.process.as_deref().map(|process| {
            let at = known.iter().position(|known| *known == process);
            let at = at.unwrap_or_else(|| {
                known.push(process);
                known.len() - 1
            });
            at as u64 + 1
        });
        numbers.push(number);
    }
    numbers
}

/// The last reports of whole dumps that may be of one process, where they are two or more: growth is judged within one process.
fn judged(records: &[&Record]) -> Vec<usize> {
    let mut runs: Vec<(Option<&str>, Vec<usize>)> = Vec::new();
    for (i, record) in records
        .iter()
        .enumerate()
        .filter(|(_, record)| record.complete)
    {
        let process = record.process.as_deref();
        match runs.last_mut() {
            Some((of, run)) if of.is_none() || process.is_none() || *of == process => {
                *of = of.or(process);
                run.push(i);
            }
            _ => runs.push((process, vec![i])),
        }
    }
    let several = runs.into_iter().rev().map(|(_, run)| run);
    several
        .into_iter()
        .find(|run| run.len() > 1)
        .unwrap_or_default()
}

/// The causes of `records` by the most bytes that one retains.
fn largest_causes(records: &[&Record]) -> Vec<(u32, u64)> {
    let mut bytes: BTreeMap<u32, u64> = BTreeMap::new();
    for suspect in records.iter().flat_map(|record| &record.suspects) {
        let known = bytes.entry(suspect.cause).or_default();
        *known = (*known).max(suspect.retained_bytes);
    }
    let mut causes: Vec<(u32, u64)> = bytes.into_iter().collect();
    causes.sort_by_key(|&(cause, bytes)| (Reverse(bytes), cause));
    causes.truncate(MOST_CAUSES);
    causes
}

/// One cause over the reports: what the inventories say of its owner, since a report lists an owner before it is a suspect; else what
/// the suspects retain.
fn cause(all: &Gathered, cause: u32, records: &[&Record], judged: &[usize]) -> CauseCourse {
    let named = &all.causes[cause as usize];
    let key = owner_key(owner_of(&named.signature));
    let of_owner = |record: &Record| {
        let at = record.owners.binary_search_by_key(&key, |&(key, _)| key);
        at.ok().map(|at| record.owners[at].1)
    };
    let of_suspect = |record: &Record| {
        let mut suspects = record.suspects.iter();
        suspects
            .find(|suspect| suspect.cause == cause)
            .map(|suspect| suspect.retained_bytes)
    };
    let by_owner = records
        .iter()
        .all(|record| of_suspect(record).is_none() || of_owner(record).is_some());
    let retained: Vec<Option<u64>> = match by_owner {
        true => records.iter().map(|record| of_owner(record)).collect(),
        false => records.iter().map(|record| of_suspect(record)).collect(),
    };
    let point = |&i: &usize| Point {
        bytes: retained[i].unwrap_or(if by_owner { records[i].owners_floor } else { 0 }),
        objects: None,
        listed: retained[i].is_some(),
    };
    let points: Vec<Point> = judged.iter().map(point).collect();
    // What is no suspect of a report is not known to be small.
    let known = by_owner || judged.iter().all(|&i| retained[i].is_some());
    let is_judged = known && points.len() > 1;
    let grew = match (points.first(), points.last()) {
        (Some(first), Some(last)) if is_judged => Some(difference(first.bytes, last.bytes)),
        _ => None,
    };
    CauseCourse {
        signature: named.signature.clone(),
        holder: named.holder.clone(),
        retained_bytes: retained,
        grew_bytes: grew,
        course: is_judged.then(|| course(&points, false)),
    }
}

fn difference(first: u64, last: u64) -> i64 {
    let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    signed(last).saturating_sub(signed(first))
}
