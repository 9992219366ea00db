//! The report as plain data: schema version 2, the contract with other programs.
//!
//! Everything that any output format shows is in [`Report`], so a report saved as JSON and rendered later is
//! byte-identical to the one rendered directly. Conventions, without exception:
//!
//! * sizes are bytes (`u64`), counts are objects unless the name says otherwise;
//! * shares are numbers from 0 to 1 and the field name says of what;
//! * addresses are strings such as `"0x7851e9c00"` (identifiers exceed what JSON numbers hold exactly);
//! * unknown is `None` (`null`), never 0;
//! * lists are sorted by the builder; formats never sort again;
//! * no time but the one recorded in the dump;
//! * texts are plain: names inside are neutralised by each format for where it goes, not here.
//!
//! Fields may be added without a new schema version. Missing fields are read as their default, so reports saved by an
//! earlier version of the program still render.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sentence::Sentence;
pub use crate::suspects::Basis;
pub use crate::verdict::component::Kind as LedgerKind;
pub use crate::verdict::decision::{Confidence, HeapVerdict};

mod details;
mod sentences;
mod suspect;
mod tree;

pub use crate::growth::{
    AgainstBaseline, ClassCourse, Course, Difference, DifferenceNode, GroupCourse, Growth,
    HolderCourse, InputKind, Inventory,
};
pub use details::*;
pub use suspect::*;
pub use tree::*;

/// The version of the JSON schema that this program writes.
pub const SCHEMA_VERSION: u32 = 2;

/// The earliest version of the JSON schema that this program reads.
pub const FIRST_SCHEMA_VERSION: u32 = 1;

/// One analysed dump, ready to be written in any format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Report {
    /// Version of this schema; [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program that wrote the report.
    pub tool: Tool,
    /// The file that was read.
    pub dump: Dump,
    /// Labels that were given to the report, by name: `service`, `version`, `pod`, `environment` and others. Absent without any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The JVM that wrote the dump, as far as the dump says.
    pub jvm: Jvm,
    /// Totals of the Java heap, split by reachability.
    pub heap: Heap,
    /// Whether the Java heap explains the memory problem.
    pub verdict: Verdict,
    /// The memory of the process, component by component.
    pub ledger: Vec<LedgerEntry>,
    /// Off-heap memory and native handles by their owner on the heap, largest first.
    pub off_heap: Vec<OffHeapOwner>,
    /// What was measured outside the dump and given to the program.
    pub evidence: Vec<Evidence>,
    /// Leak suspects, most important first. Where the heap is ruled out and none of them is large, only what keeps most of it.
    pub suspects: Vec<Suspect>,
    /// The largest holders besides, where there is no suspect.
    pub largest_holders: Vec<Suspect>,
    /// How many more there are, of suspects or of largest holders: `--suspects N` lists them.
    pub more_suspects: u64,
    /// How things developed, where two or more inputs were given.
    pub growth: Option<Growth>,
    /// Owners and classes with what they keep: what a comparison with a later dump needs of this one.
    pub inventory: Option<Inventory>,
    /// Known components that were looked at and are within their bounds.
    pub checked_and_cleared: Vec<Cleared>,
    /// Classes by retained size, largest first.
    pub classes: Vec<ClassRow>,
    /// Topmost objects of the dominator tree by retained size, largest first.
    pub dominators: Vec<DominatorRow>,
    /// The dominator tree cut to its large parts, for the pictures.
    pub dominator_tree: DominatorTree,
    /// Threads by retained size, largest first.
    pub threads: Vec<ThreadRow>,
    /// ThreadLocal values of the platform threads by declaring field, largest first.
    pub thread_locals: Vec<ThreadLocalField>,
    /// Class loaders by retained size, largest first.
    pub class_loaders: Vec<ClassLoaderRow>,
    /// Class names that more than one loader defines, most loaders first.
    pub duplicate_classes: Vec<DuplicateClass>,
    /// Families of generated classes, largest first.
    pub class_families: Vec<ClassFamily>,
    /// What reference objects (soft, weak, final, phantom) hold; `None` when not analysed.
    pub references: Option<References>,
    /// Bytes that a change of the program would save; `None` unless asked for (`--waste`).
    pub waste: Option<Waste>,
    /// What the program met that may change the meaning of a number.
    pub warnings: Vec<Warning>,
}

