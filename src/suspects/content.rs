//! What is held: the objects behind the plumbing, and the classes of everything retained.

use rustc_hash::FxHashMap;

use super::families::family;
use super::field_values;
use super::naming;
use super::nested::Nested;
use super::own_collection::OwnCollections;
use super::tally::{self, ByClass};
use crate::heap::{ClassIndex, Runs, Snapshot, Totals};
use crate::hprof::FieldType;

/// Super classes of collections: somebody's subclass of one is a collection as well.
const COLLECTIONS: &[&str] = &[
    "java.util.AbstractMap",
    "java.util.AbstractCollection",
    "java.util.Dictionary",
];

/// What a holder keeps alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The class that most of the bytes are about: elements of collections, not their nodes.
    pub class: String,
    /// Objects of that class.
    pub objects: u64,
    /// Bytes that they retain together.
    pub retained_bytes: u64,
    /// The largest classes of the whole retained set: (name, objects, shallow bytes).
    pub classes: Vec<(String, u64, u64)>,
}

/// What a class is to what it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Somebody's own, or a value: an element.
    Element,
    /// The JDK's, such as an `Optional` or an MBean server: an element where it is one of many, unless somebody's own lies below it.
    Jdk,
    /// A lambda or local class: plumbing where it holds most, an element where it is one of many, unless what it captured is
    /// somebody's own.
    Closure,
    /// Somebody's subclass of a collection or of another class of the JDK's that keeps things, a wrapper, an exception with others
    /// that it suppressed: plumbing where it holds most, an element where it is one of many.
    Collection,
    /// Plumbing.
    Plumbing,
}

/// Classes of the JDK whose subclasses are things of their own, whatever the JDK keeps in them.
const NO_KEEPERS: &[&str] = &[
    "java.lang.Object",
    "java.lang.Thread",
    "java.lang.ClassLoader",
    "java.lang.Enum",
    "java.lang.Record",
];

/// Whether a class of the JDK above `class` of somebody's own has references: an executor, a future, a model of a list.
fn extends_keeper(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    let classes = snapshot.classes();
    if NO_KEEPERS[1..]
        .iter()
        .any(|above| classes.is_a(class, above))
    {
        return false;
    }
    let jdk = classes
        .chain(class)
        .filter(|above| naming::is_jdk(&above.name));
    let fields = jdk.flat_map(|above| &above.dump.fields);
    fields
        .filter(|field| field.kind == FieldType::Object)
        .count()
        > 0
}

/// Decides for every class once whether it is plumbing.
pub struct Plumbing(Vec<Role>);

impl Plumbing {
    /// For all classes of `snapshot`, with the collections of the application's own among them.
    pub(super) fn new(snapshot: &Snapshot<'_>, own: &OwnCollections, nested: &Nested) -> Plumbing {
        let classes = snapshot.classes();
        let role = |(index, class): (ClassIndex, &crate::heap::Class)| {
            let passes_on = || {
                COLLECTIONS.iter().any(|above| classes.is_a(index, above))
                    || nested.is_wrapper(index)
                    || extends_keeper(snapshot, index)
            };
            if naming::is_plumbing(&class.name) {
                Role::Plumbing
            } else if classes.is_a(index, "java.lang.Throwable") {
                Role::Collection
            } else if naming::is_jdk(&class.name) {
                Role::Jdk
            } else if nested.is_closure(index) {
                Role::Closure
            } else if passes_on() {
                Role::Collection
            } else {
                Role::Element
            }
        };
        let mut roles: Vec<Role> = classes.iter().map(role).collect();
        for (class, is_part) in own.classes(snapshot) {
            roles[class.0 as usize] = match is_part {
                true => Role::Plumbing,
                false => Role::Collection,
            };
        }
        Plumbing(roles)
    }

    fn role(&self, class: ClassIndex) -> Role {
        self.0[class.0 as usize]
    }
}

