//! Memory that is not the JVM's: who was killed for memory, who has more memory than the JVM, shared memory, the growth of a whole pod.

use std::collections::BTreeMap;

use super::{Growth, Measure, Observed, is_given, measure, whose};
use crate::sentence;
use crate::sentence::{Change, Count, Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::evidence::{Evidence, Quantity, Resident, Subject};

/// Kills that are told.
const MOST_KILLS: usize = 4;

/// A container or a process that was killed for memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kill {
    /// Which one, as a sentence names it.
    pub who: Sentence,
    /// Whether it was the JVM; `None` where that is not known.
    pub is_jvm: Option<bool>,
    /// How often, of a container.
    pub times: i64,
    /// Its resident memory then, in bytes.
    pub resident: Option<i64>,
    /// The limit of a container, in bytes.
    pub limit: Option<i64>,
    /// How often the container was started again.
    pub restarts: Option<i64>,
    /// Where it was read.
    pub source: String,
}

/// Something beside the JVM that has more memory than it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// What it is, as a sentence names it.
    pub who: Sentence,
    /// Its memory in bytes.
    pub bytes: i64,
    /// Where it was read.
    pub source: String,
}

impl Observed {
    /// The kills that `evidence` tells, each container and process once.
    pub(super) fn find_kills(&self, evidence: &[Evidence]) -> Vec<Kill> {
        let mut kills: Vec<(&Subject, Kill)> = Vec::new();
        let told = |e: &&Evidence| {
            e.quantity == Quantity::OomKilled && e.bytes > 0 && self.may_be_near(&e.subject)
        };
        for fact in evidence.iter().rev().filter(told) {
            let subject = &fact.subject;
            let is_known = kills.iter().any(|(known, _)| same(known, subject));
            if is_known || kills.len() == MOST_KILLS {
                continue;
            }
            let last = |quantity: Quantity| {
                let mut facts = evidence.iter().rev();
                let fact = facts.find(|e| e.quantity == quantity && same(&e.subject, subject));
                fact.map(|fact| fact.bytes)
            };
            let limit = last(Quantity::Limit).filter(|_| subject.process.is_none());
            let kill = Kill {
                who: Self::who(subject).unwrap_or_else(|| "a process of the control group".into()),
                times: fact.bytes,
                is_jvm: self.is_of_jvm(fact),
                resident: last(Quantity::Resident(Resident::Process)),
                limit: limit.filter(|&limit| limit > 0),
                restarts: last(Quantity::Restarts).filter(|&times| times > 0),
                source: fact.source.to_string(),
            };
            kills.push((subject, kill));
        }
        kills.into_iter().map(|(_, kill)| kill).collect()
    }

    /// Whether `subject` may be in the JVM's pod: nothing says that it is in another one.
    fn may_be_near(&self, subject: &Subject) -> bool {
        let of_jvm = self.place.as_ref().and_then(|place| place.pod.as_deref());
        let own = of_jvm.or(self.pod.as_deref());
        let pods = subject.pod.as_deref().zip(own);
        pods.is_none_or(|(pod, own)| whose::same_pod(pod, own))
    }

    /// Whether `fact`, of a container or a process, is about the JVM; `None` where that is not known: a machine may run several JVMs.
    fn is_of_jvm(&self, fact: &Evidence) -> Option<bool> {
        let subject = &fact.subject;
        match (&subject.process, &subject.container) {
            (Some(process), _) => (!whose::is_jvm_name(process)).then_some(false),
            (None, Some(_)) => self.place.as_ref().map(|place| place.has(subject)),
            (None, None) => None,
        }
    }

    /// How a sentence names `subject`; `None` for what has no name.
    fn who(subject: &Subject) -> Option<Sentence> {
        match (&subject.process, &subject.container) {
            (Some(process), _) => Some(sentence!("process `{}`", clean_name(process))),
            (None, Some(container)) => Some(sentence!("container `{}`", clean_name(container))),
            (None, None) => None,
        }
    }

    /// What beside the JVM has most memory, where that is more than the JVM has and was not killed: another container of its pod, or
    /// another process.
    pub(super) fn find_neighbour(&self, evidence: &[Evidence]) -> Option<Neighbour> {
        let own = self.resident.as_ref()?.bytes;
        let containers = self.containers_beside();
        let found = containers.chain(self.processes_beside(evidence));
        let largest = found.max_by_key(|neighbour| neighbour.bytes)?;
        // Of what was killed its memory is said with that.
        let was_killed = self.kills.iter().any(|kill| kill.who == largest.who);
        Some(largest).filter(|neighbour| neighbour.bytes > own && !was_killed)
    }

