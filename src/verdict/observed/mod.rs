//! The evidence put together: which container is the JVM's, what is resident, what grew, and which sources contradict each other.
//!
//! | module | what it does |
//! | --- | --- |
//! | `series` | measurements over time: what is subtracted from what |
//! | `whose` | the JVM's container and process |
//! | `native` | Native Memory Tracking over time |
//! | `others` | who was killed for memory, and who beside the JVM has more than it |
//! | `contradictions` | sources that contradict each other |

mod contradictions;
mod native;
mod others;
mod series;
mod whose;

pub use others::{Kill, Neighbour};

use super::component::Kind;
use super::evidence::{Evidence, Quantity, Resident, Source, Subject, Time};
use super::facts::{HeapFacts, Range, Sourced};
use crate::sentence::Sentence;
use std::collections::{BTreeMap, BTreeSet};

/// What is known besides the evidence, to tell whose it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The JVM's container when the user gave it: its name, `POD/NAME` or `NAMESPACE/POD/NAME`.
    pub container: Option<&'a str>,
    /// The pod or host of the dump, as its environment says it.
    pub pod: Option<&'a str>,
    /// Bytes of the live heap: a container with a lower limit is not the JVM's.
    pub live_bytes: u64,
}

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
    /// The growth of everything that was measured more than once in one life of it: of other containers and processes too.
    pub growths: Vec<Growth>,
    /// The containers and processes that were killed for memory, the last one first.
    pub kills: Vec<Kill>,
    /// Shared memory of the JVM's container: files in memory, or the heap of ZGC.
    pub shared: Option<Measure>,
    /// What beside the JVM has most memory, where that is more than the JVM has.
    pub neighbour: Option<Neighbour>,
    /// What has to be said of the evidence, as sentences: restarts, another pod, other processes.
    pub notes: Vec<Sentence>,
    /// Sources that contradict each other, as sentences.
    pub contradictions: Vec<Sentence>,
    /// The PIDs that may be the JVM's; `None` in it stands for a process without a PID.
    processes: BTreeSet<Option<String>>,
    /// The pod of the dump.
    pod: Option<String>,
    /// The JVM's container, measured or only described.
    place: Option<whose::Place>,
    /// Evidence of JVMs names several places, and none is known to be the dump's.
    several_jvms: bool,
}

/// The growth of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// What grew.
    pub subject: Subject,
    /// By which measure.
    pub measure: Resident,
    /// Bytes; negative when it shrank.
    pub bytes: i64,
    /// Where the last measurement was read.
    pub last: Source,
    /// When the last measurement was.
    pub time: Option<Time>,
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
    /// The namespace of its pod, where the source says it.
    pub namespace: Option<String>,
    /// Its pod, where the source says it.
    pub pod: Option<String>,
    /// Its name.
    pub name: String,
    /// Its memory in use at the end, in bytes.
    pub resident: i64,
    /// Its growth, when there were several measurements, in bytes.
    pub growth: Option<i64>,
    /// Its limit in bytes, where the evidence says it.
    pub limit: Option<i64>,
    /// Where its memory was read.
    pub source: String,
}

impl Observed {
    /// Puts `evidence` (in the order of time) together; `container` is the JVM's container when the user gave it.
    pub fn new(evidence: &[Evidence], container: Option<&str>) -> Observed {
        let known = Known {
            container,
            ..Known::default()
        };
        Observed::of(evidence, &known)
    }

    /// Puts `evidence` (in the order of time) together.
    pub fn of(evidence: &[Evidence], known: &Known<'_>) -> Observed {
        let evidence = &*whose::with_namespaces(evidence);
        let series = series::of(evidence);
        let mut observed = Observed {
            containers: series::containers(&series, evidence),
            growths: series::growths(&series),
            notes: series
                .iter()
                .filter_map(|s| s.restart.clone())
                .take(MOST_NOTES)
                .collect(),
            pod: known.pod.map(str::to_owned),
            ..Observed::default()
        };
        observed.find_whose(evidence, known);
        observed.resident = observed.find_resident(evidence);
        observed.growth = observed.find_growth(evidence, &series);
        observed.limit = observed.find_limit(evidence);
        observed.kills = observed.find_kills(evidence);
        observed.shared = observed.find_shared(evidence);
        observed.neighbour = observed.find_neighbour(evidence);
        observed.read_heap(evidence);
        observed.read_native(evidence);
        observed.add_native_growth(evidence, &series);
        let found = contradictions::find(&observed, evidence);
        observed.contradictions.extend(found);
        observed
    }

