//! Families of generated classes: what has the same name but for a number or hash.

use std::collections::BTreeMap;

use super::class_loaders::label;
use super::instances::Instances;
use crate::heap::{Class, ClassKind, Snapshot};
use crate::report::model::ClassFamily;

/// Families that are told.
const MOST: usize = 50;
/// Classes that make a family where the name says that they are generated.
const GENERATED: u64 = 10;
/// Classes that make a family where only a number at the end of the name says so: `Tuple1` to `Tuple22` are none.
const NUMBERED: u64 = 50;

/// What generators put into names; what comes after is a number or hash.
const MARKS: &[&str] = &[
    "$$Lambda",
    "$$EnhancerBy",
    "$$FastClassBy",
    "$$KeyFactoryBy",
    "$$BulkBeanBy",
    "$$SpringCGLIB$$",
    "$HibernateProxy$",
    "$HibernateAccessOptimizer$",
    "$ByteBuddy$",
    "$MockitoMock$",
    "$auxiliary$",
    "_$$_jvst",
    "_$$_javassist",
    "$$_WeldClientProxy",
    "_$$_WeldSubclass",
    "$$_hibernate_",
    ".$Proxy",
    "GeneratedMethodAccessor",
    "GeneratedConstructorAccessor",
    "GeneratedSerializationConstructorAccessor",
    "$JaxbAccessor",
];

/// The name of the family of `class` and how many classes make one; `None` for a class with a name of its own.
fn family(class: &str) -> Option<(String, u64)> {
    for mark in MARKS {
        if let Some(at) = class.find(mark) {
            let base = &class[..at + mark.len()];
            // `jdk.proxy2.$Proxy17`: the package is numbered too.
            let base = base.replace(|c: char| c.is_ascii_digit(), "*");
            let base = if *mark == ".$Proxy" {
                base
            } else {
                class[..at + mark.len()].to_owned()
            };
            return Some((format!("{base}*"), GENERATED));
        }
    }
    if class.starts_with("$Proxy") {
        return Some(("$Proxy*".to_owned(), GENERATED));
    }
    // A hidden class: its name ends with an address.
    if let Some(at) = class.find("+0x").or_else(|| class.find("/0x")) {
        return Some((format!("{}*", &class[..at]), GENERATED));
    }
    let base = class.trim_end_matches(|c: char| c.is_ascii_digit());
    let named = base.ends_with(|c: char| c.is_alphabetic() || c == '_');
    (base.len() < class.len() && named).then(|| (format!("{base}*"), NUMBERED))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        for (class, expected) in [
            (
                "com.acme.Job$$Lambda+0x00007f01",
                Some("com.acme.Job$$Lambda*"),
            ),
            (
                "com.acme.Job$$Lambda$14.12345",
                Some("com.acme.Job$$Lambda*"),
            ),
            ("jdk.proxy2.$Proxy17", Some("jdk.proxy*.$Proxy*")),
            ("com.sun.proxy.$Proxy3", Some("com.sun.proxy.$Proxy*")),
            ("$Proxy3", Some("$Proxy*")),
            (
                "com.acme.V2$$EnhancerBySpringCGLIB$$1a2b",
                Some("com.acme.V2$$EnhancerBy*"),
            ),
            (
                "sun.reflect.GeneratedMethodAccessor12",
                Some("sun.reflect.GeneratedMethodAccessor*"),
            ),
            ("Script123", Some("Script*")),
            (
                "java.lang.invoke.LambdaForm$MH+0x01",
                Some("java.lang.invoke.LambdaForm$MH*"),
            ),
            ("com.acme.Job$1", None),
            ("com.acme.Job", None),
            ("12", None),
        ] {
            assert_eq!(
                family(class).map(|found| found.0).as_deref(),
                expected,
                "{class}"
            );
        }
    }
}
