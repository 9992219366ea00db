//! GC roots as objects: which count, and what hangs below which thread.

use foldhash::HashMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::address_index::AddressIndex;
use super::class::{ClassKind, Classes};
use super::compat::Compat;
use crate::hprof::{GcRoot, RootKind};

/// A local variable or JNI reference of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The thread object.
    pub thread: u32,
    /// What it holds.
    pub object: u32,
    /// Number of the frame from the top of the stack; `u32::MAX` for none.
    pub frame: u32,
    /// What kind of root it was.
    pub kind: RootKind,
}

/// The GC roots of a dump.
#[derive(Debug, Default)]
pub struct Roots {
    /// Root objects, ascending.
    pub objects: Vec<u32>,
    /// Kinds of each root object, in the order of the file.
    pub kinds: FxHashMap<u32, Vec<RootKind>>,
    /// What hangs below threads.
    pub locals: Vec<Local>,
    /// Thread objects: (thread serial, object, stack trace serial), in the order of the file.
    pub threads: Vec<(u32, u32, u32)>,
    /// GC root records in the dump.
    pub records: u64,
    /// Whether the dump names system classes or threads as roots; a dump cut short may not. Where it does not, objects
    /// that nothing refers to stand in for roots, and retained sizes are provisional.
    pub complete: bool,
    /// Root records that name objects that are not in the dump.
    pub missing: u64,
    /// Whether no system class is named, so that loaded classes count as roots instead.
    pub assumed_classes: bool,
}

/// Whether it is the name of a hidden class: it ends with an address (`Host$$Lambda+0x00007f01`).
fn is_hidden(class: &str) -> bool {
    class.contains("+0x") || class.contains("/0x")
}

impl Roots {
    /// Resolves the records. Locals of threads hang below their thread; under MAT's rules only if the thread came earlier
    /// in the file. Where no system class is named, those of the boot loader are roots.
    pub fn new(
        records: &[GcRoot],
        index: &AddressIndex,
        classes: &Classes,
        compat: Compat,
    ) -> Roots {
        let mut roots = Roots {
            records: records.len() as u64,
            ..Roots::default()
        };
        let mut threads: HashMap<u32, u32> = HashMap::default();
        let mut seen: FxHashSet<(u32, RootKind)> = FxHashSet::default();
        if !compat.is_mat() {
            for root in records
                .iter()
                .filter(|root| root.kind == RootKind::ThreadObject)
            {
                if let Some(object) = index.find(root.object_id).filter(|_| root.object_id != 0) {
                    threads.entry(root.thread_serial).or_insert(object);
                }
            }
        }
        let mut system = false;
        for root in records {
            system |= matches!(root.kind, RootKind::StickyClass | RootKind::J9SystemClass);
            let Some(object) = index.find(root.object_id).filter(|_| root.object_id != 0) else {
                roots.missing += u64::from(root.object_id != 0);
                continue;
            };
            if root.kind == RootKind::ThreadObject {
                threads.entry(root.thread_serial).or_insert(object);
                if !roots
                    .threads
                    .iter()
                    .rev()
                    .take(8)
                    .any(|&(serial, known, _)| serial == root.thread_serial && known == object)
                {
                    roots.threads.push((root.thread_serial, object, root.frame));
                }
            }
            if let (true, Some(&thread)) = (root.kind.is_local(), threads.get(&root.thread_serial))
            {
                let frame = if matches!(root.kind, RootKind::JniLocal | RootKind::JavaFrame) {
                    root.frame
                } else {
                    u32::MAX
                };
                roots.locals.push(Local {
                    thread,
                    object,
                    frame,
                    kind: root.kind,
                });
                continue;
            }
            if root.kind == RootKind::Unreachable && !compat.is_mat() {
                continue;
            }
            if seen.insert((object, root.kind)) {
                roots.add(object, root.kind);
            }
        }
        roots.complete = system || !roots.threads.is_empty();
        if !system {
            roots.assumed_classes = true;
            roots.add_loaded_classes(index, classes, compat);
        }
        // Sorted, so that a thread's hold on an object is found without looking at all of them.
        roots
            .locals
            .sort_by_key(|local| (local.thread, local.object, local.frame));
        roots.list_objects();
        roots
    }

    fn list_objects(&mut self) {
        self.objects = self.kinds.keys().copied().collect();
        self.objects.sort_unstable();
    }

    /// Takes in the objects of running threads ([`super::provisional`]) where the dump names none as roots.
    pub fn add_running_threads(&mut self, threads: &[u64], index: &AddressIndex) {
        for object in threads.iter().filter_map(|&thread| index.find(thread)) {
            self.threads.push((0, object, 0));
            self.add(object, RootKind::ThreadObject);
        }
        self.list_objects();
    }

    fn add(&mut self, object: u32, kind: RootKind) {
        self.kinds.entry(object).or_default().push(kind);
    }

    /// Where a dump names no system class (`jhsdb`) those of the boot loader count, as MAT has it
    /// (`HprofParserHandlerImpl.fillIn`). MAT leaves out arrays, and hidden classes that no loader lists: they would be
    /// without a path though they are loaded.
    fn add_loaded_classes(&mut self, index: &AddressIndex, classes: &Classes, compat: Compat) {
        for (_, class) in classes.iter() {
            let boot = class.dump.loader_id == 0;
            let counts = match compat.is_mat() {
                true => boot && class.kind == ClassKind::Instance,
                false => boot || is_hidden(&class.name),
            };
            if class.dumped
                && counts
                && let Some(object) = index.find(class.id)
            {
                self.add(object, RootKind::StickyClass);
            }
        }
    }
}
