//! The sections behind the suspects: threads, class loaders, generated classes, references, what has no path, waste.

use super::instances::Instances;
use super::{Options, class_families, class_loaders, no_path, references, threads, waste};
use crate::heap::Snapshot;
use crate::report::Report;
use crate::suspects::Owners;
use crate::verdict::jvm_facts::JvmFacts;

/// Fills these sections of `report`. They do not depend on each other: those that take long keep the second core busy.
pub fn fill(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    jvm: &JvmFacts,
    report: &mut Report,
    options: &Options,
) {
    let instances = Instances::new(snapshot);
    let (no_path, ()) = rayon::join(
        || no_path::section(snapshot, &instances),
        || {
            let threads =
                threads::tables(snapshot, &instances, owners.statics(), threads::MOST_GROUPS);
            report.heap.threads = threads.count();
            report.threads = threads.rows;
            report.thread_locals = threads.thread_locals;
            report.class_loaders = class_loaders::rows(snapshot, &instances);
            report.duplicate_classes = class_loaders::duplicates(snapshot, owners.copies());
            report.class_families = class_families::rows(snapshot, &instances);
            report.references = Some(references::section(snapshot, &instances, owners));
            report.waste = options.waste.then(|| waste::section(snapshot, owners, jvm));
        },
    );
    report.heap.no_path = no_path;
}
