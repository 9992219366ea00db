//! Class loaders and the files they have open.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::context::Context;
use super::measure::{counted_objects, finding};
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Loaders that have patterns of their own: reflection, Groovy.
const OTHERS: &[&str] = &["DelegatingClassLoader", "GroovyClassLoader"];

/// Jars of one class path that are looked at.
const MOST_JARS: usize = 1 << 16;

/// Loaders of one class: plugins, scripts, requests.
pub const LOADERS: Pattern = Pattern {
    id: "class_loaders_of_one_kind",
    rows: &[30],
    title: "Class loaders of one kind",
    component: "class loaders",
    wanted: &["java.lang.ClassLoader"],
    rule: Rule::Code(loaders),
    unit: "loaders",
    advice: "Something makes a class loader for each use and keeps it or an object of its classes: share loaders, close them, and look at the path for who keeps them.",
    ..Pattern::PLAIN
};

fn loaders(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut by_class: BTreeMap<&str, Vec<ObjectIndex>> = BTreeMap::new();
    let all = context.instances(pattern.wanted[0]);
    for loader in all.objects {
        let class = context.heap.class(loader).name.as_str();
        if !OTHERS.iter().any(|other| class.contains(other)) {
            by_class.entry(class).or_default().push(loader);
        }
    }
    let found = by_class.into_iter().filter_map(|(class, loaders)| {
        let count = loaders.len() as u64;
        let bound = Bound::Usual(100);
        let mut found = counted_objects(context, pattern, bound, loaders, count)?;
        // A few large loaders are applications.
        if count <= 100 {
            found.assessment = super::Assessment::ByDesign;
        }
        found.note = format!("all {class}");
        Some(found)
    });
    found.collect()
}

/// Loaders that were closed: whoever made them is done with them.
pub const CLOSED: Pattern = Pattern {
    id: "closed_class_loaders",
    rows: &[8, 30],
    title: "Class loaders that were closed and are still there",
    component: "closed class loaders",
    wanted: &["java.net.URLClassLoader"],
    rule: Rule::Code(closed),
    unit: "closed loaders",
    advice: "A plugin or application that was stopped is still held: look at the class loaders' table for what pins each one, and release it when you close the loader.",
    ..Pattern::PLAIN
};

fn closed(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = context.instances(pattern.wanted[0]).objects.into_iter();
    let closed: Vec<ObjectIndex> = all
        .filter(|&loader| context.heap.integer(loader, "ucp.closed") == Some(1))
        .collect();
    // One may have been closed with its work done and be the one in use.
    let bound = Bound::Fixed {
        most: 1,
        bytes_each: u64::MAX,
    };
    let count = closed.len() as u64;
    let extent = with_classes(context, closed);
    let mut found = counted_objects(context, pattern, bound, extent, count);
    if let Some(found) = &mut found {
        // That it is but one says nothing about what it holds.
        found.bounded = false;
    }
    found.into_iter().collect()
}

/// The loaders and the classes that they defined: of what those keep in static fields a loader dominates nothing where an object of
/// theirs is held.
pub fn with_classes(context: &Context<'_, '_>, mut loaders: Vec<ObjectIndex>) -> Vec<ObjectIndex> {
    let heap = context.heap;
    let known: FxHashSet<ObjectIndex> = loaders.iter().copied().collect();
    let classes = heap.classes().iter().filter(|(_, class)| {
        let loader = heap.find(class.dump.loader_id);
        loader.is_some_and(|loader| known.contains(&loader))
    });
    loaders.extend(classes.filter_map(|(index, _)| heap.class_object(index)));
    loaders
}

/// Open jar files.
pub const JAR_FILES: Pattern = Pattern {
    id: "open_jar_files",
    rows: &[30],
    title: "Open jar and zip files",
    component: "JarFile",
    wanted: &["java.util.zip.ZipFile"],
    rule: Rule::Count(Bound::Usual(2_000)),
    unit: "files",
    advice: "Close `URLClassLoader`s and `JarFile`s; for jar URLs call `setUseCaches(false)`.",
    ..Pattern::PLAIN
};

/// Jars that the JVM's own loaders have open: their tables of contents grow with the class path, not with time.
pub const CLASS_PATH: Pattern = Pattern {
    id: "class_path_jars",
    title: "Jars of the class path",
    component: "class path",
    wanted: &["jdk.internal.loader.BuiltinClassLoader"],
    rule: Rule::Code(class_path),
    unit: "jars",
    advice: "The JVM keeps the table of contents of each jar: shorten the class path.",
    ..JAR_FILES
};

fn class_path(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let loaders = context.readable(pattern.wanted[0]).into_iter();
    let found = loaders.filter_map(|loader| {
        let path = context.heap.follow(loader, "ucp")?;
        let opened = context
            .heap
            .values(context.heap.follow(path, "loaders")?, MOST_JARS);
        // The table of contents hangs on a map of all open files as well: neither the loader nor that map dominates it.
        let jars: Vec<ObjectIndex> = opened
            .iter()
            .filter_map(|&jar| context.heap.follow(jar, "jar.res.zsrc"))
            .collect();
        let (count, bound) = (jars.len() as u64, Bound::Usual(u64::MAX));
        let mut found = finding(context, pattern, bound, None, *jars.first()?, jars, count);
        found.retained_bytes = context.heap.retained_together(&found.extent);
        found.object = Some(path);
        found.assessment = Assessment::ByDesign;
        found.bounded = true;
        Some(found)
    });
    found.collect()
}
