//! What has no path from a GC root: fillers, what HotSpot keeps behind class objects or refers to itself, and the rest.
//!
//! HotSpot does not write the instance fields of class objects (`heapDumper.cpp`), so what only those refer to looks
//! unreachable even in a dump of live objects. The objects that such fields refer to are reported by their classes.

use foldhash::HashSet;
use rustc_hash::{FxHashMap, FxHashSet};

use super::by_class::{largest_classes, of_strength};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ClassKind, ObjectIndex, Snapshot, Totals};
use crate::report::model::{Amount, NoPath};
use crate::verdict::facts::Hidden;
use crate::verdict::size::thousands;

/// Classes of which instances without a path hang on fields of class objects.
const BEHIND_MIRRORS: &[&str] = &[
    "java.lang.Class$ReflectionData",
    "java.lang.Class$AnnotationData",
    "java.lang.Class$EnclosingMethodInfo",
    "java.lang.ClassValue$ClassValueMap",
    "java.lang.reflect.Constructor",
    "sun.reflect.annotation.AnnotationType",
    "sun.reflect.generics.repository.ClassRepository",
    "java.lang.invoke.MethodType",
    "java.lang.invoke.MemberName",
    "java.lang.invoke.ResolvedMethodName",
    "java.lang.invoke.DirectMethodHandle$Holder",
    "java.lang.invoke.LambdaForm",
    "java.lang.Module",
    "java.security.ProtectionDomain",
];
/// Objects to which only weak references lead, in a dump of live objects: none, or one that was made since.
const MOST_WEAK: u64 = 1;
/// Topmost objects without a path to which the JVM refers itself, and those that the fields of one class object refer to.
const MOST_OF_JVM: usize = 2_000;
const MOST_OF_CLASS: usize = 4;
/// Texts of top objects that are compared with names of classes.
const MOST_TEXTS: usize = 200_000;
/// Objects that the search visits.
const MOST_VISITED: usize = 20_000_000;

/// Splits what has no path.
pub fn section(snapshot: &Snapshot<'_>) -> NoPath {
    let all = snapshot.totals(Strength::NoPath);
    let fillers = snapshot.fillers();
    let behind = behind_mirrors(snapshot);
    let behind_total = behind
        .values()
        .fold(Totals::default(), |sum, totals| sum.join(*totals));
    let amount = |totals: Totals| Amount {
        objects: totals.objects,
        bytes: totals.bytes,
    };
    let less = |a: Totals, b: Totals| Totals {
        objects: a.objects.saturating_sub(b.objects),
        bytes: a.bytes.saturating_sub(b.bytes),
    };
    let rest = of_strength(snapshot, Strength::NoPath);
    let rest = rest
        .iter()
        .filter(|(class, _)| !is_filler(&snapshot.classes().get(ClassIndex(**class)).name))
        .map(|(class, totals)| {
            let known = behind.get(class).copied().unwrap_or_default();
            (*class, less(*totals, known))
        });
    let pair = |(&class, &totals): (&u32, &Totals)| (class, totals);
    NoPath {
        objects: all.objects,
        bytes: all.bytes,
        fillers: amount(fillers),
        fillers_told_apart: snapshot.has_fillers(),
        behind_class_mirrors: amount(behind_total),
        classes_behind_mirrors: largest_classes(snapshot, behind.iter().map(pair)),
        rest: amount(less(less(all, fillers), behind_total)),
        classes: largest_classes(snapshot, rest),
    }
}

/// Whether the dump looks like one of live objects only: a collection leaves no object to which only weak references lead, and nothing
/// without a path but what class objects and the JVM itself refer to.
pub fn is_live_only(snapshot: &Snapshot<'_>) -> bool {
    snapshot.totals(Strength::Weak).objects <= MOST_WEAK && !has_garbage(snapshot)
}

/// Whether there are more topmost objects without a path than class objects and the JVM refer to. In 188 dumps of live objects there were at
/// most 2,000. Stacks of virtual threads that are not mounted can be any number.
fn has_garbage(snapshot: &Snapshot<'_>) -> bool {
    if has_unmounted(snapshot) {
        return false;
    }
    let most = MOST_OF_JVM.saturating_add(MOST_OF_CLASS.saturating_mul(snapshot.classes().len()));
    let is_odd = |&top: &ObjectIndex| {
        let class = snapshot.class(top).name.as_str();
        // Fillers in dumps of older JVMs, and class objects.
        let usual = matches!(
            class,
            "int[]" | "long[]" | "java.lang.Object" | "java.lang.Class"
        );
        !usual && !is_filler(class) && snapshot.strength(top) == Strength::NoPath
    };
    let mut odd = snapshot.children(None).filter(is_odd);
    odd.nth(most).is_some()
}

/// Whether the dump may have stacks of virtual threads that no thread runs.
fn has_unmounted(snapshot: &Snapshot<'_>) -> bool {
    let mut chunks = snapshot.classes().named("jdk.internal.vm.StackChunk");
    chunks.next().is_some()
}

