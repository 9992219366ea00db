//! The file, the JVM, the totals, the warnings.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::FileFacts;
use super::details::Details;
use crate::graph::Strength;
use crate::heap::{HeapKind, Snapshot, Totals, privacy};
use crate::labels::Labels;
use crate::report::model::{
    Amount, AndroidHeap, ApplicationScope, Dump, Heap, Jvm, Layout, Warning,
};
use crate::sentence;
use crate::sentence::Count;
use crate::suspects::Application;
use crate::verdict::facts::HeapFacts;
use crate::verdict::jvm_facts::JvmFacts;

/// The file that was read.
pub fn dump(snapshot: &Snapshot<'_>, file: &FileFacts) -> Dump {
    Dump {
        file_name: file.name.clone(),
        bytes: file.bytes,
        compressed_bytes: file.compressed_bytes,
        format: snapshot.header().format.clone(),
        identifier_size: snapshot.header().id_size.bytes() as u32,
        captured_at: captured_at(snapshot.header().timestamp_millis),
        compression: file.compression.clone(),
        complete: is_complete(snapshot, file),
    }
}

/// The time in a header as RFC 3339, where it says one: milliseconds since 1970 UTC.
pub fn captured_at(millis: u64) -> Option<String> {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis));
    // Beyond the year 9999 the header is nonsense, and RFC 3339 has no form for it.
    let time = time.filter(|_| millis != 0 && millis < 253_402_300_800_000);
    time.map(|time| humantime::format_rfc3339_millis(time).to_string())
}

/// Whether nothing is known to be missing, in the dump and in the file around it.
pub fn is_complete(snapshot: &Snapshot<'_>, file: &FileFacts) -> bool {
    snapshot.is_complete() && !file.warnings.iter().any(|warning| warning.damage)
}

/// The labels as the report has them: what identifies somebody is masked unless `values_shown`.
pub fn labels(given: &Labels, values_shown: bool) -> Labels {
    let shown = given.iter().map(|(name, value)| {
        let value = match values_shown {
            true => value.clone(),
            false => privacy::label(name, value),
        };
        (name.clone(), value)
    });
    shown.collect()
}

/// The JVM that wrote it.
pub fn jvm(snapshot: &Snapshot<'_>, known: &JvmFacts, application: &Application) -> Jvm {
    let layout = snapshot.layout();
    Jvm {
        version: match (&known.name, &known.version) {
            (Some(name), Some(version)) => Some(format!("{name} {version}")),
            (name, version) => version.clone().or_else(|| name.clone()),
        },
        main_class: known.main_class.clone(),
        pod: known.host.clone(),
        flags: known.flags.clone(),
        application: scope(snapshot, application),
        layout: Some(Layout {
            reference_bytes: layout.reference_bytes as u32,
            object_header_bytes: layout.object_header_bytes as u32,
            array_header_bytes: layout.array_header_bytes as u32,
            alignment: layout.alignment as u32,
            inferred_from: layout.inferred_from.clone(),
        }),
    }
}

/// Which classes are the application's, and what said so. `None` where the dump has none.
fn scope(snapshot: &Snapshot<'_>, application: &Application) -> Option<ApplicationScope> {
    let classes = application.classes(snapshot);
    let packages = application.packages(snapshot);
    (classes > 0).then(|| ApplicationScope {
        decided_by: application.basis(),
        classes,
        packages: packages.into_iter().map(|(name, _)| name).collect(),
    })
}

fn amount(totals: Totals) -> Amount {
    Amount {
        objects: totals.objects,
        bytes: totals.bytes,
    }
}

/// Totals of the heap.
pub fn heap(snapshot: &Snapshot<'_>, facts: &HeapFacts, details: &Details) -> Heap {
    let exact = facts.max_heap.as_ref().map(|max| max.source.clone());
    let at_least = || Some(facts.max_heap_range.as_ref()?.source.clone());
    let loaders: BTreeSet<u64> = snapshot
        .classes()
        .iter()
        .map(|(_, class)| class.dump.loader_id)
        .collect();
    Heap {
        strong: amount(snapshot.totals(Strength::Strong)),
        soft: amount(snapshot.totals(Strength::Soft)),
        weak: amount(snapshot.totals(Strength::Weak)),
        r#final: amount(snapshot.totals(Strength::Final)),
        phantom: amount(snapshot.totals(Strength::Phantom)),
        classes: snapshot
            .classes()
            .iter()
            .filter(|(_, class)| class.dumped)
            .count() as u64,
        class_loaders: loaders.len() as u64,
        // Virtual threads need not be roots: the table of threads counts them all.
        threads: details.threads.count(),
        gc_roots: snapshot.roots().records,
        android_heaps: android_heaps(snapshot),
        no_path: details.no_path.clone(),
        max_bytes: facts.max_heap.as_ref().map(|max| max.bytes),
        max_bytes_source: exact.or_else(at_least),
    }
}

fn android_heaps(snapshot: &Snapshot<'_>) -> Vec<AndroidHeap> {
    let row = |(heap, totals): (HeapKind, Totals)| AndroidHeap {
        name: heap.name(),
        objects: totals.objects,
        bytes: totals.bytes,
        preloaded: heap.is_preloaded(),
    };
    snapshot.heap_totals().into_iter().map(row).collect()
}

/// What may change the meaning of a number, damage first.
pub fn warnings(snapshot: &Snapshot<'_>, file: &FileFacts) -> Vec<Warning> {
    let mut warnings = file.warnings.clone();
    warnings.extend(snapshot.damage().iter().map(|damage| Warning {
        code: damage.code.as_str().to_owned(),
        message: (&damage.message).into(),
        offset: (damage.offset > 0).then_some(damage.offset),
        count: (damage.count > 0).then_some(damage.count),
        damage: damage.code.loses_data(),
    }));
    let dangling = snapshot.references().dangling;
    // A few hundred are normal: slots of archived classes that were never used.
    if dangling > 10_000 {
        warnings.push(Warning {
            code: "dangling_references".to_owned(),
            message: sentence!(
                "{} references lead to objects that are not in the dump",
                Count(dangling)
            ),
            count: Some(dangling),
            ..Warning::default()
        });
    }
    // Where all roots are lost the damage says more.
    if snapshot.roots().assumed_classes && snapshot.roots().complete {
        warnings.push(Warning {
            code: "no_sticky_classes".to_owned(),
            message: "the dump names no system classes as GC roots; the classes of the boot loader and hidden classes count as roots".into(),
            ..Warning::default()
        });
    }
    warnings.sort_by_key(|warning| !warning.damage);
    warnings
}