/// The content of everything in the runs of `tops`.
///
/// Walks each retained set in preorder over plumbing and stops at the first object of another class: that is an element.
/// An element whose class has more of its kind below it (a tree, a chain) counts with all of them.
pub fn content(snapshot: &Snapshot<'_>, plumbing: &Plumbing, tops: &Runs) -> Content {
    let all = tally::retained_classes(snapshot, tops);
    let names: FxHashMap<ClassIndex, String> = all
        .keys()
        .map(|&class| (class, naming::stable(&snapshot.classes().get(class).name)))
        .collect();
    let name = |class: ClassIndex| names.get(&class).map_or("", String::as_str);
    let sizes = all.values().map(|amount| amount.bytes);
    let retained: u64 = sizes.fold(0, u64::saturating_add);
    // Elements that are next to nothing: the plumbing itself is what there is much of.
    let matters = |best: &(&str, u64, u64)| best.2.saturating_mul(5) >= retained;
    let mut elements_of_all = elements(snapshot, plumbing, tops, Stops::USUAL);
    let mut best = best_of(&elements_of_all, &all, name);
    if !best.as_ref().is_some_and(matters) {
        // One object of the JDK's with nothing in it that counts: a builder of a long text.
        elements_of_all = elements(snapshot, plumbing, tops, Stops::AT_ANY_JDK);
        best = best_of(&elements_of_all, &all, name);
    }
    let is_closure = |best: &(&str, u64, u64)| {
        let mut classes = elements_of_all.keys();
        classes.any(|&class| plumbing.role(class) == Role::Closure && name(class) == best.0)
    };
    // The JDK's own objects may wrap somebody's, and closures have captured it.
    let deeper = best
        .as_ref()
        .and_then(|best| match naming::is_owner(best.0) {
            false => Some(Stops::OWN),
            true => is_closure(best).then_some(Stops::CAPTURED),
        });
    if let Some(stops) = deeper {
        let own = best_of(&elements(snapshot, plumbing, tops, stops), &all, name);
        let of_much =
            |own: &(&str, u64, u64)| own.2.saturating_mul(2) >= retained && naming::is_owner(own.0);
        best = own.filter(of_much).or(best);
    }
    let values = best.filter(|best| matters(best) && !naming::is_owner(best.0));
    best = values
        .and_then(|values| bearer_of(snapshot, tops, &elements_of_all, &all, values, name))
        .or(best);
    // Generated classes have few objects each: all of a family together may be what is held.
    let families = match best.as_ref().is_some_and(matters) {
        true => FxHashMap::default(),
        false => families(&names),
    };
    if !families.is_empty() {
        let name = |class| families.get(&class).map_or(name(class), String::as_str);
        best = best_of(&elements_of_all, &all, name);
    }
    let (class, objects, retained_bytes) = match best.filter(matters) {
        Some((name, objects, bytes)) => (name.to_owned(), objects, bytes),
        None => largest_of(&all, name),
    };
    Content {
        class,
        objects,
        retained_bytes,
        classes: largest_classes(&all, name),
    }
}

/// The class to whose fields `values` belong, if there is one: all its objects, and what they and the values retain.
fn bearer_of<'n>(
    snapshot: &Snapshot<'_>,
    tops: &Runs,
    elements: &ByClass,
    all: &ByClass,
    (values, count, bytes): (&str, u64, u64),
    name: impl Fn(ClassIndex) -> &'n str,
) -> Option<(&'n str, u64, u64)> {
    let is_value = |class| name(class) == values;
    let bearer = name(field_values::bearer(
        snapshot, tops, elements, is_value, count,
    )?);
    // Same-named classes of different loaders are one to the reader.
    let of_bearer = |amounts: &ByClass| {
        let own = amounts.iter().filter(|(class, _)| name(**class) == bearer);
        own.fold(Totals::default(), |sum, (_, &amount)| sum.join(amount))
    };
    let bytes = of_bearer(elements).bytes.saturating_add(bytes);
    Some((bearer, of_bearer(all).objects, bytes))
}

/// The names of the families that are large enough, by class.
fn families(names: &FxHashMap<ClassIndex, String>) -> FxHashMap<ClassIndex, String> {
    let of_class = |(&class, name): (&ClassIndex, &String)| Some((class, family(name)?));
    let all: Vec<_> = names.iter().filter_map(of_class).collect();
    let mut sizes: FxHashMap<&str, u64> = FxHashMap::default();
    for (_, (name, _)) in &all {
        *sizes.entry(name).or_default() += 1;
    }
    let large = all
        .iter()
        .filter(|(_, (name, needed))| sizes[name.as_str()] >= *needed);
    large
        .map(|(class, (name, _))| (*class, name.clone()))
        .collect()
}

