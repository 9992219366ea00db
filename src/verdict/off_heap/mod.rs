//! Native memory that the heap knows of: one file per kind, and who owns it on the heap.
//!
//! Nothing is counted twice: what the JDK counts in `java.nio.Bits` is direct memory, and the other kinds leave out what is in there.
//!
//! | kind | what it counts |
//! | --- | --- |
//! | [`direct_buffers`] | what the JDK counts as direct memory, by the buffers that own it; buffers that native code made |
//! | [`nio_caches`] | buffers that threads keep for channels, whether the JDK counts them (up to 23) or not |
//! | [`foreign_memory`] | allocations of arenas, where the JDK does not count them |
//! | [`mapped_files`] | mappings of files |
//! | [`netty`] | Netty's own counter, and what its pools keep |
//! | [`zlib`] | open streams of `Inflater` and `Deflater` |
//! | [`native_handles`] | handles of native libraries that a field gives away |
//! | [`thread_stacks`] | stacks of platform threads |
//! | [`jni_globals`] | global JNI references, by class |
//! | [`backlog`] | objects that wait for a finalizer |
//! | [`class_mass`] | class loaders and generated classes in masses |

mod backlog;
mod buffer_role;
mod class_mass;
mod direct_buffers;
mod foreign_memory;
mod holdings;
mod jni_globals;
mod mapped_files;
mod native_handles;
mod netty;
mod nio_caches;
mod owner;
mod thread_stacks;
mod zlib;

use super::component::{Component, Kind};
use super::facts::{ClassMass, OffHeap};
use super::jvm_facts::JvmFacts;
use crate::heap::{ClassIndex, Instances, ObjectIndex, Runs, Snapshot};
use crate::sentence::Sentence;
use holdings::Holdings;
use owner::Owners;

/// A kind of native memory: which classes' instances it needs to see, and what it reads from them.
struct NativeKind {
    wants: fn(&Snapshot, ClassIndex) -> bool,
    read: fn(&mut Dump<'_, '_>, &mut NativeMemory),
}

/// All kinds, in the order of the report.
const KINDS: &[NativeKind] = &[
    direct_buffers::KIND,
    nio_caches::KIND,
    foreign_memory::KIND,
    mapped_files::KIND,
    netty::KIND,
    zlib::KIND,
    native_handles::KIND,
    thread_stacks::KIND,
    jni_globals::KIND,
    backlog::KIND,
    class_mass::KIND,
];

/// Native memory that the heap knows of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NativeMemory {
    /// What the ledger lists, each component once.
    pub parts: Vec<OffHeap>,
    /// Owners on the heap, by bytes; what has no known size is not among them.
    pub owners: Vec<NativeOwner>,
    /// Open native resources by class, whether or not their size is known.
    pub handles: Vec<OpenHandles>,
    /// Class loaders or generated classes in masses.
    pub class_mass: Option<ClassMass>,
    /// Native bytes by the object that gives access to them (a buffer, a stream), by object index.
    objects: Vec<(ObjectIndex, u64)>,
}

/// Who owns native memory on the heap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeOwner {
    /// Which component of the ledger it is part of.
    pub component: Component,
    /// The owner as the report names it, e.g. `leaks.Slabs.SLABS` or `thread nio-worker-*`.
    pub name: String,
    /// Number of buffers, allocations or streams.
    pub count: u64,
    /// Bytes outside the heap, at most.
    pub bytes: u64,
}

/// Open native resources of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHandles {
    /// What they are: `org.rocksdb.RocksIterator`, `global JNI references to java.lang.Class`.
    pub what: String,
    /// How many are open.
    pub count: u64,
    /// Those of them that nothing but a finalizer or a cleaner holds: they were not closed.
    pub not_closed: u64,
    /// Native bytes, where a field gives them.
    pub bytes: Option<u64>,
    /// Who holds most of them.
    pub owner: Option<String>,
}

/// Objects with native memory, by their position in the preorder of the dominator tree: what a holder retains are runs of
/// positions, so nobody has to look at all the objects in them.
pub struct NativePlaces {
    /// (position, bytes).
    at: Vec<(usize, u64)>,
}

impl NativePlaces {
    /// Native bytes of the objects in `runs`: what would be freed outside the heap if those went away.
    pub fn within(&self, runs: &Runs) -> u64 {
        let inside = self.at.iter().filter(|(at, _)| runs.contain(*at));
        inside.fold(0, |sum: u64, (_, bytes)| sum.saturating_add(*bytes))
    }
}

impl NativeMemory {
    /// The objects that give access to native memory, with its bytes; ascending.
    pub fn objects(&self) -> &[(ObjectIndex, u64)] {
        &self.objects
    }

    /// Where the objects with native memory lie in the dominator tree.
    pub fn places(&self, snapshot: &Snapshot) -> NativePlaces {
        let at = |&(object, bytes)| Some((snapshot.position(object)?, bytes));
        NativePlaces {
            at: self.objects.iter().filter_map(at).collect(),
        }
    }

    /// Adds a line of the ledger; a component that is already there grows.
    fn add(&mut self, part: OffHeap) {
        let Some(same) = self
            .parts
            .iter_mut()
            .find(|p| p.component == part.component)
        else {
            self.parts.push(part);
            return;
        };
        same.low = same.low.saturating_add(part.low);
        same.high = same.high.saturating_add(part.high);
        if part.kind == Kind::Estimated {
            same.kind = Kind::Estimated;
        }
        same.source.push("; ");
        same.source.push(part.source);
        same.owners.extend(part.owners);
    }

    /// Takes over owners and objects of `holdings`; returns the sentences about its owners.
    fn own(&mut self, component: Component, holdings: Holdings) -> Vec<Sentence> {
        let sentences = holdings.sentences();
        self.owners.extend(holdings.owners(component));
        self.objects.extend(holdings.objects);
        sentences
    }
}

/// What the kinds read from.
struct Dump<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    jvm: &'s JvmFacts,
    instances: &'s Instances,
    owners: Owners<'s, 'a>,
}

impl Dump<'_, '_> {
    /// The instances of the classes that `wants` accepts, in the order of their addresses.
    fn instances(&self, wants: fn(&Snapshot, ClassIndex) -> bool) -> Vec<ObjectIndex> {
        self.instances
            .of_wanted(|class| wants(self.snapshot, class))
    }

    /// Whether the application can still reach `object`.
    fn is_in_use(&self, object: ObjectIndex) -> bool {
        use crate::graph::Strength::{Soft, Strong};
        matches!(self.snapshot.strength(object), Strong | Soft)
    }

    /// Whether `object` is there at all, not garbage that the dump shows because it was not collected yet.
    fn is_reachable(&self, object: ObjectIndex) -> bool {
        self.snapshot.strength(object) != crate::graph::Strength::NoPath
    }
}

/// Whether the instances of `class` tell of native memory.
pub fn is_wanted(snapshot: &Snapshot, class: ClassIndex) -> bool {
    KINDS.iter().any(|kind| (kind.wants)(snapshot, class))
}

/// Everything that `snapshot` tells of native memory; `instances` has those that are [wanted](is_wanted).
pub fn native_memory(snapshot: &Snapshot, instances: &Instances, jvm: &JvmFacts) -> NativeMemory {
    let mut dump = Dump {
        snapshot,
        jvm,
        instances,
        owners: Owners::new(snapshot),
    };
    let mut native = NativeMemory::default();
    for kind in KINDS {
        (kind.read)(&mut dump, &mut native);
    }
    native.objects.sort_unstable();
    native
        .owners
        .sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    native
}
