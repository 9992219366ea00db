//! Measurements over time: what is subtracted from what.
//!
//! Only measurements of one thing are: the same format, measure, namespace, pod, container and process, in one life of it. Another life
//! shows in another cgroup or container ID, in a peak or a processor time that fell, in a count of restarts that rose.

use super::{Container, Growth, Measure};
use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::verdict::component::Kind;
use crate::verdict::evidence::{Evidence, Quantity, Resident, Subject, Time};
use std::collections::{BTreeMap, HashMap};

/// One series of measurements: the same format, measure and subject, in the order of time.
pub(super) struct Series<'a> {
    pub(super) measure: Resident,
    pub(super) subject: Subject,
    facts: Vec<&'a Evidence>,
    /// Where the last life begins.
    life: usize,
    /// Why another life began, as a sentence.
    pub(super) restart: Option<Sentence>,
}

impl<'a> Series<'a> {
    /// Growth from the first to the last measurement of the last life, when both are of one known subject.
    pub(super) fn growth(&self) -> Option<Measure> {
        let (first, last) = (self.facts.get(self.life)?, self.last());
        let several = self.facts.len() > self.life + 1;
        // The life of a thing tells it from others, even where nothing names it.
        let is_known = self.subject.is_known() || first.subject.life.is_some();
        (several && is_known).then(|| Measure {
            bytes: last.bytes.saturating_sub(first.bytes),
            kind: Kind::Derived,
            source: format!("from {} to {}", first.source, last.source),
        })
    }

    /// The last measurement.
    pub(super) fn last(&self) -> &'a Evidence {
        self.facts[self.facts.len() - 1]
    }

    /// The first and the last time at which it shows one life of its subject: measured with a value that a restart would have made fall.
    pub(super) fn life(&self) -> Option<[Time; 2]> {
        let of_life = self.facts.get(self.life..)?.iter();
        let known = of_life.filter(|fact| fact.never_falls.is_some());
        let mut times = known.filter_map(|fact| fact.time);
        let first = times.next()?;
        Some([first, times.next_back()?])
    }

    /// Sorts by time where all have one, and looks for restarts.
    fn order_and_find_restart(&mut self, counted: &HashMap<Subject, (i64, i64)>) {
        if self.facts.iter().all(|f| f.time.is_some()) {
            self.facts.sort_by_key(|f| f.time);
        }
        for at in 1..self.facts.len() {
            if let Some(why) = another_life(self.facts[at - 1], self.facts[at]) {
                self.life = at;
                self.restart = Some(why);
            }
        }
        let place = Subject {
            pid: None,
            process: None,
            ..self.subject.clone()
        };
        if let Some((first, last)) = counted.get(&place)
            && first < last
            && self.restart.is_none()
            && self.facts.len() > 1
        {
            // When it was, nobody knows.
            self.life = self.facts.len() - 1;
            self.restart = Some(format!("its restarts rose from {first} to {last}").into());
        }
        if let Some(why) = &self.restart {
            let label = self.subject.label().unwrap_or_default();
            self.restart = Some(sentence!(
                "`{}`: a restart in between, or not the same process: {}; memory before it is not subtracted",
                label,
                why
            ));
        }
    }
}

/// Why `next` is of another life than `one`.
fn another_life(one: &Evidence, next: &Evidence) -> Option<Sentence> {
    if let (Some(a), Some(b)) = (&one.subject.life, &next.subject.life)
        && a != b
    {
        return Some(
            format!(
                "its cgroup, container or address range changed between {} and {}",
                one.source, next.source
            )
            .into(),
        );
    }
    let ((name, before), (same, after)) = (one.never_falls?, next.never_falls?);
    if name != same || after >= before {
        return None;
    }
    let shown = |value: u64| match name {
        "VmHWM" => Sentence::from(Size(value)),
        _ => format!("{value} s").into(),
    };
    Some(sentence!(
        "{} fell from {} to {}",
        name,
        shown(before),
        shown(after)
    ))
}

/// The series of memory in use, in the order of their first measurement.
pub(super) fn of(evidence: &[Evidence]) -> Vec<Series<'_>> {
    let mut all: Vec<Series> = Vec::new();
    let mut known: HashMap<(Resident, Subject, &str), usize> = HashMap::new();
    for fact in evidence {
        let Quantity::Resident(measure) = fact.quantity else {
            continue;
        };
        let subject = fact.subject.lasting();
        let next = all.len();
        let at = *known
            .entry((measure, subject.clone(), fact.source.format))
            .or_insert(next);
        match all.get_mut(at) {
            Some(series) => series.facts.push(fact),
            None => all.push(Series {
                measure,
                subject,
                facts: vec![fact],
                life: 0,
                restart: None,
            }),
        }
    }
    let counted = restarts(evidence);
    for series in &mut all {
        series.order_and_find_restart(&counted);
    }
    all
}

/// The first and the last count of restarts of each container.
fn restarts(evidence: &[Evidence]) -> HashMap<Subject, (i64, i64)> {
    let mut counted: HashMap<Subject, (i64, i64)> = HashMap::new();
    for fact in evidence.iter().filter(|e| e.quantity == Quantity::Restarts) {
        let count = counted
            .entry(fact.subject.lasting())
            .or_insert((fact.bytes, fact.bytes));
        count.1 = fact.bytes;
    }
    counted
}

/// The growth of everything that was measured more than once.
pub(super) fn growths(series: &[Series<'_>]) -> Vec<Growth> {
    let grown = series.iter().filter_map(|s| {
        Some(Growth {
            subject: s.subject.clone(),
            measure: s.measure,
            bytes: s.growth()?.bytes,
            last: s.last().source.clone(),
            time: s.last().time,
        })
    });
    grown.collect()
}

/// The named containers, each by its best series: one with growth first, then by the measure.
pub(super) fn containers(series: &[Series<'_>], evidence: &[Evidence]) -> Vec<Container> {
    type Key = (Option<String>, Option<String>, String);
    let key = |subject: &Subject| -> Option<Key> {
        Some((
            subject.namespace.clone(),
            subject.pod.clone(),
            subject.container.clone()?,
        ))
    };
    let mut best: BTreeMap<Key, &Series> = BTreeMap::new();
    let of_containers = series.iter().filter(|s| s.measure != Resident::Process);
    for one in of_containers {
        let Some(key) = key(&one.subject) else {
            continue;
        };
        let rank = |s: &Series| (s.growth().is_none(), s.measure);
        // Of equal rank the later one is the current one.
        if best.get(&key).is_none_or(|b| rank(one) <= rank(b)) {
            best.insert(key, one);
        }
    }
    let mut limits: HashMap<Key, i64> = HashMap::new();
    for fact in evidence.iter().filter(|e| e.quantity == Quantity::Limit) {
        limits.extend(key(&fact.subject).map(|key| (key, fact.bytes)));
    }
    let mut found: Vec<Container> = best
        .into_iter()
        .map(|(key, s)| Container {
            limit: limits.get(&key).copied(),
            namespace: key.0,
            pod: key.1,
            name: key.2,
            resident: s.last().bytes,
            growth: s.growth().map(|g| g.bytes),
            source: match s.growth() {
                Some(growth) => growth.source,
                None => s.last().source.to_string(),
            },
        })
        .collect();
    found.sort_by_key(|c| std::cmp::Reverse(c.growth));
    found
}
