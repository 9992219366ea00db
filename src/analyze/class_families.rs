//! Families of generated classes: what has the same name but for a number or hash.

use std::collections::BTreeMap;

use super::class_loaders::label;
use super::instances::Instances;
use crate::heap::{Class, ClassKind, Snapshot};
use crate::report::model::ClassFamily;
use crate::suspects::families::family;

/// Families that are told.
const MOST: usize = 50;

/// Families by number of classes.
pub fn rows(snapshot: &Snapshot<'_>, instances: &Instances) -> Vec<ClassFamily> {
    struct Found {
        needed: u64,
        classes: u64,
        objects: u64,
        loader: u64,
        several: bool,
    }
    let mut families: BTreeMap<String, Found> = BTreeMap::new();
    for (index, class) in snapshot.classes().iter() {
        if !class.dumped || class.kind != ClassKind::Instance {
            continue;
        }
        let Some((name, needed)) = family(&class.name) else {
            continue;
        };
        let loader = class.dump.loader_id;
        let found = families.entry(name).or_insert(Found {
            needed,
            classes: 0,
            objects: 0,
            loader,
            several: false,
        });
        found.classes += 1;
        found.objects += instances.of(index).objects;
        found.several |= !same_loader(snapshot, found.loader, class);
    }
    let mut rows: Vec<ClassFamily> = families
        .into_iter()
        .filter(|(_, found)| found.classes >= found.needed)
        .map(|(name, found)| ClassFamily {
            name,
            loader: (!found.several)
                .then(|| loader_label(snapshot, found.loader))
                .flatten(),
            classes: found.classes,
            objects: found.objects,
        })
        .collect();
    rows.sort_by(|a, b| b.classes.cmp(&a.classes).then_with(|| a.name.cmp(&b.name)));
    rows.truncate(MOST);
    rows
}

/// Whether `class` has loader `known`, or one of the same class: accessors have a loader each.
fn same_loader(snapshot: &Snapshot<'_>, known: u64, class: &Class) -> bool {
    let loader = class.dump.loader_id;
    loader == known
        || match (snapshot.find(loader), snapshot.find(known)) {
            (Some(a), Some(b)) if loader != 0 && known != 0 => {
                snapshot.class_of(a) == snapshot.class_of(b)
            }
            _ => false,
        }
}

fn loader_label(snapshot: &Snapshot<'_>, loader: u64) -> Option<String> {
    if loader == 0 {
        return Some("boot".to_owned());
    }
    Some(label(snapshot, snapshot.find(loader)?))
}
