//! Takes the inventory of a dump.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foldhash::HashMap;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::asked::Asked;
use super::inventory::{ClassAmount, Contents, FLOOR, Inventory, Owner};
use super::labels::{Label, LabelId, Labels};
use super::links::Links;
use super::names::normal;
use super::sweep::{Sums, sweep};
use super::{asked, process, reading, shared};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot, Totals};
use crate::suspects::{Application, HolderKind, naming};

/// Owners that an inventory lists at most.
const MOST_OWNERS: usize = 200;
/// Classes that an inventory lists at most.
const MOST_CLASSES: usize = 200;
/// Classes of contents that are listed of each owner.
const MOST_CONTENTS: usize = 2;
/// Names of class loaders that an inventory lists at most.
const MOST_LOADERS: usize = 50;
/// Bytes of JSON that the owners, the classes and the loaders of an inventory take at most: with all of them a report is at most 40 KB
/// larger.
const OWNERS_TEXT: usize = 22 << 10;
const CLASSES_TEXT: usize = 12 << 10;
const LOADERS_TEXT: usize = 4 << 10;
/// Bytes of a row besides its fields: indentation, comma, line break.
const LINE: usize = 8;
/// Longest name of a loader that is read, in UTF-16 units.
const LONGEST_NAME: usize = 100;

/// An inventory, and what a saved one does not have: where its owners are in the dump.
pub struct Taken {
    /// The inventory.
    pub inventory: Inventory,
    /// By number of the owner: the object that makes up most of what it keeps; `None` where that is no single one.
    pub targets: Vec<Option<ObjectIndex>>,
}

/// The inventory of `snapshot`. `native` are the objects that give access to native memory, with its bytes.
pub fn take(
    snapshot: &Snapshot<'_>,
    application: &Application,
    native: &[(ObjectIndex, u64)],
    direct_bytes: Option<u64>,
) -> Taken {
    let labels = Labels::new(snapshot, application);
    let links = Links::new(snapshot, &labels);
    let candidates = asked::candidates(snapshot, &labels);
    let asked = Asked::new(snapshot, asked::chosen(snapshot, &labels, &candidates));
    let referrers = reading::read(snapshot, &labels, Some(&links), asked);
    links.note_objects(snapshot, &labels);
    shared::resolve(snapshot, &labels, &links, &candidates, referrers);
    snapshot.release_all();
    let mut sums = sweep(snapshot, &labels, &links, native);
    drop(links);
    join_trees(&labels, &mut sums);
    let (mut owners, targets, owners_floor_bytes) = owners(snapshot, &labels, &sums);
    owners.extend(loaders(snapshot, &sums.loaders));
    let (classes, classes_floor_bytes) = classes(snapshot, &sums);
    let inventory = Inventory {
        process: process::process(snapshot),
        owners_floor_bytes,
        classes_floor_bytes,
        owners,
        classes,
        holdings: Vec::new(),
        direct_bytes,
        observed: None,
    };
    Taken { inventory, targets }
}

/// A tree whose nodes refer to lists of nodes: all its nodes are what the field that refers to the tree keeps.
fn join_trees(labels: &Labels, sums: &mut Sums) {
    let mut more: Vec<((LabelId, ClassIndex), u64)> = Vec::new();
    let outer = outer(sums);
    for (&label, declaring) in &labels.declared {
        let Some(&outer) = outer.get(&label).filter(|&&outer| outer != 0) else {
            continue;
        };
        for &class in declaring {
            let inner = sums.contents.get(&(label, class));
            let is_content = sums.contents.contains_key(&(outer, class));
            if let (Some(inner), true) = (inner, is_content) {
                more.push(((outer, class), inner.objects));
            }
        }
    }
    for (key, objects) in more {
        if let Some(content) = sums.contents.get_mut(&key) {
            content.objects = content.objects.saturating_add(objects);
        }
    }
}

/// By label: the one inside which most of it lies; 0 for none.
fn outer(sums: &Sums) -> FxHashMap<LabelId, LabelId> {
    let mut most: FxHashMap<LabelId, (u64, Reverse<LabelId>)> = FxHashMap::default();
    for (&(inner, around), &bytes) in &sums.within {
        let known = most.entry(inner).or_insert((bytes, Reverse(around)));
        *known = (*known).max((bytes, Reverse(around)));
    }
    let most = most.into_iter();
    most.map(|(inner, (_, Reverse(around)))| (inner, around))
        .collect()
}

