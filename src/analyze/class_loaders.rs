//! Class loaders: what they define and retain, which belong to stopped applications and what keeps those.

use std::collections::BTreeMap;

use super::shown::address;
use crate::graph::Strength;
use crate::heap::{Class, ClassIndex, ClassKind, Instances, Link, ObjectIndex, Snapshot, Totals};
use crate::report::model::{ClassLoaderRow, DuplicateClass};
use crate::suspects::{Copies, naming};

/// Loaders of one class and parent become one row if there are more than so many.
const MOST_ALIKE: usize = 8;
/// Stopped loaders whose path is looked at.
const MOST_PATHS: usize = 50;
/// Rows of the table of classes that several loaders define.
const MOST_DUPLICATES: usize = 100;
/// Longest name of a loader that is read, in UTF-16 units.
const LONGEST_NAME: usize = 100;

/// An object that stands for the boot loader; no class says that it defines it.
const BOOT: &str = "jdk.internal.loader.ClassLoaders$BootClassLoader";
/// What the JDK's own loaders are called.
const BUILT_IN: &[(&str, &str)] = &[
    ("jdk.internal.loader.ClassLoaders$AppClassLoader", "app"),
    ("sun.misc.Launcher$AppClassLoader", "app"),
    (
        "jdk.internal.loader.ClassLoaders$PlatformClassLoader",
        "platform",
    ),
    ("sun.misc.Launcher$ExtClassLoader", "ext"),
    (BOOT, "boot"),
];

/// What a class loader is called: the JDK's by their usual names, others by class and the name they were given.
pub fn label(snapshot: &Snapshot<'_>, loader: ObjectIndex) -> String {
    let class = &snapshot.class(loader).name;
    if let Some((_, name)) = BUILT_IN.iter().find(|(known, _)| known == class) {
        return (*name).to_owned();
    }
    match given_name(snapshot, loader) {
        Some(name) => format!("{class} {name}"),
        None => class.clone(),
    }
}

/// The context of a web application's loader (Tomcat's `contextName`) or the name from the constructor (JDK 9 and later).
fn given_name(snapshot: &Snapshot<'_>, loader: ObjectIndex) -> Option<String> {
    let text = snapshot.field_objects(loader, ["contextName", "name"]);
    let mut names = text
        .into_iter()
        .flatten()
        .filter_map(|name| snapshot.string(name, LONGEST_NAME));
    names
        .find(|name| !name.trim().is_empty())
        .map(|name| match name.strip_prefix('/') {
            // The context of a web application is a name, no path.
            Some(context) if !context.contains('/') => {
                format!("/{}", snapshot.shown(context.to_owned()))
            }
            _ => snapshot.shown(name),
        })
}

#[derive(Default)]
struct Loader {
    object: Option<ObjectIndex>,
    classes: Vec<ClassIndex>,
}

/// All loaders, the boot loader first, then in order of address.
fn loaders(snapshot: &Snapshot<'_>, instances: &Instances) -> Vec<Loader> {
    let mut defined: BTreeMap<Option<ObjectIndex>, Vec<ClassIndex>> = BTreeMap::new();
    for (index, class) in snapshot.classes().iter() {
        if class.dumped && class.kind == ClassKind::Instance {
            let loader = match class.dump.loader_id {
                0 => None,
                // A loader that is not in the dump has no row.
                id => match snapshot.find(id) {
                    Some(loader) => Some(loader),
                    None => continue,
                },
            };
            defined.entry(loader).or_default().push(index);
        }
    }
    for loader in instances.with_path("java.lang.ClassLoader").objects {
        let stands_for_boot = snapshot.class(loader).name == BOOT;
        if !stands_for_boot {
            defined.entry(Some(loader)).or_default();
        }
    }
    let with_classes = |(object, classes)| Loader { object, classes };
    defined.into_iter().map(with_classes).collect()
}

/// The class loaders of a dump.
#[derive(Debug, Default)]
pub struct Loaders {
    /// All of them by retained size; many alike are one row.
    pub rows: Vec<ClassLoaderRow>,
    /// Those that were closed, or whose application was stopped.
    pub stopped: Vec<StoppedLoader>,
}

