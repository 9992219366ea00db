//! The evidence put together: which container is the JVM's, what is resident, what grew, and which sources contradict each other.
//!
//! Growth is the last minus the first measurement of one series: the same format, measure, pod, container and process. Measurements that
//! cannot be told to be of the same process are never subtracted.

mod contradictions;
mod series;
mod sidecars;

use super::evidence::{Evidence, Quantity, Resident};
use super::facts::{HeapFacts, Range, Sourced};
use super::ledger::Kind;
use crate::sentence::Sentence;
use std::collections::BTreeMap;

/// What was measured outside the dump.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Resident memory of the JVM's process, else of its container.
    pub resident: Option<Measure>,
    /// The limit of the JVM's container.
    pub limit: Option<Measure>,
    /// Growth of the JVM's process or container; `None` when nobody observed it.
    pub growth: Option<Measure>,
    /// The maximum heap with its source.
    pub max_heap: Option<Sourced>,
    /// Committed heap in bytes.
    pub heap_committed: Option<u64>,
    /// Heap after the last collection of the whole heap, and its change since the first, in bytes.
    pub after_collection: Option<(u64, i64)>,
    /// Committed and reserved bytes by category of Native Memory Tracking, and the growth since the baseline where there is one.
    pub native: BTreeMap<String, Tracked>,
    /// Where the native memory was read.
    pub native_source: String,
    /// The containers that were seen, those that grew most first.
    pub containers: Vec<Container>,
    /// The JVM's container, when it is known: an index into `containers`.
    pub jvm: Option<usize>,
    /// Sources that contradict each other, as sentences.
    pub contradictions: Vec<Sentence>,
}

/// A measured number of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Bytes; negative only for growth.
    pub bytes: i64,
    /// Measured, given or derived.
    pub kind: Kind,
    /// Where it was read.
    pub source: String,
}

/// A category of Native Memory Tracking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tracked {
    /// Committed bytes.
    pub committed: u64,
    /// Reserved bytes of address space.
    pub reserved: u64,
    /// Growth of the committed bytes since the baseline.
    pub growth: Option<i64>,
}

/// A container that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its pod, where the source says it.
    pub pod: Option<String>,
    /// Its name.
    pub name: String,
    /// Its memory in use at the end, in bytes.
    pub resident: i64,
    /// Its growth, when there were several measurements, in bytes.
    pub growth: Option<i64>,
    /// Where its memory was read.
    pub source: String,
}

impl Observed {
    /// Puts `evidence` (in the order of time) together; `container` is the JVM's container when the user gave it: its name, or
    /// `POD/NAME` when several pods were seen.
    pub fn new(evidence: &[Evidence], container: Option<&str>) -> Observed {
        let mut observed = Observed {
            containers: series::containers(evidence),
            ..Observed::default()
        };
        observed.jvm = match container {
            Some(name) => match sidecars::named(&observed.containers, name) {
                Ok(found) => found,
                Err(why) => {
                    observed.contradictions.push(why.into());
                    None
                }
            },
            None => sidecars::sole_candidate(&observed.containers),
        };
        observed.resident = observed.find_resident(evidence);
        observed.growth = observed.find_growth(evidence);
        observed.limit = observed.find_limit(evidence);
        observed.read_heap(evidence);
        observed.read_native(evidence);
        let found = contradictions::find(&observed, evidence);
        observed.contradictions.extend(found);
        observed
    }

    /// The JVM's container, when it is known and was seen.
    pub fn jvm(&self) -> Option<&Container> {
        self.containers.get(self.jvm?)
    }

