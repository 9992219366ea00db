//! What is found besides the suspects: threads, class loaders, generated classes, references, what has no path, waste.

use super::class_loaders::Loaders;
use super::threads::Threads;
use super::{Options, class_families, class_loaders, no_path, references, threads, waste};
use crate::heap::Snapshot;
use crate::report::model::{ClassFamily, DuplicateClass, NoPath, References, Waste};
use crate::suspects::Owners;
use crate::verdict::jvm_facts::JvmFacts;

/// Classes of which objects are looked at one by one.
pub const WANTED: &[&str] = &[
    "java.lang.Thread",
    "java.lang.ClassLoader",
    "java.util.WeakHashMap",
    "jdk.internal.ref.Cleaner",
    "sun.misc.Cleaner",
    "jdk.internal.ref.PhantomCleanable",
];

/// These findings.
pub struct Details {
    /// Threads, and the values of their ThreadLocals.
    pub threads: Threads,
    /// Class loaders.
    pub loaders: Loaders,
    /// Classes that several loaders define.
    pub duplicates: Vec<DuplicateClass>,
    /// Families of generated classes.
    pub families: Vec<ClassFamily>,
    /// Reference objects and what only they reach.
    pub references: References,
    /// Objects without a path from a GC root.
    pub no_path: NoPath,
    /// What could be saved, where that was asked for.
    pub waste: Option<Waste>,
}

/// Looks for all of them. They do not depend on each other: those that take long keep the second core busy.
pub fn find(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    jvm: &JvmFacts,
    options: &Options,
) -> Details {
    let instances = owners.instances();
    let most = threads::MOST_GROUPS;
    let (no_path, others) = rayon::join(
        || no_path::section(snapshot),
        || Details {
            threads: threads::tables(snapshot, instances, owners.statics(), most),
            loaders: class_loaders::find(snapshot, instances, jvm.numbers_zeroed),
            duplicates: class_loaders::duplicates(snapshot, owners.copies()),
            families: class_families::rows(snapshot, instances),
            references: references::section(snapshot, owners),
            no_path: NoPath::default(),
            waste: options.waste.then(|| waste::section(snapshot, owners, jvm)),
        },
    );
    Details { no_path, ..others }
}