/// A loader that was closed, or whose application was stopped.
#[derive(Debug)]
pub struct StoppedLoader {
    /// The loader.
    pub object: ObjectIndex,
    /// What it is called.
    pub name: String,
    /// What keeps it, where that was looked for.
    pub pinned_by: Option<String>,
}

/// Finds all class loaders; where `numbers_zeroed`, none tells whether it was stopped.
pub fn find(snapshot: &Snapshot<'_>, instances: &Instances, numbers_zeroed: bool) -> Loaders {
    let mut stopped: Vec<(ClassLoaderRow, ObjectIndex)> = Vec::new();
    let mut alike: BTreeMap<(String, Option<String>, Option<bool>), Vec<Loader>> = BTreeMap::new();
    let mut rows = Vec::new();
    for loader in loaders(snapshot, instances) {
        let Some(object) = loader.object else {
            rows.push(boot_row(snapshot, instances, &loader));
            continue;
        };
        let is_stopped = match numbers_zeroed {
            true => None,
            false => is_stopped(snapshot, object),
        };
        if is_stopped == Some(true) {
            stopped.push((row(snapshot, instances, &loader, is_stopped), object));
            continue;
        }
        let key = (
            snapshot.class(object).name.clone(),
            parent(snapshot, object),
            is_stopped,
        );
        alike.entry(key).or_default().push(loader);
    }
    for ((class, parent, is_stopped), group) in alike {
        if group.len() > MOST_ALIKE {
            rows.push(group_row(
                snapshot, instances, class, parent, is_stopped, &group,
            ));
        } else {
            let single = group
                .iter()
                .map(|loader| row(snapshot, instances, loader, is_stopped));
            rows.extend(single);
        }
    }
    stopped.sort_by_key(|(row, object)| (std::cmp::Reverse(row.retained_bytes), *object));
    let mut known = Vec::new();
    for (i, (mut row, object)) in stopped.into_iter().enumerate() {
        row.pinned_by = (i < MOST_PATHS).then(|| pinned_by(snapshot, object));
        known.push(StoppedLoader {
            object,
            name: row.name.clone(),
            pinned_by: row.pinned_by.clone(),
        });
        rows.push(row);
    }
    rows.sort_by(|a, b| {
        (b.retained_bytes, b.classes)
            .cmp(&(a.retained_bytes, a.classes))
            .then_with(|| (&a.name, &a.object_id).cmp(&(&b.name, &b.object_id)))
    });
    Loaders {
        rows,
        stopped: known,
    }
}

fn numbers(instances: &Instances, classes: &[ClassIndex]) -> Totals {
    let each = classes.iter().map(|&class| instances.of_class(class));
    each.fold(Totals::default(), Totals::join)
}

/// What would go away with the loaders `objects` and the classes that they defined, in bytes: static fields belong to them.
fn retained(
    snapshot: &Snapshot<'_>,
    objects: impl IntoIterator<Item = ObjectIndex>,
    classes: impl IntoIterator<Item = ClassIndex>,
) -> u64 {
    let class_objects = classes.into_iter();
    let class_objects = class_objects.filter_map(|class| snapshot.class_object(class));
    let all: Vec<ObjectIndex> = objects.into_iter().chain(class_objects).collect();
    snapshot.retained_together(&all)
}

fn boot_row(snapshot: &Snapshot<'_>, instances: &Instances, loader: &Loader) -> ClassLoaderRow {
    let totals = numbers(instances, &loader.classes);
    ClassLoaderRow {
        name: "boot".to_owned(),
        count: 1,
        classes: loader.classes.len() as u64,
        instances: totals.objects,
        instance_bytes: totals.bytes,
        retained_bytes: retained(snapshot, None, loader.classes.iter().copied()),
        ..ClassLoaderRow::default()
    }
}