    /// Finds out which container and which process are the JVM's.
    fn find_whose(&mut self, evidence: &[Evidence], known: &Known<'_>) {
        let whose = whose::container(evidence, known);
        let is_it = |c: &Container, place: &whose::Place| {
            (&c.namespace, &c.pod, &c.name) == (&place.namespace, &place.pod, &place.name)
        };
        let place = whose.jvm.as_ref();
        self.jvm = place.and_then(|place| self.containers.iter().position(|c| is_it(c, place)));
        let (processes, of_processes) = whose::process(evidence);
        self.processes = processes;
        let several = whose::several_jvms(evidence);
        let targets = whose.jvm.is_none() && whose::several_targets(evidence, known.pod);
        self.several_jvms = several.is_some() || targets;
        self.place = whose.jvm;
        self.contradictions
            .extend(whose.contradiction.map(Sentence::from));
        let notes = [whose.note, of_processes, several];
        self.notes
            .extend(notes.into_iter().flatten().map(Sentence::from));
    }

    /// Checks that `--container` names a container of the evidence, where there are any.
    ///
    /// # Errors
    /// A sentence that lists the names when it is none of them.
    pub fn check_container(evidence: &[Evidence], name: &str) -> Result<(), String> {
        match whose::named(&whose::places(evidence), name, None) {
            Err(why) if why.starts_with("no evidence") => Err(why),
            _ => Ok(()),
        }
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
        let process = |e: &&Evidence| {
            e.quantity == Quantity::Resident(Resident::Process) && (is_given(e) || self.is_own(e))
        };
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

    fn find_growth(&self, evidence: &[Evidence], series: &[series::Series<'_>]) -> Option<Measure> {
        if let Some(fact) = evidence
            .iter()
            .rev()
            .find(|e| matches!(e.quantity, Quantity::Growth(_)))
        {
            return Some(measure(fact));
        }
        let process = series
            .iter()
            .filter(|s| s.measure == Resident::Process && self.is_own(s.last()))
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
            .or_else(|| limits().find(|e| e.subject.container.is_none() && e.subject.pod.is_none()))
            .map(measure)
    }

    /// Whether a fact of a process or of a JVM can be the JVM's of the dump.
    fn is_own(&self, fact: &Evidence) -> bool {
        let subject = &fact.subject;
        if let (Some(pod), Some(own)) = (&subject.pod, &self.pod)
            && !whose::same_pod(pod, own)
        {
            return false;
        }
        if let (Some(place), true) = (&self.place, subject.container.is_some()) {
            return place.has(subject);
        }
        let is_process = fact.quantity == Quantity::Resident(Resident::Process);
        !self.several_jvms && (!is_process || self.processes.contains(&subject.pid))
    }

    /// Whether a fact is about the JVM's container.
    fn is_jvm(&self, fact: &Evidence) -> bool {
        self.place
            .as_ref()
            .is_some_and(|place| place.has(&fact.subject))
    }

    /// How a container is called in a sentence: with its pod and namespace only when there are several.
    pub fn label(&self, container: &Container) -> String {
        let several_pods = self.containers.iter().any(|c| c.pod != container.pod);
        let several_spaces = self
            .containers
            .iter()
            .any(|c| c.namespace != container.namespace);
        let pod = container
            .pod
            .as_ref()
            .filter(|_| several_pods || several_spaces);
        let space = container.namespace.as_ref().filter(|_| several_spaces);
        let parts: Vec<&str> = [space, pod, Some(&container.name)]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        parts.join("/")
    }

    fn read_heap(&mut self, evidence: &[Evidence]) {
        let own = |e: &&Evidence| is_given(e) || self.is_own(e);
        let last = |quantity: Quantity| {
            let of_kind = |e: &&Evidence| e.quantity == quantity && own(e);
            evidence.iter().rev().find(of_kind)
        };
        let max_heap = last(Quantity::MaxHeap).map(|e| Sourced {
            bytes: unsigned(e.bytes),
            source: e.source.to_string().into(),
        });
        let committed = last(Quantity::HeapCommitted).map(|e| unsigned(e.bytes));
        let after_collection = last(Quantity::HeapAfterFullCollection).map(|e| {
            let growth = last(Quantity::HeapAfterFullCollectionGrowth).map_or(0, |g| g.bytes);
            (unsigned(e.bytes), growth)
        });
        self.max_heap = max_heap;
        self.heap_committed = committed;
        self.after_collection = after_collection;
    }

    /// Native memory measured at several times grew, even where nobody set a baseline.
    fn add_native_growth(&mut self, evidence: &[Evidence], series: &[series::Series<'_>]) {
        let own: Vec<&Evidence> = evidence.iter().filter(|e| self.is_own(e)).collect();
        for (name, bytes) in native::growth(&own, series) {
            if let Some(tracked) = self.native.get_mut(name) {
                tracked.growth.get_or_insert(bytes);
            }
        }
    }

    fn read_native(&mut self, evidence: &[Evidence]) {
        for fact in evidence {
            if !self.is_own(fact) {
                continue;
            }
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
            Quantity::Resident(measure) if measure != Resident::Process => Some((measure, e)),
            _ => None,
        })
        .min_by_key(|(measure, _)| *measure)
        .map(|(_, e)| e)
}

/// More notes than anybody reads.
const MOST_NOTES: usize = 10;

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
