//! Suspects, and components that were checked and cleared.

use serde::{Deserialize, Serialize};

use crate::sentence::Sentence;
pub use crate::suspects::HolderKind;
pub use crate::suspects::patterns::Assessment;

/// What a suspect would cause, by consequence and not by share of the dump alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; does not explain a problem by itself.
    #[default]
    Info,
    /// Large enough to look at.
    Warning,
    /// Large enough to be the problem.
    Critical,
}

/// Somebody who keeps a lot of memory alive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Suspect {
    /// 1 for the most important.
    pub rank: u32,
    /// Stable over runs, hosts and dump times for the same holder and content, so that tickets can be matched.
    pub signature: String,
    /// Kind of the holder.
    pub kind: HolderKind,
    /// By consequence.
    pub severity: Severity,
    /// Who keeps it: what a developer can go and change.
    pub holder: Holder,
    /// What is kept.
    pub content: Content,
    /// Bytes of the holder's own object or objects.
    pub shallow_bytes: u64,
    /// Bytes that would be freed with the holder.
    pub retained_bytes: u64,
    /// Objects that would be freed with the holder.
    pub retained_objects: u64,
    /// `retained_bytes` of what is reachable from a GC root by whatever references (the live heap), 0 to 1.
    pub share_of_reachable: f64,
    /// `retained_bytes` of the maximum heap, 0 to 1.
    pub share_of_max_heap: Option<f64>,
    /// Where one object splits into many.
    pub accumulation_point: Option<AccumulationPoint>,
    /// Kind of GC root the path starts at, such as `thread` or `system class`.
    pub path_root: Option<String>,
    /// From the GC root down to the accumulation point.
    pub path: Vec<PathStep>,
    /// The known pattern it matches.
    pub pattern: Option<PatternMatch>,
    /// Native memory that this holder keeps, in bytes.
    pub off_heap_bytes: Option<u64>,
    /// Further facts in full sentences, most important first.
    pub notes: Vec<Sentence>,
    /// The objects or threads that were merged into this suspect, largest first; a sample.
    pub members: Vec<Member>,
    /// Other owners of the same content and what each alone would free.
    pub shared_with: Vec<Member>,
    /// Where several fields hold it together: what clearing any one of them frees at most, in bytes.
    pub freed_alone_bytes: Option<u64>,
    /// Suspects that lie inside this one, listed here only.
    pub inside: Vec<Member>,
}

/// Who keeps a suspect's memory alive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Holder {
    /// What kind of owner.
    pub kind: HolderKind,
    /// Class that declares the field, or class of the holding object.
    pub class: String,
    /// Name of the field, without its class.
    pub field: Option<String>,
    /// Thread name, shortened (`http-worker-*` when several).
    pub thread: Option<String>,
    /// Class loader of the class, when it is not the application's.
    pub loader: Option<String>,
    /// Stack frame whose local holds it, such as `com.acme.Job.run(Job.java:42)`.
    pub frame: Option<String>,
    /// Where the holding object is found itself, when the field is not static: `com.acme.Cache.INSTANCE`, a thread.
    pub via: Option<String>,
    /// The library's own field below the holder's that the content lies in, such as `org.hsqldb.StatementManager.csidMap`.
    pub place: Option<String>,
    /// Who holds the objects whose field the holder is, where these are several: titles, most important first.
    pub held_by: Vec<String>,
    /// Address of the holding object; `None` for several.
    pub object_id: Option<String>,
    /// How many holders of this signature were merged; 1 for one.
    pub count: u64,
}

/// What a suspect keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Content {
    /// The class that says what it is about: elements, not nodes of the collection.
    pub class: String,
    /// Objects of `class`.
    pub objects: u64,
    /// Bytes retained by those objects together.
    pub retained_bytes: u64,
    /// The classes that the content is of, where two are of equal weight; the first is `class`. Empty for one.
    pub contents: Vec<ContentClass>,
    /// The collection around them, when it was recognised.
    pub collection: Option<Collection>,
    /// Largest classes of the whole retained set.
    pub classes: Vec<ClassCount>,
    /// Sizes of the elements, when a few dominate.
    pub element_sizes: Option<SizeDistribution>,
}

/// One of several classes that a content is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ContentClass {
    /// Class name as in Java source.
    pub class: String,
    /// Objects of that class.
    pub objects: u64,
}

/// A collection whose layout was recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Collection {
    /// Its class.
    pub class: String,
    /// Entries.
    pub entries: u64,
    /// Slots of the table or array behind it.
    pub capacity: Option<u64>,
    /// Class of most keys.
    pub key_class: Option<String>,
    /// Class of most values or elements.
    pub value_class: Option<String>,
}

/// Sizes of the elements of a collection, in bytes retained by each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SizeDistribution {
    /// Smallest.
    pub min: u64,
    /// Median.
    pub median: u64,
    /// Largest.
    pub max: u64,
}

/// Objects of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClassCount {
    /// Class name as in Java source (`java.lang.String`, `byte[]`).
    pub class: String,
    /// Objects.
    pub objects: u64,
    /// Bytes, the sum of shallow sizes.
    pub bytes: u64,
}

/// One of several things that make up a suspect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Member {
    /// What it is: a holder, a thread, an object's class.
    pub title: String,
    /// Address, when it is one object.
    pub object_id: Option<String>,
    /// Bytes retained by it alone.
    pub retained_bytes: u64,
}

/// Where one object splits into many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AccumulationPoint {
    /// Its class.
    pub class: String,
    /// Its address.
    pub object_id: String,
    /// Bytes it retains.
    pub retained_bytes: u64,
}

/// One object on the way from a GC root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PathStep {
    /// Address.
    pub object_id: String,
    /// Class of the object; for a class object `class com.acme.Foo`.
    pub class: String,
    /// Name of a thread, with digits and long tokens shortened unless values were asked for.
    pub thread: Option<String>,
    /// How the step before holds this one: `field`, `static field`, `[17]`, `local in frame`; `None` for the root.
    pub reference: Option<String>,
    /// Bytes this object retains.
    pub retained_bytes: u64,
    /// How many steps of the same class and reference in a row this one stands for; `None` for one.
    pub times: Option<u64>,
}

/// A known leak pattern that a suspect matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PatternMatch {
    /// Stable identifier, such as `executor_unbounded_queue`.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The quantity that the pattern measures, in `unit`.
    pub measured: Option<u64>,
    /// The bound that the component has for it, in `unit`.
    pub bound: Option<u64>,
    /// What `measured` and `bound` count: `bytes`, `entries`, `tasks`, ...
    pub unit: String,
    /// Whether that is normal.
    pub assessment: Assessment,
    /// What to change, one or two sentences.
    pub advice: String,
}

/// A known component that was looked at and is within its bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Cleared {
    /// Identifier of the pattern.
    pub id: String,
    /// The component, such as `BatchSpanProcessor`.
    pub title: String,
    /// The quantity that was measured, in `unit`.
    pub measured: Option<u64>,
    /// Its bound, in `unit`.
    pub bound: Option<u64>,
    /// What `measured` and `bound` count.
    pub unit: String,
    /// Bytes that the component retains.
    pub retained_bytes: Option<u64>,
    /// The line as it is shown after the title: `400 B, queue 0 of 2,048 spans, by design`.
    pub text: Sentence,
}
