//! What the dump says of its JVM: version, flags that matter, maximum heap, threads, why it was written.
//!
//! System properties, arguments and environment hold secrets. What is read of them is listed here and in the modules; nothing else leaves
//! this file.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`maps`] | string maps of the JDK, looked up by key |
//! | [`collector`] | which garbage collector it was |
//! | [`flags`] | which JVM arguments matter, and their sizes |
//! | [`max_heap`] | the maximum heap, from what the JDK derived of it |
//! | [`survivor`] | what collectors leave out of `Runtime.maxMemory()` |
//! | [`out_of_memory`] | the thread that was throwing an `OutOfMemoryError` |
//! | [`ran_out`] | `OutOfMemoryError`s before that |
//! | [`regions`] | what regions of the heap leave empty |
//! | [`zeroed`] | dumps of which the contents were taken out |

mod collector;
pub(crate) mod flags;
mod maps;
mod max_heap;
mod out_of_memory;
mod ran_out;
mod regions;
mod survivor;
mod zeroed;

use super::clean_name;
use super::facts::{OutOfMemory, RanOutBefore, Range, Sourced};
use super::field_values::size;
use crate::heap::privacy::{label, shortened};
use crate::heap::{ClassIndex, ClassKind, Instances, ObjectIndex, Snapshot};
use crate::hprof::FieldValue;
use collector::Collector;
use foldhash::HashMap;
use maps::StringMap;
use max_heap::MaxHeap;

pub(crate) use flags::Flags;
pub(crate) use regions::{tails, taken};

/// Environment variables that name the machine or pod. Others are not read, but for those that hold JVM arguments.
const HOST_VARIABLES: [&str; 4] = ["POD_NAME", "MY_POD_NAME", "KUBERNETES_POD_NAME", "HOSTNAME"];
/// Environment variables that hold JVM arguments.
const ARGUMENT_VARIABLES: [&str; 3] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

/// What the dump says of its JVM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JvmFacts {
    /// `java.vm.version`, e.g. `17.0.15+6-Debian-1deb12u1`.
    pub version: Option<String>,
    /// `java.vm.name`, e.g. `OpenJDK 64-Bit Server VM`.
    pub name: Option<String>,
    /// `java.version`, e.g. `1.8.0_252`.
    pub java_version: Option<String>,
    /// The main class, or the file name of the jar: the first word of `sun.java.command`, never its arguments.
    pub main_class: Option<String>,
    /// The pod or host, where the program looked at its environment.
    pub host: Option<String>,
    /// JVM arguments that bear on memory, as given; the program's own properties are not among them.
    pub flags: Vec<String>,
    /// The maximum heap, with where it was read.
    pub max_heap: Option<Sourced>,
    /// What the maximum heap is at least and at most, where the dump leaves that open.
    pub max_heap_range: Option<Range>,
    /// The limit of direct memory, with where it was read.
    pub max_direct_memory: Option<Sourced>,
    /// The thread that was throwing an `OutOfMemoryError` when the dump was written.
    pub out_of_memory: Option<OutOfMemory>,
    /// `OutOfMemoryError`s that the JVM threw before.
    pub ran_out_before: Option<RanOutBefore>,
    /// All texts of the dump are zeros.
    pub zeroed: bool,
    /// The numbers in fields are zeros as well.
    pub numbers_zeroed: bool,
    /// Live platform threads.
    pub platform_threads: u64,
    /// The largest group of them with one name but for numbers, and how many they are.
    pub thread_group: Option<(String, u64)>,
    /// The stack of a platform thread in bytes (`-Xss`), when an argument says it.
    pub thread_stack_bytes: Option<u64>,
    /// Stacks in bytes of threads that asked for another size than the usual.
    pub asked_stack_bytes: Vec<u64>,
    /// Whether the collector was G1; `None` where nothing tells.
    pub is_g1: Option<bool>,
    /// Size of G1's regions in bytes, when an argument says it.
    pub region_bytes: Option<u64>,
    /// Loaded classes, arrays left out: their metadata is small.
    pub classes: u64,
    /// Those of them that the boot loader defines.
    pub boot_classes: u64,
}

/// Whether the instances of `class` tell of the JVM.
pub fn is_wanted(snapshot: &Snapshot, class: ClassIndex) -> bool {
    collector::is_bean(snapshot, class) || ran_out::is_error(snapshot, class)
}