/// What is an element besides somebody's own objects.
#[derive(Clone, Copy)]
struct Stops {
    /// Objects of the JDK's that are one of many.
    jdk: bool,
    /// All of them.
    any_jdk: bool,
    /// Closures that are one of many.
    closures: bool,
}

impl Stops {
    const USUAL: Stops = Stops {
        jdk: true,
        any_jdk: false,
        closures: true,
    };
    const AT_ANY_JDK: Stops = Stops {
        any_jdk: true,
        ..Stops::USUAL
    };
    const OWN: Stops = Stops {
        jdk: false,
        ..Stops::USUAL
    };
    const CAPTURED: Stops = Stops {
        closures: false,
        ..Stops::USUAL
    };
}

/// The topmost objects below `tops` that are not plumbing, by class, with what they retain.
fn elements(snapshot: &Snapshot<'_>, plumbing: &Plumbing, tops: &Runs, stops: Stops) -> ByClass {
    tally::outermost(snapshot, tops, |top, position| {
        let (object, class) = snapshot.at(position);
        let one_of_many = || snapshot.blamed_at(position) < snapshot.blamed_at(top).div_ceil(2);
        let element = match plumbing.role(class) {
            Role::Element => true,
            Role::Jdk => stops.jdk && (stops.any_jdk || one_of_many()),
            Role::Closure => stops.closures && one_of_many(),
            Role::Collection => one_of_many(),
            Role::Plumbing => false,
        };
        element && !snapshot.is_preloaded(object)
    })
}

/// The class of most bytes among `elements`, with its objects and their bytes. Same-named classes of different loaders are
/// one to the reader.
fn best_of<'n>(
    elements: &ByClass,
    all: &ByClass,
    name: impl Fn(ClassIndex) -> &'n str,
) -> Option<(&'n str, u64, u64)> {
    let mut by_name: FxHashMap<&str, (u64, u64, u64)> = FxHashMap::default();
    for (&class, amount) in elements {
        let entry = by_name.entry(name(class)).or_default();
        entry.0 += amount.objects;
        entry.1 += amount.bytes;
    }
    for (&class, amount) in all {
        if let Some(entry) = by_name.get_mut(name(class)) {
            entry.2 += amount.objects;
        }
    }
    let (class, (objects, bytes, total)) = by_name
        .into_iter()
        .max_by_key(|&(name, (objects, bytes, _))| (bytes, objects, std::cmp::Reverse(name)))?;
    // A chain or tree of its own kind: all its members are what is held.
    let objects = if naming::is_owner(class) {
        total
    } else {
        objects
    };
    Some((class, objects, bytes))
}

/// The class of which there is most; of nodes the collection that they belong to.
fn largest_of<'n>(all: &ByClass, name: impl Fn(ClassIndex) -> &'n str) -> (String, u64, u64) {
    let best = all
        .iter()
        .filter(|(class, _)| {
            !name(**class).ends_with("[]")
                || naming::is_primitive(name(**class).trim_end_matches("[]"))
        })
        .max_by_key(|(class, amount)| (amount.bytes, std::cmp::Reverse(**class)));
    let Some((&class, &Totals { objects, bytes })) = best else {
        return Default::default();
    };
    let around = name(class).split_once('$').map(|(around, _)| around);
    let collections = around.and_then(|around| {
        let found = all.iter().find(|(class, _)| name(**class) == around);
        found.filter(|(_, amount)| amount.objects > 1)
    });
    match collections {
        Some((&class, &Totals { objects, .. })) if naming::is_plumbing(name(class)) => {
            (name(class).to_owned(), objects, bytes)
        }
        _ => (name(class).to_owned(), objects, bytes),
    }
}

fn largest_classes<'n>(
    all: &ByClass,
    name: impl Fn(ClassIndex) -> &'n str,
) -> Vec<(String, u64, u64)> {
    let mut sums: FxHashMap<&str, (u64, u64)> = FxHashMap::default();
    for (&class, amount) in all {
        let entry = sums.entry(name(class)).or_default();
        entry.0 += amount.objects;
        entry.1 += amount.bytes;
    }
    let mut rows: Vec<_> = sums
        .into_iter()
        .map(|(name, (objects, bytes))| (name.to_owned(), objects, bytes))
        .collect();
    rows.sort_unstable_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(10);
    rows
}