/// The owners, largest first, the object that makes up most of each, and the floor.
fn owners(
    snapshot: &Snapshot<'_>,
    labels: &Labels,
    sums: &Sums,
) -> (Vec<Owner>, Vec<Option<ObjectIndex>>, u64) {
    let mut ids: Vec<LabelId> = (1..labels.len())
        .map(|id| id as LabelId)
        .filter(|&id| {
            let kept = sums.kept[usize::from(id)];
            kept.bytes.max(kept.off_heap_bytes) >= FLOOR
        })
        .collect();
    let weight = |id: LabelId| {
        let kept = sums.kept[usize::from(id)];
        kept.bytes.saturating_add(kept.off_heap_bytes)
    };
    ids.sort_by_key(|&id| (Reverse(weight(id)), id));
    let floor = ids.get(MOST_OWNERS).map_or(FLOOR, |&id| weight(id) + 1);
    ids.truncate(MOST_OWNERS);
    let places: FxHashMap<LabelId, u32> = (0..).zip(&ids).map(|(place, &id)| (id, place)).collect();
    let mut contents = contents_by_label(snapshot, sums, &places);
    let outer = outer(sums);
    let instances = instances(snapshot, sums);
    let copies = labels.copies();
    let row = |&id: &LabelId| {
        let Label {
            level,
            class,
            field,
            name,
            kind,
        } = labels.get(id).clone();
        let kept = sums.kept[usize::from(id)];
        let declaring = labels.declared.get(&id).into_iter().flatten();
        let instances = match kind {
            HolderKind::InstanceField => declaring.map(|class| instances[class.0 as usize]).sum(),
            HolderKind::StaticField => copies.get(&id).copied().unwrap_or(1),
            _ => kept.targets,
        };
        Owner {
            kind,
            class,
            field,
            name,
            level,
            bytes: kept.bytes,
            targets: kept.targets,
            instances,
            contents: contents.remove(&id).unwrap_or_default(),
            within: outer.get(&id).and_then(|outer| places.get(outer).copied()),
            off_heap_bytes: kept.off_heap_bytes,
            bound: None,
        }
    };
    let rows: Vec<Owner> = ids.iter().map(row).collect();
    let weight = |owner: &Owner| owner.bytes.saturating_add(owner.off_heap_bytes);
    let (rows, floor) = within(rows, floor, OWNERS_TEXT, weight);
    let target = |&id: &LabelId| {
        let kept = sums.kept[usize::from(id)];
        let (bytes, Reverse(position)) = kept.largest;
        (bytes > kept.bytes / 5 * 4).then(|| snapshot.at(position).0)
    };
    let targets = ids.iter().take(rows.len()).map(target).collect();
    (rows, targets, floor)
}

/// The first of `rows` that fit into `most` bytes of text, and the floor: a saved report stays small.
fn within<T: Serialize>(
    mut rows: Vec<T>,
    floor: u64,
    most: usize,
    weight: impl Fn(&T) -> u64,
) -> (Vec<T>, u64) {
    let mut left = most;
    let fits = |row: &&T| {
        let text = serde_json::to_string(row).map_or(0, |text| text.len() + LINE);
        let fits = text <= left;
        left = left.saturating_sub(text);
        fits
    };
    let fitting = rows.iter().take_while(fits).count();
    let floor = match rows.get(fitting) {
        Some(next) => floor.max(weight(next).saturating_add(1)),
        None => floor,
    };
    rows.truncate(fitting);
    (rows, floor)
}

/// What each of the labels in `places` keeps, most first; the application's before the JDK's where it is a fifth.
fn contents_by_label(
    snapshot: &Snapshot<'_>,
    sums: &Sums,
    places: &FxHashMap<LabelId, u32>,
) -> FxHashMap<LabelId, Vec<Contents>> {
    let mut by_name: HashMap<(LabelId, String), Totals> = HashMap::default();
    let wanted = sums
        .contents
        .iter()
        .filter(|((label, _), _)| places.contains_key(label));
    for (&(label, class), &totals) in wanted {
        let name = normal(&snapshot.classes().get(class).name);
        let known = by_name.entry((label, name)).or_default();
        *known = known.join(totals);
    }
    let mut all: FxHashMap<LabelId, Vec<Contents>> = FxHashMap::default();
    for ((label, class), Totals { objects, bytes }) in by_name {
        all.entry(label).or_default().push(Contents {
            class,
            objects,
            bytes,
        });
    }
    for (label, contents) in &mut all {
        let fifth = sums.kept[usize::from(*label)].bytes / 5;
        let own = |content: &Contents| naming::is_owner(&content.class) && content.bytes >= fifth;
        contents.sort_by(|a, b| {
            (own(b), b.bytes, b.objects)
                .cmp(&(own(a), a.bytes, a.objects))
                .then_with(|| a.class.cmp(&b.class))
        });
        contents.truncate(MOST_CONTENTS);
    }
    all
}

