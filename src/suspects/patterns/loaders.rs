//! Class loaders and the files they have open.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::counted_objects;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Loaders that have patterns of their own: reflection, Groovy.
const OTHERS: &[&str] = &["DelegatingClassLoader", "GroovyClassLoader"];

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
