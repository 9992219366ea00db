//! Measurements over time: what is subtracted from what.

use super::{Container, Measure};
use crate::verdict::evidence::{Evidence, Quantity, Resident, Subject};
use crate::verdict::ledger::Kind;
use std::collections::{BTreeMap, HashMap};

/// One series of measurements: the same format, measure and subject.
pub(super) struct Series<'a> {
    pub(super) measure: Resident,
    subject: &'a Subject,
    first: &'a Evidence,
    last: &'a Evidence,
    count: usize,
}

impl Series<'_> {
    /// Growth from the first to the last measurement, when both are of one known subject.
    pub(super) fn growth(&self) -> Option<Measure> {
        let known = self.subject.process.is_some() || self.subject.container.is_some();
        (self.count > 1 && known).then(|| Measure {
            bytes: self.last.bytes.saturating_sub(self.first.bytes),
            kind: Kind::Derived,
            source: format!("from {} to {}", self.first.source, self.last.source),
        })
    }
}

/// The series of memory in use, in the order of their first measurement.
pub(super) fn of(evidence: &[Evidence]) -> Vec<Series<'_>> {
    let mut all: Vec<Series> = Vec::new();
    let mut known: HashMap<(Resident, &Subject, &str), usize> = HashMap::new();
    for fact in evidence {
        let Quantity::Resident(measure) = fact.quantity else {
            continue;
        };
        let next = all.len();
        let at = *known
            .entry((measure, &fact.subject, fact.source.format))
            .or_insert(next);
        match all.get_mut(at) {
            Some(s) => (s.last, s.count) = (fact, s.count + 1),
            None => all.push(Series {
                measure,
                subject: &fact.subject,
                first: fact,
                last: fact,
                count: 1,
            }),
        }
    }
    all
}

/// The named containers, each by its best series: one with growth first, then by the measure.
pub(super) fn containers(evidence: &[Evidence]) -> Vec<Container> {
    let mut best: BTreeMap<(&Option<String>, &str), Series> = BTreeMap::new();
    for one in of(evidence) {
        let Some(name) = one.subject.container.as_deref() else {
            continue;
        };
        let rank = |s: &Series| (s.count < 2, s.measure);
        let key = (&one.subject.pod, name);
        // A later series of equal rank is the container after a restart: its state is the current one.
        if best.get(&key).is_none_or(|b| rank(&one) <= rank(b)) {
            best.insert(key, one);
        }
    }
    let mut found: Vec<Container> = best
        .into_iter()
        .map(|((pod, name), s)| Container {
            pod: pod.clone(),
            name: name.to_owned(),
            resident: s.last.bytes,
            growth: s.growth().map(|g| g.bytes),
            source: match s.growth() {
                Some(growth) => growth.source,
                None => s.last.source.to_string(),
            },
        })
        .collect();
    found.sort_by_key(|c| std::cmp::Reverse(c.growth));
    found
}