/// What of the objects without a path is alive all the same: what hangs on class objects or on the JVM itself, and in a dump of live
/// objects the rest as well. `no_path_bytes` are all of them, fillers left out.
pub fn hidden(snapshot: &Snapshot<'_>, no_path: &NoPath, no_path_bytes: u64) -> Hidden {
    let behind = no_path.behind_class_mirrors.bytes.min(no_path_bytes);
    let rest = match is_live_only(snapshot) && no_path.fillers_told_apart {
        true => no_path_bytes - behind,
        // Fillers are arrays of numbers without a class of their own: what they take is not alive.
        false if is_live_only(snapshot) => held(snapshot).min(no_path_bytes - behind),
        false => 0,
    };
    let mut by = vec![
        ("fields of class objects".to_owned(), behind),
        (rest_is(snapshot).to_owned(), rest),
    ];
    by.retain(|(_, bytes)| *bytes > 0);
    by.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let rows = no_path
        .classes_behind_mirrors
        .iter()
        .chain(&no_path.classes);
    let largest = rows.max_by_key(|row| row.bytes);
    Hidden {
        bytes: behind + rest,
        by,
        content: largest.map_or(String::new(), |row| {
            format!("{} × {}", thousands(row.objects), row.class)
        }),
    }
}

/// What refers to the rest in a dump of live objects. One that was taken with all objects looks the same where no weak reference led to garbage.
fn rest_is(snapshot: &Snapshot<'_>) -> &'static str {
    match has_unmounted(snapshot) {
        false => {
            "data of hidden classes, the JVM itself, or garbage if the dump was taken with -all"
        }
        true => {
            "data of hidden classes, stacks of threads that are not mounted, the JVM itself, or garbage if the dump was taken with -all"
        }
    }
}

/// Bytes below topmost objects without a path that are no arrays of numbers.
fn held(snapshot: &Snapshot<'_>) -> u64 {
    let tops = snapshot.children(None);
    let tops = tops.filter(|&top| snapshot.strength(top) == Strength::NoPath);
    let held =
        tops.filter(|&top| !matches!(snapshot.class(top).kind, ClassKind::PrimitiveArray(_)));
    held.map(|top| snapshot.retained(top))
        .fold(0, u64::saturating_add)
}

fn is_filler(class: &str) -> bool {
    class.starts_with("jdk.internal.vm.Filler")
}

/// Everything that the objects behind class objects reach and that has no other path, by class number.
fn behind_mirrors(snapshot: &Snapshot<'_>) -> FxHashMap<u32, Totals> {
    let mut queue: Vec<ObjectIndex> = Vec::new();
    let mut names = Names::new(snapshot);
    for top in snapshot.children(None) {
        if snapshot.strength(top) == Strength::NoPath && is_behind(snapshot, top, &mut names) {
            queue.push(top);
        }
    }
    let mut seen: FxHashSet<ObjectIndex> = queue.iter().copied().collect();
    let mut found: FxHashMap<u32, Totals> = FxHashMap::default();
    while let Some(object) = queue.pop() {
        let totals = found.entry(snapshot.class_of(object).0).or_default();
        totals.add(snapshot.shallow(object));
        if seen.len() >= MOST_VISITED {
            continue;
        }
        for (_, id) in snapshot.outgoing(object) {
            let target = snapshot.find(id);
            let target = target.filter(|&to| snapshot.strength(to) == Strength::NoPath);
            if let Some(target) = target.filter(|&to| seen.insert(to)) {
                queue.push(target);
            }
        }
    }
    found
}

fn is_behind(snapshot: &Snapshot<'_>, top: ObjectIndex, names: &mut Names) -> bool {
    let class = snapshot.class(top);
    if BEHIND_MIRRORS.contains(&class.name.as_str()) {
        return true;
    }
    // The JVM itself refers to some of its threads and records no root for them.
    if snapshot
        .field_integer(top, "eetop")
        .is_some_and(|native| native != 0)
    {
        return true;
    }
    if let Some(class) = snapshot.as_class(top) {
        // Hidden classes and those of the boot loader live without a GC root of their own.
        let class = snapshot.classes().get(class);
        return class.dump.loader_id == 0 || class.name.contains("0x");
    }
    match class.name.as_str() {
        // The lock of a class that is not initialised; fillers have a class of their own by now.
        "int[]" => snapshot.array_length(top) == Some(0),
        // `Class.reflectionData`.
        "java.lang.ref.SoftReference" => snapshot
            .field_object(top, "referent")
            .is_some_and(|to| snapshot.class(to).name == "java.lang.Class$ReflectionData"),
        // `Class.name`, `Class.packageName`.
        "java.lang.String" => names.are(snapshot, top),
        _ => class.kind == ClassKind::ObjectArray && is_enum_constants(snapshot, top),
    }
}

/// Whether `array` is what `Class.enumConstants` refers to: all constants of one enum, in order.
fn is_enum_constants(snapshot: &Snapshot<'_>, array: ObjectIndex) -> bool {
    let name = &snapshot.class(array).name;
    let Some(element) = name.strip_suffix("[]") else {
        return false;
    };
    let is_enum = |class| snapshot.classes().is_a(class, "java.lang.Enum");
    if !snapshot.classes().named(element).any(is_enum) {
        return false;
    }
    let elements = snapshot.elements(array);
    elements.iter().enumerate().all(|(i, constant)| {
        constant.is_some_and(|constant| {
            snapshot.field_integer(constant, "ordinal") == i64::try_from(i).ok()
        })
    })
}

/// Names of classes and packages.
struct Names {
    known: HashSet<String>,
    left: usize,
}

impl Names {
    fn new(snapshot: &Snapshot<'_>) -> Names {
        let mut known = HashSet::default();
        for (_, class) in snapshot.classes().iter() {
            if let Some((package, _)) = class.name.rsplit_once('.') {
                known.insert(package.to_owned());
            }
            known.insert(class.name.clone());
        }
        Names {
            known,
            left: MOST_TEXTS,
        }
    }

    fn are(&mut self, snapshot: &Snapshot<'_>, string: ObjectIndex) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        snapshot
            .string(string, 1_000)
            .is_some_and(|text| self.known.contains(&text))
    }
}