    /// The container that grew most among those that are not the JVM's, or among all when that is not known.
    pub fn largest_other_growth(&self) -> Option<(&Container, i64)> {
        self.containers
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != self.jvm)
            .filter_map(|(_, c)| Some((c, c.growth?)))
            .max_by_key(|(_, growth)| *growth)
            .filter(|(_, growth)| *growth > 0)
    }

    /// The maximum heap: what the dump says, else what the evidence says, else what it is at least by the dump.
    pub fn max_heap_of(&self, heap: &HeapFacts) -> Option<Range> {
        let exact = heap.max_heap.as_ref().or(self.max_heap.as_ref());
        exact
            .map(Range::exact)
            .or_else(|| heap.max_heap_range.clone())
    }

    /// Bytes that Native Memory Tracking has committed besides the Java heap, and where that was read.
    pub fn native_tracked(&self) -> Option<(u64, String)> {
        let total = self.native.get("Total")?.committed;
        let heap = self.native.get("Java Heap").map_or(0, |c| c.committed);
        Some((
            total.saturating_sub(heap),
            format!("Total - Java Heap committed: {}", self.native_source),
        ))
    }

    /// The category of Native Memory Tracking, the Java heap left out, that grew most since the baseline.
    pub fn largest_native_growth(&self) -> Option<(&str, i64)> {
        self.native
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "Total" | "Java Heap"))
            .filter_map(|(name, c)| Some((name.as_str(), c.growth?)))
            .max_by_key(|(_, growth)| *growth)
            .filter(|(_, growth)| *growth > 0)
    }

    /// Given by hand, else the process, else the JVM's container, else a container without a name.
    fn find_resident(&self, evidence: &[Evidence]) -> Option<Measure> {
        let process = |e: &&Evidence| e.quantity == Quantity::Resident(Resident::Process);
        let given = evidence.iter().rev().filter(process).find(|e| is_given(e));
        let measured = || evidence.iter().rev().find(process);
        if let Some(fact) = given.or_else(measured) {
            return Some(measure(fact));
        }
        if let Some(c) = self.jvm() {
            return Some(Measure {
                bytes: c.resident,
                kind: Kind::Measured,
                source: c.source.clone(),
            });
        }
        best_unnamed(evidence).map(measure)
    }

    fn find_growth(&self, evidence: &[Evidence]) -> Option<Measure> {
        if let Some(fact) = evidence
            .iter()
            .rev()
            .find(|e| matches!(e.quantity, Quantity::Growth(_)))
        {
            return Some(measure(fact));
        }
        let process = series::of(evidence)
            .into_iter()
            .filter(|s| s.measure == Resident::Process)
            .find_map(|s| s.growth());
        process.or_else(|| {
            let c = self.jvm()?;
            Some(Measure {
                bytes: c.growth?,
                kind: Kind::Derived,
                source: format!("container `{}`, {}", c.name, c.source),
            })
        })
    }

    fn find_limit(&self, evidence: &[Evidence]) -> Option<Measure> {
        let limits = || {
            evidence
                .iter()
                .rev()
                .filter(|e| e.quantity == Quantity::Limit)
        };
        limits()
            .find(|e| is_given(e))
            .or_else(|| limits().find(|e| self.is_jvm(e)))
            .or_else(|| limits().find(|e| e.subject.container.is_none()))
            .map(measure)
    }

    /// Whether a fact is about the JVM's container.
    fn is_jvm(&self, fact: &Evidence) -> bool {
        self.jvm().is_some_and(|c| {
            fact.subject.container.as_deref() == Some(c.name.as_str()) && fact.subject.pod == c.pod
        })
    }

    /// How a container is called in a sentence: with its pod only when there are several.
    pub fn label(&self, container: &Container) -> String {
        match &container.pod {
            Some(pod) if self.containers.iter().any(|c| c.pod != container.pod) => {
                format!("{pod}/{}", container.name)
            }
            _ => container.name.clone(),
        }
    }

    fn read_heap(&mut self, evidence: &[Evidence]) {
        let last = |quantity: Quantity| evidence.iter().rev().find(|e| e.quantity == quantity);
        self.max_heap = last(Quantity::MaxHeap).map(|e| Sourced {
            bytes: unsigned(e.bytes),
            source: e.source.to_string().into(),
        });
        self.heap_committed = last(Quantity::HeapCommitted).map(|e| unsigned(e.bytes));
        self.after_collection = last(Quantity::HeapAfterFullCollection).map(|e| {
            let growth = last(Quantity::HeapAfterFullCollectionGrowth).map_or(0, |g| g.bytes);
            (unsigned(e.bytes), growth)
        });
    }

    fn read_native(&mut self, evidence: &[Evidence]) {
        for fact in evidence {
            let (name, set): (&String, fn(&mut Tracked, i64)) = match &fact.quantity {
                Quantity::NativeCommitted(name) => (name, |t, b| t.committed = unsigned(b)),
                Quantity::NativeReserved(name) => (name, |t, b| t.reserved = unsigned(b)),
                Quantity::NativeGrowth(name) => (name, |t, b| t.growth = Some(b)),
                _ => continue,
            };
            if name == "Total" {
                self.native_source = fact.source.to_string();
            }
            set(self.native.entry(name.clone()).or_default(), fact.bytes);
        }
        if let Some(heap) = self.native.get("Java Heap") {
            self.heap_committed.get_or_insert(heap.committed);
        }
    }
}

/// The memory in use of a cgroup without a name: the JVM's own, as `collect` takes it.
fn best_unnamed(evidence: &[Evidence]) -> Option<&Evidence> {
    evidence
        .iter()
        .rev()
        .filter(|e| e.subject.container.is_none() && e.subject.pod.is_none())
        .filter_map(|e| match e.quantity {
            Quantity::Resident(measure) => Some((measure, e)),
            _ => None,
        })
        .min_by_key(|(measure, _)| *measure)
        .map(|(_, e)| e)
}

fn is_given(fact: &Evidence) -> bool {
    fact.source.format == "given"
}

fn measure(fact: &Evidence) -> Measure {
    Measure {
        bytes: fact.bytes,
        kind: if is_given(fact) {
            Kind::Given
        } else {
            Kind::Measured
        },
        source: fact.source.to_string(),
    }
}

/// `bytes` of a fact that is never negative.
fn unsigned(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}
