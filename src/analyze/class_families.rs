//! Families of generated classes: what has the same name but for a number or hash.

use std::collections::BTreeMap;

use super::tables::label_of_loader;
use crate::heap::{ClassKind, Instances, Snapshot};
use crate::report::model::ClassFamily;
use crate::suspects::families::{LAMBDAS, family, is_of_lambdas};

/// Families that are reported.
const MOST: usize = 50;

/// Families by number of classes.
pub fn rows(snapshot: &Snapshot<'_>, instances: &Instances) -> Vec<ClassFamily> {
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
        found.objects += instances.of_class(index).objects;
        found.several |= !same_loader(snapshot, found.loader, loader);
    }
    lambdas_together(snapshot, &mut families);
    let mut rows: Vec<ClassFamily> = families
        .into_iter()
        .filter(|(_, found)| found.classes >= found.needed)
        .map(|(name, found)| ClassFamily {
            name,
            loader: (!found.several)
                .then(|| label_of_loader(snapshot, found.loader))
                .flatten(),
            classes: found.classes,
            objects: found.objects,
        })
        .collect();
    rows.sort_by(|a, b| b.classes.cmp(&a.classes).then_with(|| a.name.cmp(&b.name)));
    rows.truncate(MOST);
    rows
}

struct Found {
    needed: u64,
    classes: u64,
    objects: u64,
    loader: u64,
    several: bool,
}

/// Puts together the lambdas of the classes that have too few for a family of their own.
fn lambdas_together(snapshot: &Snapshot<'_>, families: &mut BTreeMap<String, Found>) {
    let mut all: Option<Found> = None;
    families.retain(|name, found| {
        if !is_of_lambdas(name) || found.classes >= found.needed {
            return true;
        }
        match &mut all {
            Some(all) => {
                all.classes += found.classes;
                all.objects += found.objects;
                all.several |= found.several || !same_loader(snapshot, all.loader, found.loader);
            }
            None => all = Some(Found { ..*found }),
        }
        false
    });
    families.extend(all.map(|all| (LAMBDAS.to_owned(), all)));
}

/// Whether `loader` is `known`, or one of the same class: accessors have a loader each.
fn same_loader(snapshot: &Snapshot<'_>, known: u64, loader: u64) -> bool {
    loader == known
        || match (snapshot.find(loader), snapshot.find(known)) {
            (Some(a), Some(b)) if loader != 0 && known != 0 => {
                snapshot.class_of(a) == snapshot.class_of(b)
            }
            _ => false,
        }
}