/// What `snapshot` says of its JVM; `instances` has those that are [wanted](is_wanted).
pub fn jvm_facts(snapshot: &Snapshot, instances: &Instances) -> JvmFacts {
    let properties = properties(snapshot);
    let property = |key: &str| {
        let value = properties.iter().find_map(|map| map.get(key))?;
        Some(clean_name(&value)).filter(|value| !value.is_empty())
    };
    let environment = environment(snapshot);
    let variables = ARGUMENT_VARIABLES
        .iter()
        .filter_map(|key| environment.as_ref()?.get(key));
    let flags = Flags::read(snapshot, variables.collect());
    let (java_version, vm_name) = (property("java.version"), property("java.vm.name"));
    let limit = max_heap::DirectLimit::read(snapshot, &properties, java_version.as_deref());
    let zeroed = zeroed::is_zeroed(snapshot);
    let numbers_zeroed = zeroed && zeroed::are_numbers_zeroed(snapshot);
    let threads = Threads::count(snapshot, numbers_zeroed);
    let names = (vm_name.as_deref(), java_version.as_deref());
    let collector = Collector::of(&flags, snapshot, instances);
    let (max_heap, max_heap_range) =
        match max_heap::max_heap(snapshot, (&flags, collector), &limit, names) {
            Some(MaxHeap::Exact(max)) => (Some(max), None),
            Some(MaxHeap::Between(range)) => (None, Some(range)),
            None => (None, None),
        };
    // Whoever starts a JVM may set them to anything.
    let shown = |value: String| value_of(snapshot, value);
    let loaded = || {
        let classes = snapshot.classes().iter().map(|(_, class)| class);
        classes.filter(|class| class.dumped && class.kind == ClassKind::Instance)
    };
    JvmFacts {
        max_heap,
        max_heap_range,
        max_direct_memory: limit.limit.clone(),
        version: property("java.vm.version").map(shown),
        name: vm_name.map(shown),
        java_version: java_version.map(shown),
        main_class: property("sun.java.command").and_then(|command| main_class(snapshot, &command)),
        host: HOST_VARIABLES
            .iter()
            .find_map(|key| environment.as_ref()?.get(key))
            .map(|name| shown(clean_name(&name)))
            .filter(|name| !name.is_empty()),
        thread_stack_bytes: flags.stack_bytes(),
        is_g1: collector.is_g1(),
        region_bytes: flags.region_bytes(),
        flags: flags.listed(),
        out_of_memory: out_of_memory::out_of_memory(snapshot),
        ran_out_before: ran_out::before(snapshot, instances),
        zeroed,
        numbers_zeroed,
        platform_threads: threads.platform,
        thread_group: threads.largest_group(),
        asked_stack_bytes: threads.asked_stack_bytes,
        classes: loaded().count() as u64,
        boot_classes: loaded().filter(|class| class.dump.loader_id == 0).count() as u64,
    }
}

/// The maps with system properties: those saved at start first, which no program changes.
fn properties<'s, 'a>(snapshot: &'s Snapshot<'a>) -> Vec<StringMap<'s, 'a>> {
    [
        ("jdk.internal.misc.VM", "savedProps"),
        ("sun.misc.VM", "savedProps"),
        ("java.lang.System", "props"),
    ]
    .into_iter()
    .filter_map(|(class, field)| snapshot.static_object(class, field))
    .map(|map| StringMap::new(snapshot, map))
    .collect()
}

/// The environment, where the program looked at it.
fn environment<'s, 'a>(snapshot: &'s Snapshot<'a>) -> Option<StringMap<'s, 'a>> {
    let map = snapshot.static_object("java.lang.ProcessEnvironment", "theEnvironment")?;
    Some(StringMap::new(snapshot, map))
}

/// The first word of `command`; of a path the file name, since folders tell of people and machines.
fn main_class(snapshot: &Snapshot<'_>, command: &str) -> Option<String> {
    let first = command.split_whitespace().next()?;
    let file = first.rsplit(['/', '\\']).next()?;
    let is_class = || snapshot.classes().named(file).next().is_some();
    let file = match file.is_empty() || is_class() {
        true => file.to_owned(),
        false => value_of(snapshot, file.to_owned()),
    };
    (!file.is_empty()).then_some(file)
}

/// `value` of a property or variable of which the usual value is harmless, as reports may show it: keys, tokens and addresses are not.
fn value_of(snapshot: &Snapshot<'_>, value: String) -> String {
    match snapshot.values_shown() {
        true => value,
        false => label("", &value),
    }
}

/// Platform threads and their stacks.
#[derive(Default)]
struct Threads {
    platform: u64,
    asked_stack_bytes: Vec<u64>,
    /// How many have a name, numbers in it left out.
    groups: HashMap<String, u64>,
}

impl Threads {
    fn count(snapshot: &Snapshot, numbers_zeroed: bool) -> Threads {
        let mut threads = Threads::default();
        let mut objects: Vec<ObjectIndex> = snapshot
            .threads()
            .iter()
            .map(|thread| thread.object)
            .collect();
        objects.sort_unstable();
        objects.dedup();
        for thread in objects {
            let class = snapshot.class_of(thread);
            let is_virtual = snapshot
                .classes()
                .is_a(class, "java.lang.BaseVirtualThread");
            // The native thread; 0 before it starts and after it ends. Absent outside HotSpot.
            let ended = !numbers_zeroed && snapshot.field_integer(thread, "eetop") == Some(0);
            if is_virtual || ended {
                continue;
            }
            threads.platform += 1;
            if let Some(name) = snapshot.thread_name(thread) {
                *threads.groups.entry(shortened(&name)).or_default() += 1;
            }
            threads
                .asked_stack_bytes
                .extend(stack_bytes(snapshot, thread).filter(|&bytes| bytes > 0));
        }
        threads
    }

    fn largest_group(&self) -> Option<(String, u64)> {
        let largest = self
            .groups
            .iter()
            .max_by_key(|&(name, &n)| (n, std::cmp::Reverse(name)));
        largest.map(|(name, &n)| (clean_name(name), n))
    }
}

/// `Thread.stackSize`, or from JDK 19 on `Thread.holder.stackSize`: the size that was asked for, 0 for the usual.
fn stack_bytes(snapshot: &Snapshot, thread: ObjectIndex) -> Option<u64> {
    let holder = snapshot.field_object(thread, "holder");
    let value: Option<FieldValue> = holder
        .and_then(|holder| snapshot.field(holder, "stackSize"))
        .or_else(|| snapshot.field(thread, "stackSize"));
    size(value)
}