fn row(
    snapshot: &Snapshot<'_>,
    instances: &Instances,
    loader: &Loader,
    stopped: Option<bool>,
) -> ClassLoaderRow {
    let totals = numbers(instances, &loader.classes);
    let object = loader.object;
    ClassLoaderRow {
        name: object.map_or_else(String::new, |object| label(snapshot, object)),
        class: object.map(|object| snapshot.class(object).name.clone()),
        object_id: object.map(|object| address(snapshot, object)),
        parent: object.and_then(|object| parent(snapshot, object)),
        count: 1,
        classes: loader.classes.len() as u64,
        instances: totals.objects,
        instance_bytes: totals.bytes,
        retained_bytes: retained(snapshot, object, loader.classes.iter().copied()),
        stopped,
        pinned_by: None,
    }
}

fn group_row(
    snapshot: &Snapshot<'_>,
    instances: &Instances,
    class: String,
    parent: Option<String>,
    stopped: Option<bool>,
    group: &[Loader],
) -> ClassLoaderRow {
    let objects = group.iter().filter_map(|loader| loader.object);
    let classes = group.iter().flat_map(|loader| loader.classes.iter());
    let totals = group
        .iter()
        .map(|loader| numbers(instances, &loader.classes))
        .fold(Totals::default(), Totals::join);
    ClassLoaderRow {
        name: class.clone(),
        class: Some(class),
        object_id: None,
        parent,
        count: group.len() as u64,
        classes: group.iter().map(|loader| loader.classes.len() as u64).sum(),
        instances: totals.objects,
        instance_bytes: totals.bytes,
        retained_bytes: retained(snapshot, objects, classes.copied()),
        stopped,
        pinned_by: None,
    }
}

/// Label of the parent; that of a loader without one is the boot loader.
fn parent(snapshot: &Snapshot<'_>, loader: ObjectIndex) -> Option<String> {
    // Some loaders declare a `parent` of their own; where that is null, the one of `ClassLoader` counts.
    let crate::heap::Object::Instance { class, data } = snapshot.object(loader)? else {
        return None;
    };
    let mut known = false;
    let mut found = None;
    for field in snapshot.fields(class, data) {
        if found.is_none() && snapshot.is_name(field.name_id, "parent") {
            known = true;
            found = field.value.reference();
        }
    }
    match found {
        Some(id) => snapshot.find(id).map(|parent| label(snapshot, parent)),
        None => known.then(|| "boot".to_owned()),
    }
}

/// Whether the loader's application was stopped or the loader closed; `None` for loaders that do not tell.
fn is_stopped(snapshot: &Snapshot<'_>, loader: ObjectIndex) -> Option<bool> {
    let chain: Vec<&Class> = snapshot
        .classes()
        .chain(snapshot.class_of(loader))
        .collect();
    let is = |suffix: &str| chain.iter().any(|class| class.name.ends_with(suffix));
    if is(".WebappClassLoaderBase") || is(".WebappClassLoader") {
        // Tomcat 8 and later: `LifecycleState state`; before: `boolean started`.
        let state = snapshot.field_object(loader, "state");
        let name = state.and_then(|state| snapshot.field_object(state, "name"));
        if let Some(name) = name.and_then(|name| snapshot.string(name, LONGEST_NAME)) {
            return Some(name.starts_with("STOP") || name.starts_with("DESTROY"));
        }
        return Some(snapshot.field_integer(loader, "started")? == 0);
    }
    if is(".WebAppClassLoader") {
        // Jetty: `_context._state`, a number before 10 (0 is stopped), an enum constant since.
        let context = snapshot.field_object(loader, "_context")?;
        if let Some(state) = snapshot.field_integer(context, "_state") {
            return Some(state == 0);
        }
        let name = snapshot.field_object(snapshot.field_object(context, "_state")?, "name")?;
        return Some(snapshot.string(name, LONGEST_NAME)?.starts_with("STOP"));
    }
    if is("java.net.URLClassLoader") {
        let path = snapshot.field_object(loader, "ucp")?;
        return Some(snapshot.field_integer(path, "closed")? != 0);
    }
    None
}