impl Default for Report {
    fn default() -> Self {
        Report {
            schema_version: SCHEMA_VERSION,
            tool: Tool::default(),
            dump: Dump::default(),
            labels: BTreeMap::new(),
            jvm: Jvm::default(),
            heap: Heap::default(),
            verdict: Verdict::default(),
            ledger: Vec::new(),
            off_heap: Vec::new(),
            evidence: Vec::new(),
            suspects: Vec::new(),
            largest_holders: Vec::new(),
            more_suspects: 0,
            growth: None,
            inventory: None,
            checked_and_cleared: Vec::new(),
            classes: Vec::new(),
            dominators: Vec::new(),
            dominator_tree: DominatorTree::default(),
            threads: Vec::new(),
            thread_locals: Vec::new(),
            class_loaders: Vec::new(),
            duplicate_classes: Vec::new(),
            class_families: Vec::new(),
            references: None,
            waste: None,
            warnings: Vec::new(),
        }
    }
}

/// The program and the options that change what a report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Tool {
    /// `hprof-suspects`.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// Options that change the content, by name (`"compat": "mat"`, `"top": "20"`); not those of presentation.
    pub options: BTreeMap<String, String>,
    /// True when names and texts were asked for as they are (`--show-values`): every format shows a banner.
    pub values_shown: bool,
}

impl Default for Tool {
    fn default() -> Self {
        Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            options: BTreeMap::new(),
            values_shown: false,
        }
    }
}

/// The file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Dump {
    /// Last component of the path, or `-` for standard input; never a folder.
    pub file_name: String,
    /// Size of the dump in bytes, unpacked.
    pub bytes: u64,
    /// Size of the file in bytes as it lies on disk, when it is compressed.
    pub compressed_bytes: Option<u64>,
    /// The format line of the header, such as `JAVA PROFILE 1.0.2`.
    pub format: String,
    /// Bytes of an identifier in the file: 4 or 8.
    pub identifier_size: u32,
    /// Time in the header, RFC 3339 in UTC; `None` when the header says 0.
    pub captured_at: Option<String>,
    /// `gzip`, `zstd`, ... when the file was compressed.
    pub compression: Option<String>,
    /// False when bytes are missing or could not be read: the warnings say which.
    pub complete: bool,
}

/// The JVM that wrote the dump. Only allow-listed facts, never property values or environment at large.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Jvm {
    /// For example `OpenJDK 64-Bit Server VM 17.0.15+6`.
    pub version: Option<String>,
    /// The layout with which shallow sizes were computed.
    pub layout: Option<Layout>,
    /// Main class of the application, without its arguments.
    pub main_class: Option<String>,
    /// Pod or host name, when the dump holds it.
    pub pod: Option<String>,
    /// JVM flags that matter to memory, such as `-Xmx1g`; no others.
    pub flags: Vec<String>,
    /// Which classes count as the application's. Absent where none does.
    pub application: Option<ApplicationScope>,
}

/// Which classes count as the application's, not the JDK's or a library's. A holder is named by its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ApplicationScope {
    /// What decided.
    pub decided_by: Basis,
    /// Number of its classes.
    pub classes: u64,
    /// Beginnings of the packages that hold most of them; empty text for the unnamed package.
    pub packages: Vec<String>,
}

/// How the JVM lays out objects; all sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Layout {
    /// Size of a reference: 4 with compressed oops.
    pub reference_bytes: u32,
    /// Header of an ordinary object.
    pub object_header_bytes: u32,
    /// Header of an array, its length included.
    pub array_header_bytes: u32,
    /// Every object's size is a multiple of this.
    pub alignment: u32,
    /// What it follows from: measured distances in the dump, or the rule of `--compat mat`.
    pub inferred_from: String,
}

/// A number of objects and the sum of their shallow sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Amount {
    /// Objects.
    pub objects: u64,
    /// Bytes, the sum of shallow sizes.
    pub bytes: u64,
}

/// Totals of the heap. The six kinds of reachability do not overlap: each object is in exactly one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Heap {
    /// Reachable from a GC root by strong references.
    pub strong: Amount,
    /// Reachable only through a `SoftReference`: freed under memory pressure.
    pub soft: Amount,
    /// Reachable only through a `WeakReference`.
    pub weak: Amount,
    /// Reachable only through a `Finalizer`: waiting for finalisation.
    pub r#final: Amount,
    /// Reachable only through a `PhantomReference` or cleaner.
    pub phantom: Amount,
    /// No path from a root is recorded.
    pub no_path: NoPath,
    /// The maximum heap (`-Xmx`) in bytes.
    pub max_bytes: Option<u64>,
    /// Where `max_bytes` was read, such as `java.nio.Bits.MAX_MEMORY`.
    pub max_bytes_source: Option<Sentence>,
    /// Loaded classes.
    pub classes: u64,
    /// Class loaders, the boot loader included.
    pub class_loaders: u64,
    /// Threads that are alive, platform and virtual: those that `threads` stands for.
    pub threads: u64,
    /// GC roots as recorded (an object may be several).
    pub gc_roots: u64,
    /// The heaps that an Android dump distinguishes; empty for all other dumps. Every object of the dump is in one.
    pub android_heaps: Vec<AndroidHeap>,
}