/// By class: its strongly reachable objects, those of its subclasses included.
fn instances(snapshot: &Snapshot<'_>, sums: &Sums) -> Vec<u64> {
    let mut instances: Vec<u64> = sums.classes.iter().map(|totals| totals.objects).collect();
    for index in snapshot.classes().super_classes_first().into_iter().rev() {
        let above = snapshot.classes().get(ClassIndex(index)).super_class;
        if let Some(above) = above {
            instances[above.0 as usize] =
                instances[above.0 as usize].saturating_add(instances[index as usize]);
        }
    }
    instances
}

/// Class loaders by name: how many, and what they keep together.
fn loaders(snapshot: &Snapshot<'_>, positions: &[usize]) -> Vec<Owner> {
    let mut by_name: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for &position in positions {
        let (object, class) = snapshot.at(position);
        let class = normal(&snapshot.classes().get(class).name);
        let name = given_name(snapshot, object).unwrap_or_default();
        by_name.entry((class, name)).or_default().push(position);
    }
    let row = |((class, name), positions): ((String, String), Vec<usize>)| {
        let count = positions.len() as u64;
        Owner {
            kind: HolderKind::ClassLoader,
            class,
            name: Some(name).filter(|name| !name.is_empty()),
            bytes: snapshot.runs_at(positions).retained(snapshot),
            targets: count,
            instances: count,
            ..Owner::default()
        }
    };
    let mut rows: Vec<Owner> = by_name.into_iter().map(row).collect();
    rows.sort_by(|a, b| {
        b.bytes
            .cmp(&a.bytes)
            .then_with(|| a.signature().cmp(&b.signature()))
    });
    rows.truncate(MOST_LOADERS);
    within(rows, 0, LOADERS_TEXT, |row| row.bytes).0
}

/// The name that `loader` was given, as reports may show it.
fn given_name(snapshot: &Snapshot<'_>, loader: ObjectIndex) -> Option<String> {
    let [context, name] = snapshot.field_objects(loader, ["contextName", "name"]);
    let names = [context, name].into_iter().flatten();
    let mut names = names.filter_map(|name| snapshot.string(name, LONGEST_NAME));
    let name = names.find(|name| !name.trim().is_empty())?;
    Some(snapshot.shown(name))
}

fn classes(snapshot: &Snapshot<'_>, sums: &Sums) -> (Vec<ClassAmount>, u64) {
    let mut by_name: HashMap<(String, Option<String>), Totals> = HashMap::default();
    for (index, class) in snapshot.classes().iter() {
        let totals = sums.classes[index.0 as usize];
        if totals.objects > 0 {
            let key = (normal(&class.name), loader(snapshot, class.dump.loader_id));
            let known = by_name.entry(key).or_default();
            *known = known.join(totals);
        }
    }
    let mut rows: Vec<ClassAmount> = by_name
        .into_iter()
        .filter(|(_, totals)| totals.bytes >= FLOOR)
        .map(|((class, loader), Totals { objects, bytes })| ClassAmount {
            class,
            loader,
            objects,
            bytes,
        })
        .collect();
    rows.sort_by(|a, b| {
        b.bytes
            .cmp(&a.bytes)
            .then_with(|| (&a.class, &a.loader).cmp(&(&b.class, &b.loader)))
    });
    let floor = rows.get(MOST_CLASSES).map_or(FLOOR, |row| row.bytes + 1);
    rows.truncate(MOST_CLASSES);
    within(rows, floor, CLASSES_TEXT, |row| row.bytes)
}

/// The loader with identifier `id` without what differs from run to run; `None` for those of the JDK.
fn loader(snapshot: &Snapshot<'_>, id: u64) -> Option<String> {
    let loader = snapshot.find(id).filter(|_| id != 0)?;
    let class = &snapshot.class(loader).name;
    if naming::is_built_in_loader(class) {
        return None;
    }
    Some(match given_name(snapshot, loader) {
        Some(name) => format!("{} {name}", normal(class)),
        None => normal(class),
    })
}
