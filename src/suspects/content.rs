//! What is held: the objects behind the transparent objects, and the classes of everything retained.

use std::cmp::Reverse;

use foldhash::HashMap;
use rustc_hash::FxHashMap;

use super::families::family;
use super::field_values;
use super::naming;
use super::own_collection;
use super::tally::{self, ByClass};
use super::transparent::{Role, Transparency};
use crate::heap::{ClassIndex, Runs, Snapshot, Totals};

/// Objects that are so few that what they hold may say more.
const FEW: u64 = 50;
/// How many times as many objects that must be.
const MASSES: u64 = 100;

/// Tops that are so many are what is held, whatever each of them holds.
const MANY: u64 = 64;

/// Class loaders from which on they are what is held, not what each of them keeps.
const FEWEST_LOADERS: u64 = 8;

/// A class that has so many percent of the bytes of the largest one is about as much.
const EQUAL: u64 = 80;

/// What a holder keeps alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The class that most of the bytes are about: elements of collections, not their nodes.
    pub class: String,
    /// Objects of that class.
    pub objects: u64,
    /// Bytes that they retain together.
    pub retained_bytes: u64,
    /// Another class of which about as much is held beside it, with its objects.
    pub beside: Option<(String, u64)>,
    /// The largest classes of the whole retained set: (name, objects, shallow bytes).
    pub classes: Vec<(String, u64, u64)>,
}

/// A class by name, its objects, and the bytes that they retain.
pub(super) type Best<'n> = (&'n str, u64, u64);

/// The content of everything in the runs of `tops`.
///
/// Walks each retained set in preorder over transparent objects and stops at the first object of another class: that is an element.
/// An element whose class has more of its kind below it (a tree, a chain) counts with all of them.
pub fn content(snapshot: &Snapshot<'_>, transparent: &Transparency, tops: &Runs) -> Content {
    let held = Held::new(snapshot, transparent, tops);
    let name = |class| held.name(class);
    let mut elements = held.elements(transparent, Stops::USUAL);
    let mut best = held.best(&elements);
    if !best.as_ref().is_some_and(|best| held.matters(best)) {
        // One object of the JDK's with nothing in it that counts: a builder of a long text.
        elements = held.elements(transparent, Stops::AT_ANY);
        best = held.best(&elements);
    }
    best = best
        .and_then(|best| held.own_within(best, &elements))
        .or(best);
    let put_in = best.and_then(|best| held.put_in(best, &elements));
    // It is what the library's structure is for, however little of that it makes up.
    let mut is_shown = put_in.is_some();
    best = put_in.or(best);
    best = best.and_then(|best| held.loaders(best)).or(best);
    best = best
        .and_then(|best| held.many_within_few(best, &elements))
        .or(best);
    let put_in_own = best.filter(|_| !is_shown);
    let put_in_own = put_in_own.and_then(|best| held.put_in_own(best));
    is_shown |= put_in_own.is_some();
    best = put_in_own.or(best);
    best = best
        .and_then(|best| held.class_with_values(best, &elements))
        .or(best);
    // Generated classes have few objects each: all of a family together may be what is held.
    let matters = |best: &Best<'_>| is_shown || held.matters(best);
    let families = match best.as_ref().is_some_and(matters) {
        true => FxHashMap::default(),
        false => families(&held.names),
    };
    if !families.is_empty() {
        let name = |class| families.get(&class).map_or(name(class), String::as_str);
        best = best_of(&elements, &held.all, name);
    }
    if !best.as_ref().is_some_and(matters) {
        elements = held.elements(transparent, Stops::AT_CLASSES);
        let classes = held.best(&elements);
        best = classes
            .filter(|best| best.2.saturating_mul(2) >= held.retained)
            .or(best);
    }
    let kinds = best.filter(|_| !is_shown);
    let kinds = kinds.and_then(|best| held.kinds(best)).unwrap_or_default();
    best = kinds.first().copied().or(best);
    let beside = match kinds.as_slice() {
        [most, second] if is_as_much(second.2, most.2) => Some((second.0.to_owned(), second.1)),
        [] => best
            .filter(|_| !is_shown)
            .and_then(|best| held.beside(best, &elements)),
        _ => None,
    };
    let (class, objects, retained_bytes) = match best.filter(matters) {
        Some((name, objects, bytes)) => (name.to_owned(), objects, bytes),
        None => held
            .nodes_of_own()
            .unwrap_or_else(|| largest_of(&held.all, name)),
    };
    Content {
        class,
        objects,
        retained_bytes,
        beside,
        classes: largest_classes(&held.all, name),
    }
}