impl Heap {
    /// Bytes to which a path leads from a GC root, by whatever references: the live heap, and the base of `share_of_reachable`.
    pub fn reachable_bytes(&self) -> u64 {
        let kinds = [
            self.strong,
            self.soft,
            self.weak,
            self.r#final,
            self.phantom,
        ];
        let bytes = kinds.iter().map(|kind| kind.bytes);
        bytes.fold(0, u64::saturating_add)
    }
}

/// One heap of an Android dump.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AndroidHeap {
    /// `app`, `zygote`, `image`, `default` or a number.
    pub name: String,
    /// Its objects.
    pub objects: u64,
    /// Their shallow sizes.
    pub bytes: u64,
    /// Whether it was there before the application (zygote, image): no suspect is made of it.
    pub preloaded: bool,
}

/// Objects without a recorded path from a GC root. `fillers`, `behind_class_mirrors` and `rest` add up to the total.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct NoPath {
    /// All of them, objects.
    pub objects: u64,
    /// All of them, bytes (shallow).
    pub bytes: u64,
    /// Filler objects that the collector puts into holes.
    pub fillers: Amount,
    /// Whether the JVM has classes of their own for fillers (JDK 21 and later); before, they are `int[]` in `rest`.
    pub fillers_told_apart: bool,
    /// Data that HotSpot keeps behind class objects, or refers to itself, and does not write as references or roots.
    pub behind_class_mirrors: Amount,
    /// Largest classes of `behind_class_mirrors`.
    pub classes_behind_mirrors: Vec<ClassCount>,
    /// Garbage that was not collected before the dump.
    pub rest: Amount,
    /// Largest classes of `rest`.
    pub classes: Vec<ClassCount>,
}

/// The answer, with its reasons in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Verdict {
    /// The decision.
    pub heap: HeapVerdict,
    /// How far to trust it.
    pub confidence: Confidence,
    /// One line without a trailing full stop, fit for a ticket's title: the first line of every text format.
    pub headline: Sentence,
    /// Why, one sentence each, most important first.
    pub reasons: Vec<Sentence>,
    /// What to do next, one step each, in order; commands between backquotes.
    pub next_steps: Vec<Sentence>,
    /// What the heap was compared with, such as `growth of 812 MiB (given)` or `maximum heap of 1 GiB`.
    pub judged_against: Option<Sentence>,
    /// Nothing that retains fewer bytes than this is called a suspect.
    pub suspect_floor_bytes: Option<u64>,
}

/// One component of the process's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct LedgerEntry {
    /// `java_heap_live`, `java_heap_max`, `direct_memory`, `mapped_files`, `foreign_memory`, `nio_thread_caches`,
    /// `thread_stacks`, `class_metadata`, `zlib`, `netty_direct`, `resident`, `limit`, `growth`, `unexplained`, ...
    pub component: String,
    /// Bytes when one number is known; `None` when only the range is. Only `growth` can be negative.
    pub bytes: Option<i64>,
    /// Lower end in bytes; equals `bytes` where that is exact.
    pub low: Option<i64>,
    /// Upper end in bytes; equals `bytes` where that is exact.
    pub high: Option<i64>,
    /// How the number came about.
    pub kind: LedgerKind,
    /// Where it was read: class and field, file of evidence, option.
    pub source: Sentence,
    /// What qualifies the number, such as `28 threads`, in a few words.
    pub note: Option<Sentence>,
}

/// Something that may change the meaning of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Warning {
    /// Stable identifier in snake case, such as `truncated` or `unknown_sub_record`.
    pub code: String,
    /// What it means for the reader, one sentence.
    pub message: Sentence,
    /// Byte offset in the (unpacked) file.
    pub offset: Option<u64>,
    /// How often it was met.
    pub count: Option<u64>,
    /// True when the dump is damaged by it: such warnings are shown first, above the verdict's reasons.
    pub damage: bool,
}