/// The path from a GC root to the loader in a line: its beginning says who, its end how, and the first field of the application or a library what
/// to change.
fn pinned_by(snapshot: &Snapshot<'_>, loader: ObjectIndex) -> String {
    /// Steps at each end.
    const STEPS: usize = 3;
    /// Steps among which a field of the application or a library is looked for.
    const LONGEST: usize = 10_000;
    if snapshot.strength(loader) != Strength::Strong {
        return "references that are not strong: the next collection may free it".to_owned();
    }
    let path = snapshot.path(loader);
    let mut links = path.windows(2).take(LONGEST);
    let own = links.position(|step| is_own_field(snapshot, step[0], step[1]));
    let needed = |i: usize| i < STEPS || i + STEPS >= path.len() || Some(i) == own;
    // That one step was left out takes as much room as the step.
    let is_shown = |i: usize| needed(i) || needed(i - 1) && needed(i + 1);
    let mut steps: Vec<String> = Vec::new();
    let mut left_out = 0;
    for (i, &object) in path.iter().enumerate() {
        if !is_shown(i) {
            left_out += 1;
            continue;
        }
        if left_out > 0 {
            steps.push(format!("... {left_out} more"));
            left_out = 0;
        }
        let mut step = what(snapshot, object);
        if let Some(how) = path.get(i + 1).and_then(|&to| how(snapshot, object, to)) {
            step.push_str(&how);
        }
        // The loader itself is what the row is about.
        if i + 1 < path.len() || path.len() == 1 {
            steps.push(step);
        }
    }
    steps.join(" → ")
}

/// Whether `from` holds `to` in a field that a class of the application or a library declares.
fn is_own_field(snapshot: &Snapshot<'_>, from: ObjectIndex, to: ObjectIndex) -> bool {
    let own = |class| naming::is_owner(&snapshot.classes().get(class).name);
    // What is no class of the application or a library, and no object of one, is transparent: its fields need not be read.
    if !own(snapshot.as_class(from).unwrap_or(snapshot.class_of(from))) {
        return false;
    }
    match snapshot.link(from, to) {
        Some(Link::Static { class, .. }) => own(class),
        Some(Link::Field { declared_by, .. }) => own(declared_by),
        _ => false,
    }
}

fn what(snapshot: &Snapshot<'_>, object: ObjectIndex) -> String {
    let class = snapshot.class_of(object);
    if snapshot.classes().is_a(class, "java.lang.Thread") {
        let name = snapshot.thread_name(object).unwrap_or_default();
        return format!("thread \"{name}\"");
    }
    match snapshot.as_class(object) {
        Some(class) => naming::stable(&snapshot.classes().get(class).name),
        None => naming::stable(&snapshot.class(object).name),
    }
}

fn how(snapshot: &Snapshot<'_>, from: ObjectIndex, to: ObjectIndex) -> Option<String> {
    Some(match snapshot.link(from, to)? {
        Link::Field { name_id, .. } | Link::Static { name_id, .. } => {
            format!(".{}", snapshot.name(name_id))
        }
        Link::Element(index) => format!("[{index}]"),
        Link::Local { .. } => " (local variable)".to_owned(),
        Link::Class => " (its class)".to_owned(),
        Link::Loader => " (its loader)".to_owned(),
        Link::Super | Link::Signers | Link::ProtectionDomain | Link::Constant => return None,
    })
}

/// Class names that several loaders define, most loaders first.
pub fn duplicates(snapshot: &Snapshot<'_>, copies: &Copies) -> Vec<DuplicateClass> {
    let several = copies.by_name(snapshot.classes()).into_iter();
    let mut rows: Vec<DuplicateClass> = several
        .map(|(class, loaders)| DuplicateClass {
            class: class.to_owned(),
            loaders,
        })
        .collect();
    rows.sort_unstable_by(|a, b| {
        b.loaders
            .cmp(&a.loaders)
            .then_with(|| a.class.cmp(&b.class))
    });
    rows.truncate(MOST_DUPLICATES);
    rows
}