    /// The shared memory of the JVM's container, or of the control group without a name.
    pub(super) fn find_shared(&self, evidence: &[Evidence]) -> Option<Measure> {
        let is_own = |e: &&Evidence| {
            let unnamed = e.subject.container.is_none() && e.subject.pod.is_none();
            e.quantity == Quantity::SharedMemory && (unnamed || self.is_jvm(e))
        };
        evidence.iter().rev().find(is_own).map(measure)
    }

    /// The largest growth of a pod of which only the sum of its containers is known, and which may be the dump's.
    pub fn pod_growth(&self) -> Option<&Growth> {
        let own = self.pod.as_deref();
        let may_be_own = |pod: &str| own.is_none_or(|own| whose::same_pod(pod, own));
        let of_pod = |growth: &&Growth| {
            let subject = &growth.subject;
            subject.container.is_none()
                && subject.process.is_none()
                && subject.pid.is_none()
                && subject.pod.as_deref().is_some_and(may_be_own)
        };
        let pods = || self.growths.iter().filter(of_pod);
        let largest = pods().max_by_key(|growth| growth.bytes)?;
        // Which of several pods is the dump's is not known.
        let several = pods().any(|growth| growth.subject.pod != largest.subject.pod);
        Some(largest).filter(|growth| growth.bytes > 0 && (own.is_some() || !several))
    }

    fn containers_beside(&self) -> impl Iterator<Item = Neighbour> + '_ {
        let jvm = self.jvm();
        let beside = self.containers.iter().filter(move |other| {
            jvm.is_some_and(|jvm| {
                let of_pod = (&other.namespace, &other.pod) == (&jvm.namespace, &jvm.pod);
                // On a machine of docker there are others' containers, too.
                let belongs = other.pod.is_some() || whose::is_sidecar(None, &other.name);
                of_pod && belongs && other.name != jvm.name
            })
        });
        beside.map(|other| Neighbour {
            who: sentence!("container `{}`", self.label(other)),
            bytes: other.resident,
            source: other.source.clone(),
        })
    }

    /// The other processes, each with what was measured last. Those of other containers are told with these.
    fn processes_beside(&self, evidence: &[Evidence]) -> impl Iterator<Item = Neighbour> + '_ {
        let mut last: BTreeMap<(&str, &str), &Evidence> = BTreeMap::new();
        for fact in evidence {
            let subject = &fact.subject;
            let of_process = fact.quantity == Quantity::Resident(Resident::Process)
                && !is_given(fact)
                && subject.container.is_none();
            let name = subject.process.as_deref().zip(subject.pid.as_deref());
            if let Some((process, pid)) = name.filter(|_| of_process)
                && !whose::is_jvm_name(process)
                && !self.processes.contains(&subject.pid)
            {
                last.insert((process, pid), fact);
            }
        }
        let found: Vec<Neighbour> = last
            .into_values()
            .filter_map(|fact| {
                Some(Neighbour {
                    who: Self::who(&fact.subject)?,
                    bytes: fact.bytes,
                    source: fact.source.to_string(),
                })
            })
            .collect();
        found.into_iter()
    }
}

/// Whether two facts are about one container or one process.
fn same(a: &Subject, b: &Subject) -> bool {
    (&a.namespace, &a.pod, &a.container) == (&b.namespace, &b.pod, &b.container)
        && (&a.pid, &a.process) == (&b.pid, &b.process)
}

impl Kill {
    /// What is said of it. `max_heap` is the most that the heap takes, in bytes.
    pub fn describe(&self, max_heap: Option<u64>) -> Sentence {
        let mut text = match self.is_jvm {
            Some(true) => sentence!("the JVM was killed for memory: {}", self.who.clone()),
            Some(false) => sentence!("{} was killed for memory, not the JVM", self.who.clone()),
            None => sentence!("{} was killed for memory", self.who.clone()),
        };
        if self.times > 1 {
            text.push(sentence!(" {} times", Count(self.times.unsigned_abs())));
        }
        if let Some(resident) = self.resident {
            text.push(sentence!(", resident {}", Change(resident)));
        }
        if let Some(limit) = self.limit {
            text.push(sentence!(", at a limit of {}", Change(limit)));
        }
        if let Some(restarts) = self.restarts.and_then(|times| u64::try_from(times).ok()) {
            text.push(sentence!(", {} restarts", Count(restarts)));
        }
        let limit = self.limit.and_then(|limit| u64::try_from(limit).ok());
        if let (Some(true), Some(limit), Some(max)) = (self.is_jvm, limit, max_heap)
            && limit > max
        {
            text.push(sentence!("; the heap takes at most {} of that", Size(max)));
        }
        text.push(sentence!(" ({})", &self.source));
        text
    }
}
