//! Class loaders and generated classes in masses: what fills metaspace, and who on the heap holds them.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::{Dump, NativeKind, NativeMemory};
use crate::heap::{ClassKind, ObjectIndex};
use crate::suspects::families;
use crate::verdict::clean_name;
use crate::verdict::facts::ClassMass;
use crate::verdict::size::thousands;

/// Loaders of one class that are no usual number: an application server has some dozens.
const MANY_LOADERS: u64 = 100;
/// Loaders of one class that are worth a mention where something hangs on classes.
const SEVERAL_LOADERS: usize = 10;
/// Generated classes that are no usual number ...
const MANY_CLASSES: u64 = 200;
/// ... where they are at least one of so many of all classes: large applications have thousands of lambdas.
const SHARE: u64 = 4;
/// Of so many the holders are looked up; they stand for the rest.
const SAMPLE: usize = 1_000;
/// Steps that all their paths have together.
const MOST_STEPS: usize = 200_000;

pub(super) const KIND: NativeKind = NativeKind {
    wants: |snapshot, class| snapshot.classes().is_a(class, "java.lang.ClassLoader"),
    read,
};

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let loaders = loaders(dump);
    native.class_mass = match &loaders {
        Some(mass) if mass.abounds => loaders,
        _ => generated(dump).or(loaders),
    };
}

/// A kind of loaders or family of classes: its members.
struct Mass {
    name: String,
    members: Vec<ObjectIndex>,
    classes: u64,
}

fn largest(all: BTreeMap<String, (Vec<ObjectIndex>, u64)>) -> Option<Mass> {
    let all = all.into_iter().map(|(name, (members, classes))| Mass {
        name,
        members,
        classes,
    });
    // The first of equals, in the order of their names.
    all.rev().max_by_key(|mass| mass.classes)
}

/// Loaders of one class that define classes.
fn loaders(dump: &mut Dump<'_, '_>) -> Option<ClassMass> {
    let snapshot = dump.snapshot;
    let mut defined: BTreeMap<ObjectIndex, u64> = BTreeMap::new();
    for (_, class) in snapshot.classes().iter() {
        if let Some(loader) = snapshot.find(class.dump.loader_id)
            && class.dumped
        {
            *defined.entry(loader).or_default() += 1;
        }
    }
    let mut kinds: BTreeMap<String, (Vec<ObjectIndex>, u64)> = BTreeMap::new();
    for loader in dump.instances(KIND.wants) {
        let classes = defined.get(&loader).copied().unwrap_or(0);
        // What hangs on class objects has no path, and neither has its loader.
        if classes > 0 {
            let kind = kinds
                .entry(snapshot.class(loader).name.clone())
                .or_default();
            kind.0.push(loader);
            kind.1 += classes;
        }
    }
    // Reflection up to JDK 17 has a loader for each accessor: the family of the accessors says more.
    kinds.retain(|name, (all, _)| {
        all.len() >= SEVERAL_LOADERS && !name.ends_with("DelegatingClassLoader")
    });
    let mass = largest(kinds)?;
    let what = format!("loaders of `{}`", clean_name(&mass.name));
    Some(describe(dump, mass, what))
}

/// Generated classes of one family.
fn generated(dump: &mut Dump<'_, '_>) -> Option<ClassMass> {
    let snapshot = dump.snapshot;
    let mut all: u64 = 0;
    let mut made: u64 = 0;
    let mut kinds: BTreeMap<String, (Vec<ObjectIndex>, u64)> = BTreeMap::new();
    for (index, class) in snapshot.classes().iter() {
        if !class.dumped || class.kind != ClassKind::Instance {
            continue;
        }
        all += 1;
        if let Some((family, _)) = families::family(&class.name) {
            made += 1;
            let kind = kinds.entry(family).or_default();
            kind.0.extend(snapshot.class_object(index));
            kind.1 += 1;
        }
    }
    let mass = largest(kinds).filter(|_| made >= MANY_CLASSES && made >= all / SHARE)?;
    let what = format!(
        "generated classes, {} of them `{}`",
        thousands(mass.classes),
        clean_name(&mass.name)
    );
    let described = describe(dump, mass, what);
    Some(ClassMass {
        abounds: true,
        most_classes: made >= all.div_ceil(2),
        count: made,
        classes: made,
        ..described
    })
}

fn describe(dump: &mut Dump<'_, '_>, mass: Mass, what: String) -> ClassMass {
    let classes = dump.snapshot.classes().iter();
    let all = classes.filter(|(_, class)| class.dumped).count() as u64;
    ClassMass {
        abounds: mass.members.len() as u64 >= MANY_LOADERS,
        most_classes: mass.classes >= all.div_ceil(2),
        count: mass.members.len() as u64,
        what,
        held_by: holder(dump, &mass.members),
        classes: mass.classes,
    }
}

/// The field of the application that holds most of `members`, or the thread where no field does, as far as one holds most of them.
fn holder(dump: &mut Dump<'_, '_>, members: &[ObjectIndex]) -> Option<String> {
    let snapshot = dump.snapshot;
    let all: FxHashSet<ObjectIndex> = members.iter().copied().collect();
    // Generated classes and what came with the loaders do not hold themselves.
    let is_one_of_them = |at: ObjectIndex| {
        let class = snapshot.as_class(at).unwrap_or(snapshot.class_of(at));
        let loader = snapshot.find(snapshot.classes().get(class).dump.loader_id);
        let class_object = snapshot.class_object(class);
        [loader, class_object]
            .into_iter()
            .flatten()
            .any(|it| all.contains(&it))
    };
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let sample = members
        .iter()
        .step_by(members.len().div_ceil(SAMPLE).max(1));
    let mut seen = 0;
    let mut steps = MOST_STEPS;
    for &member in sample {
        if steps == 0 {
            break;
        }
        seen += 1;
        if !dump.is_reachable(member) {
            continue;
        }
        if let Some(name) = dump.owners.field_of(member, &is_one_of_them, &mut steps) {
            *names.entry(name).or_default() += 1;
        }
    }
    let (name, count) = names.into_iter().rev().max_by_key(|&(_, count)| count)?;
    (count * 2 > seen).then_some(name)
}