/// What lies in the runs of some tops, while it is looked through.
pub(super) struct Held<'h, 'a> {
    pub snapshot: &'h Snapshot<'a>,
    pub transparent: &'h Transparency,
    pub tops: &'h Runs,
    all: ByClass,
    names: FxHashMap<ClassIndex, String>,
    pub retained: u64,
}

impl<'h, 'a> Held<'h, 'a> {
    fn new(snapshot: &'h Snapshot<'a>, transparent: &'h Transparency, tops: &'h Runs) -> Self {
        let all = tally::retained_classes(snapshot, tops);
        let stable = |class: &ClassIndex| naming::stable(&snapshot.classes().get(*class).name);
        let names = all.keys().map(|class| (*class, stable(class))).collect();
        let sizes = all.values().map(|amount| amount.bytes);
        let retained = sizes.fold(0, u64::saturating_add);
        Held {
            snapshot,
            transparent,
            tops,
            all,
            names,
            retained,
        }
    }

    pub fn name(&self, class: ClassIndex) -> &str {
        self.names.get(&class).map_or("", String::as_str)
    }

    /// The classes of all objects.
    pub fn classes(&self) -> impl Iterator<Item = ClassIndex> + '_ {
        self.all.keys().copied()
    }

    /// All objects of `class`, with their own bytes.
    pub fn all_of(&self, class: ClassIndex) -> Totals {
        self.all.get(&class).copied().unwrap_or_default()
    }

    /// Not next to nothing: else the transparent object itself is what there is much of.
    fn matters(&self, best: &Best<'_>) -> bool {
        best.2.saturating_mul(5) >= self.retained
    }

    pub fn best(&self, elements: &ByClass) -> Option<Best<'_>> {
        best_of(elements, &self.all, |class| self.name(class))
    }

    /// Another class of somebody's own among `elements` that weighs about as much as the class of `best`.
    fn beside(&self, best: Best<'_>, elements: &ByClass) -> Option<(String, u64)> {
        let is_best = |class: &ClassIndex| self.name(*class) == best.0;
        if !naming::is_owner(best.0) || !elements.keys().any(is_best) {
            return None;
        }
        let mut others = elements.clone();
        others.retain(|class, _| !is_best(class) && naming::is_owner(self.name(*class)));
        let (name, objects, bytes) = self.best(&others)?;
        (best.1 > 1 && objects > 1 && is_as_much(bytes, best.2)).then(|| (name.to_owned(), objects))
    }

    /// The topmost objects that are not transparent, by class, with what they retain.
    pub fn elements(&self, transparent: &Transparency, stops: Stops) -> ByClass {
        let snapshot = self.snapshot;
        tally::outermost(snapshot, self.tops, |top, position| {
            let (object, class) = snapshot.at(position);
            let one_of_many = || {
                let bytes = snapshot.retained_by_application_at(position);
                bytes < snapshot.retained_by_application_at(top).div_ceil(2)
                    || bytes < self.retained / MANY
            };
            let element = match transparent.role(class) {
                Role::Element => true,
                Role::Library => stops.libraries && (stops.any || one_of_many()),
                Role::Jdk => stops.jdk && (stops.any || one_of_many()),
                Role::Lambda => stops.lambdas && one_of_many(),
                Role::Collection => one_of_many(),
                Role::LibraryCollection => stops.libraries && one_of_many(),
                Role::Class => stops.classes,
                Role::Transparent => false,
            };
            element && !snapshot.is_preloaded(object)
        })
    }

    /// Somebody's own in what is the JDK's, or what lambdas have captured of it.
    fn own_within(&self, best: Best<'_>, elements: &ByClass) -> Option<Best<'_>> {
        let is_lambda = |class: &ClassIndex| {
            self.transparent.role(*class) == Role::Lambda && self.name(*class) == best.0
        };
        let stops = match naming::is_owner(best.0) {
            false => Stops::OWN,
            true if elements.keys().any(is_lambda) => Stops::CAPTURED,
            true => return None,
        };
        let own = self.best(&self.elements(self.transparent, stops))?;
        (naming::is_owner(own.0) && own.2.saturating_mul(2) >= self.retained).then_some(own)
    }

    /// Class loaders of which many are held, or their classes: what is in the static fields of each goes with them.
    fn loaders(&self, best: Best<'_>) -> Option<Best<'_>> {
        let snapshot = self.snapshot;
        let is_loader =
            |class: &&ClassIndex| snapshot.classes().is_a(**class, "java.lang.ClassLoader");
        let mut loaders: Vec<ClassIndex> = self.all.keys().filter(is_loader).copied().collect();
        if naming::is_owner(best.0) || loaders.is_empty() {
            return None;
        }
        loaders.sort_unstable();
        let number = loaders.iter().filter_map(|class| self.all.get(class));
        let number: u64 = number.map(|amount| amount.objects).sum();
        if number < FEWEST_LOADERS {
            return None;
        }
        let found = tally::outermost(snapshot, self.tops, |top, position| {
            let class = snapshot.at(position).1;
            let is_of_loader = self.transparent.role(class) == Role::Class
                || loaders.binary_search(&class).is_ok();
            is_of_loader
                && snapshot.retained_by_application_at(position)
                    < snapshot.retained_by_application_at(top).div_ceil(2)
        });
        let most = self.best(&found)?;
        (most.1 >= FEWEST_LOADERS && most.2.saturating_mul(2) >= self.retained).then_some(most)
    }

    /// The many objects of the application or a library that lie in `few` others: the many are what grows.
    fn many_within_few(&self, few: Best<'_>, elements: &ByClass) -> Option<Best<'_>> {
        if !naming::is_owner(few.0) {
            return None;
        }
        let classes = elements.keys().filter(|&&class| self.name(class) == few.0);
        // A list's head is a list, however many there are: the buckets of a timer.
        let are_heads = classes.clone().next().is_some()
            && classes
                .clone()
                .all(|&class| own_collection::has_only_links(self.snapshot, class));
        let times = match are_heads {
            true => 2,
            false if few.1 <= FEW => MASSES,
            false => return None,
        };
        let through = self.transparent.passing_on(classes);
        let inner = self.best(&self.elements(&through, Stops::USUAL))?;
        let masses = naming::is_owner(inner.0)
            && inner.1 >= few.1.saturating_mul(times)
            && inner.2.saturating_mul(3) >= self.retained;
        masses.then_some(inner)
    }

    /// The class to whose fields `values` belong, if there is one: all its objects, and what they and the values retain.
    fn class_with_values(&self, values: Best<'_>, elements: &ByClass) -> Option<Best<'_>> {
        if !self.matters(&values) || naming::is_owner(values.0) {
            return None;
        }
        let is_value = |class| self.name(class) == values.0;
        let with_values =
            field_values::with_values(self.snapshot, self.tops, elements, is_value, values.1)?;
        let with_values = self.name(with_values);
        // Same-named classes of different loaders are one to the reader.
        let of_class = |amounts: &ByClass| {
            let own = amounts
                .iter()
                .filter(|(class, _)| self.name(**class) == with_values);
            own.fold(Totals::default(), |sum, (_, &amount)| sum.join(amount))
        };
        let bytes = of_class(elements).bytes.saturating_add(values.2);
        Some((with_values, of_class(&self.all).objects, bytes))
    }

    /// The nodes of a collection of somebody's own that holds nothing else of weight: a trie whose keys are in its links.
    fn nodes_of_own(&self) -> Option<(String, u64, u64)> {
        let own = |class: ClassIndex| {
            self.transparent.role(class) == Role::Transparent && naming::is_owner(self.name(class))
        };
        let nodes = self.all.iter().filter(|(class, _)| own(**class));
        let most = nodes.max_by_key(|(class, amount)| (amount.objects, Reverse(**class)));
        let (&class, amount) = most?;
        let matters = amount.bytes.saturating_mul(20) >= self.retained;
        matters.then(|| (self.name(class).to_owned(), amount.objects, amount.bytes))
    }
}

/// Whether `bytes` are about as much as `most`.
fn is_as_much(bytes: u64, most: u64) -> bool {
    bytes >= most.saturating_mul(EQUAL) / 100
}

/// The names of the families that are large enough, by class.
fn families(names: &FxHashMap<ClassIndex, String>) -> FxHashMap<ClassIndex, String> {
    let of_class = |(&class, name): (&ClassIndex, &String)| Some((class, family(name)?));
    let all: Vec<_> = names.iter().filter_map(of_class).collect();
    let mut sizes: HashMap<&str, u64> = HashMap::default();
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
pub(super) struct Stops {
    /// Objects of the JDK's that are one of many.
    jdk: bool,
    /// Objects of libraries that are one of many.
    libraries: bool,
    /// All of these.
    any: bool,
    /// Lambdas that are one of many.
    lambdas: bool,
    /// Class objects.
    classes: bool,
}

impl Stops {
    pub const USUAL: Stops = Stops {
        jdk: true,
        libraries: true,
        any: false,
        lambdas: true,
        classes: false,
    };
    const AT_ANY: Stops = Stops {
        any: true,
        ..Stops::USUAL
    };
    const AT_CLASSES: Stops = Stops {
        classes: true,
        ..Stops::USUAL
    };
    const OWN: Stops = Stops {
        jdk: false,
        ..Stops::USUAL
    };
    pub const OF_APPLICATION: Stops = Stops {
        libraries: false,
        ..Stops::OWN
    };
    pub const CAPTURED_OF_APPLICATION: Stops = Stops {
        lambdas: false,
        ..Stops::OF_APPLICATION
    };
    const CAPTURED: Stops = Stops {
        lambdas: false,
        ..Stops::USUAL
    };
}

/// The class of most bytes among `elements`, with its objects and their bytes. Same-named classes of different loaders are
/// one to the reader.
fn best_of<'n>(
    elements: &ByClass,
    all: &ByClass,
    name: impl Fn(ClassIndex) -> &'n str,
) -> Option<(&'n str, u64, u64)> {
    let mut by_name: HashMap<&str, (u64, u64, u64)> = HashMap::default();
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
        .max_by_key(|&(name, (objects, bytes, _))| (bytes, objects, Reverse(name)))?;
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
        .max_by_key(|(class, amount)| (amount.bytes, Reverse(**class)));
    let Some((&class, &Totals { objects, bytes })) = best else {
        return Default::default();
    };
    let around = name(class).split_once('$').map(|(around, _)| around);
    let collections = around.and_then(|around| {
        let found = all.iter().find(|(class, _)| name(**class) == around);
        found.filter(|(_, amount)| amount.objects > 1)
    });
    match collections {
        Some((&class, &Totals { objects, .. })) if naming::is_transparent(name(class)) => {
            (name(class).to_owned(), objects, bytes)
        }
        _ => (name(class).to_owned(), objects, bytes),
    }
}

fn largest_classes<'n>(
    all: &ByClass,
    name: impl Fn(ClassIndex) -> &'n str,
) -> Vec<(String, u64, u64)> {
    let mut sums: HashMap<&str, (u64, u64)> = HashMap::default();
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
