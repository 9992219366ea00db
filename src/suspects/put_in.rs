//! What was put into a library's structure: behind its nodes, entries, pages and wrappers.
//!
//! A library that keeps things for others has objects of its own around each of them: `JobWrapper` around a job, `PendingNode` around a
//! message, the nodes of a trie, the containers of a graph. Nobody has put those in. They are told by their surroundings: the object
//! that has them is of the same library. What lies in them is of the application, or of another package.

use super::content::{Best, Held, Stops};
use super::field_values;
use super::naming;
use super::own_collection;
use super::tally::{self, ByClass};
use super::transparent::Role;
use crate::heap::{ClassIndex, ObjectIndex, Totals};

/// Steps up the dominator tree from a part to the structure that has it.
const HIGHEST: usize = 32;
/// Steps down from a part to what it carries.
const DEEPEST: usize = 8;
/// Children of one object that are looked at for the largest.
const MOST_CHILDREN: usize = 1_000;
/// Parts of a package's name that two packages of one library share, at least.
const SHARED_PARTS: usize = 3;
/// Objects of the application's that are fewer are not what a structure is for.
const FEWEST: u64 = 64;
/// Bytes that a part keeps which is small: there is little in it but links.
const SMALL: u64 = 512;
/// Kinds of pages that are gone through.
const MOST_KINDS: usize = 4;
/// Things in each page, at least.
const IN_PAGE: u64 = 8;
/// Part of a library's object, in percent, that one thing in it keeps which the object is there for.
const CARRIED: u64 = 60;
/// The same of an object of the application's.
const CARRIED_BY_OWN: u64 = 75;
/// The same of an envelope around another object of its own kind: a command that carries a message, which is a command.
const CARRIED_OF_KIND: u64 = 85;
/// Classes of a hierarchy that are looked at.
const MOST_CLASSES: usize = 16;
/// Objects that are looked at on the way from a node to what links it with others.
const MOST_ON_WAY: usize = 64;
/// Nodes that one thing links, at least.
const LINKED: usize = 2;

impl Held<'_, '_> {
    /// What has been put into a library's objects that `best` tells.
    pub(super) fn put_in(&self, best: Best<'_>, elements: &ByClass) -> Option<Best<'_>> {
        let of_library = |class: &ClassIndex| {
            let role = self.transparent.role(*class);
            matches!(role, Role::Library | Role::LibraryCollection) && self.name(*class) == best.0
        };
        let mut classes: Vec<ClassIndex> = elements.keys().copied().filter(of_library).collect();
        if classes.is_empty() {
            return None;
        }
        classes.sort_unstable();
        let own = self.own_put_in();
        if let Some(own) = own.filter(|own| own.2 >= self.retained / 5 * 3) {
            return Some(own);
        }
        if let Some(charge) = self.charge(&classes) {
            return Some((charge, best.1, best.2));
        }
        let parts = Parts::new(self, classes)?;
        let outermost = |class| elements.get(class).map_or(0, |amount| amount.objects);
        let outermost: u64 = parts.classes.iter().map(outermost).sum();
        let many = |own: &Best<'_>| own.1 >= FEWEST.max(outermost / 2);
        let of_weight = |own: &Best<'_>| many(own) && own.2.saturating_mul(20) >= self.retained;
        // Small things in small parts: the vertices of a graph in its pairs of maps.
        let are_small = best.2 / best.1.max(1) <= SMALL;
        own.filter(of_weight)
            .or_else(|| parts.carried())
            .or_else(|| parts.linking())
            .or_else(|| parts.in_pages(best))
            .or_else(|| own.filter(|own| are_small && many(own)))
    }

    /// What there is most of that is the application's. What lambdas have captured says more than they do, where it is much of it.
    fn own_put_in(&self) -> Option<Best<'_>> {
        let most = |stops| {
            let found = self.best(&self.elements(self.transparent, stops));
            found.filter(|own| naming::is_owner(own.0))
        };
        let own = most(Stops::OF_APPLICATION)?;
        let captured = naming::is_lambda(own.0).then(|| most(Stops::CAPTURED_OF_APPLICATION));
        let captured = captured.flatten();
        Some(
            captured
                .filter(|captured| captured.2 >= own.2 / 2)
                .unwrap_or(own),
        )
    }

    /// What is in the application's own objects that `best` tells, where those are parts of what has them: nested in its class, and with one
    /// thing of another class each. `ObjectPool$Slot` around a canvas, `EventBus$Subscription` around a listener.
    pub(super) fn put_in_own(&self, best: Best<'_>) -> Option<Best<'_>> {
        let of_best = |class: &ClassIndex| {
            self.transparent.role(*class) == Role::Element && self.name(*class) == best.0
        };
        let mut classes: Vec<ClassIndex> = self.classes().filter(of_best).collect();
        classes.sort_unstable();
        let is_node = |&class: &ClassIndex| own_collection::is_node(self.snapshot, class);
        if classes.iter().all(is_node) {
            return Parts::of_nodes(self, classes)?.carried();
        }
        let (around, _) = best.0.rsplit_once('$')?;
        let parts = Parts::of_own(self, classes, around)?;
        let carried = parts.carried()?;
        let inside = carried.0.strip_prefix(around);
        let nested = inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('$'));
        (!nested).then_some(carried)
    }

    /// The application's class to whose objects those of `classes` refer, each to one of its own.
    fn charge(&self, classes: &[ClassIndex]) -> Option<&str> {
        let is_own = |class| self.transparent.role(class) == Role::Element;
        let charge = field_values::charge(self.snapshot, self.tops, classes, is_own)?;
        Some(&self.snapshot.classes().get(charge).name)
    }
}

/// The parts of a library's structure.
struct Parts<'p, 'h, 'a> {
    held: &'p Held<'h, 'a>,
    classes: Vec<ClassIndex>,
    sample: Vec<ObjectIndex>,
    /// The class of the structure.
    around: ClassIndex,
    /// Part of each, in percent, that one thing keeps which it is there for.
    carried: u64,
}

impl<'p, 'h, 'a> Parts<'p, 'h, 'a> {
    /// Objects of `classes`, if most of them are parts of a structure of their own library's.
    fn new(held: &'p Held<'h, 'a>, classes: Vec<ClassIndex>) -> Option<Self> {
        let sample = field_values::samples(held.snapshot, held.tops, &classes).concat();
        let around = |&part: &ObjectIndex| structure(held, part, &classes);
        let around = most_common(sample.iter().filter_map(around), sample.len())?;
        let names =
            [around, *classes.first()?].map(|class| &held.snapshot.classes().get(class).name);
        is_of_library(names[0], names[1]).then_some(Parts {
            held,
            classes,
            sample,
            around,
            carried: CARRIED,
        })
    }

    /// Objects of `classes`, if they lie below one of the application's class called `around`.
    fn of_own(held: &'p Held<'h, 'a>, classes: Vec<ClassIndex>, around: &str) -> Option<Self> {
        let snapshot = held.snapshot;
        let first = held.tops.iter().next()?.start;
        let up = std::iter::successors(Some(snapshot.at(first).0), |&at| snapshot.dominator(at));
        let mut above = up.take(HIGHEST).map(|above| snapshot.class_of(above));
        let around = above.find(|&class| snapshot.classes().is_a(class, around))?;
        Some(Parts {
            held,
            sample: field_values::samples(snapshot, held.tops, &classes).concat(),
            classes,
            around,
            carried: CARRIED_BY_OWN,
        })
    }

    /// Objects of `classes`, which are the nodes of a chain or a tree of the application's own.
    fn of_nodes(held: &'p Held<'h, 'a>, classes: Vec<ClassIndex>) -> Option<Self> {
        Some(Parts {
            held,
            sample: field_values::samples(held.snapshot, held.tops, &classes).concat(),
            around: *classes.first()?,
            classes,
            carried: CARRIED,
        })
    }

    fn class_name(&self, class: ClassIndex) -> &'p str {
        &self.held.snapshot.classes().get(class).name
    }

    /// The class of the one thing of another package that each part carries, with all of them.
    fn carried(&self) -> Option<Best<'p>> {
        let carried = self.sample.iter().filter_map(|&part| self.carried_by(part));
        let class = most_common(carried, self.sample.len())?;
        let snapshot = self.held.snapshot;
        let found = tally::outermost(snapshot, self.held.tops, |_, position| {
            snapshot.at(position).1 == class
        });
        let &Totals { objects, bytes } = found.get(&class)?;
        Some((self.held.name(class), objects, bytes))
    }

    /// The class of what keeps most of `part`, other parts left out.
    fn carried_by(&self, part: ObjectIndex) -> Option<ClassIndex> {
        let snapshot = self.held.snapshot;
        let mut at = part;
        for _ in 0..DEEPEST {
            let (mut total, mut most) = (snapshot.shallow(at), None);
            for child in snapshot.children(Some(at)).take(MOST_CHILDREN) {
                let bytes = snapshot.retained_by_application(child);
                if !self.classes.contains(&snapshot.class_of(child)) {
                    total = total.saturating_add(bytes);
                    most = most.max(Some((bytes, std::cmp::Reverse(child))));
                }
            }
            let (bytes, std::cmp::Reverse(child)) = most?;
            if bytes < total / 100 * self.carried {
                return None;
            }
            let class = snapshot.class_of(child);
            let name = self.class_name(class);
            match self.held.transparent.role(class) {
                Role::Element | Role::Collection => return Some(class),
                Role::Library if !are_beside(name, self.class_name(self.classes[0])) => {
                    return Some(class);
                }
                Role::Library
                    if bytes >= total / 100 * CARRIED_OF_KIND && self.is_of_kind(class) =>
                {
                    return Some(class);
                }
                Role::Library | Role::LibraryCollection | Role::Transparent | Role::Lambda => {
                    at = child;
                }
                Role::Jdk | Role::Class => return None,
            }
        }
        None
    }

    /// Whether `class` and that of the parts have a super class of a library's in common.
    fn is_of_kind(&self, class: ClassIndex) -> bool {
        let above = |class| self.super_classes(class).skip(1);
        above(class).any(|a| above(self.classes[0]).any(|b| a == b))
    }

    /// `class` and its super classes, without those of the JDK's.
    fn super_classes(&self, class: ClassIndex) -> impl Iterator<Item = ClassIndex> + '_ {
        let classes = self.held.snapshot.classes();
        let up = std::iter::successors(Some(class), |&class| classes.get(class).super_class);
        up.take_while(|&class| !naming::is_jdk(&classes.get(class).name))
            .take(MOST_CLASSES)
    }

    /// What links the parts, where those are the nodes of an index: each thing is in the collections of several nodes and refers to them, as
    /// statements are to the values that they are about. The thing is of a class that is known outside of the index.
    fn linking(&self) -> Option<Best<'p>> {
        let of_structure = |class: ClassIndex| {
            let name = self.class_name(class);
            top_level(name) == top_level(self.class_name(self.around))
        };
        let is_node = |&class: &ClassIndex| {
            of_structure(class) && self.super_classes(class).all(of_structure)
        };
        if !self.classes.iter().all(is_node) {
            return None;
        }
        let snapshot = self.held.snapshot;
        let is_link = |object: &ObjectIndex| {
            let class = snapshot.class_of(*object);
            let known = self.super_classes(class).any(|class| !of_structure(class));
            let ends = snapshot.outgoing(*object).into_iter().take(MOST_ON_WAY);
            let ends = ends.filter_map(|(_, id)| snapshot.find(id));
            let nodes = ends.filter(|&end| self.classes.contains(&snapshot.class_of(end)));
            known
                && self.held.transparent.role(class) == Role::Library
                && nodes.take(LINKED).count() == LINKED
        };
        let links = self.sample.iter().filter_map(|&part| {
            let around = self.around_node(part).into_iter();
            around
                .filter(is_link)
                .map(|link| snapshot.class_of(link))
                .min()
        });
        let class = most_common(links, self.sample.len())?;
        let all = self.held.all_of(class);
        (all.objects >= FEWEST).then(|| (self.held.name(class), all.objects, all.bytes))
    }

    /// The objects of libraries that `part` refers to by way of collections.
    fn around_node(&self, part: ObjectIndex) -> Vec<ObjectIndex> {
        let snapshot = self.held.snapshot;
        let (mut found, mut way) = (Vec::new(), vec![part]);
        let mut next = 0;
        while let Some(&at) = way.get(next) {
            next += 1;
            for (_, id) in snapshot.outgoing(at).into_iter().take(MOST_ON_WAY) {
                let Some(target) = snapshot.find(id).filter(|_| way.len() < MOST_ON_WAY) else {
                    continue;
                };
                match self.held.transparent.role(snapshot.class_of(target)) {
                    Role::Transparent if !way.contains(&target) => way.push(target),
                    Role::Library => found.push(target),
                    _ => {}
                }
            }
        }
        found
    }

    /// What lies in many in each part, where the parts are pages: nested in one class with what has them, as the chunks of a queue are in
    /// the queue, or with pages of other kinds, as the leaves of a tree are with its branches.
    fn in_pages(&self, best: Best<'_>) -> Option<Best<'p>> {
        if !best.0.contains('$') {
            return None;
        }
        let of_one = top_level(best.0) == top_level(self.class_name(self.around));
        let mut nested = of_one;
        let (mut pages, mut of_last_kind) = (self.classes.clone(), None);
        for _ in 0..MOST_KINDS {
            let through = self.held.transparent.passing_on(pages.iter());
            let elements = self.held.elements(&through, Stops::USUAL);
            let inner = self.held.best(&elements);
            let Some(inner) = inner.filter(|inner| naming::is_owner(inner.0)) else {
                break;
            };
            let many = nested
                && inner.1 >= best.1.saturating_mul(IN_PAGE)
                && inner.2 >= self.held.retained / 5 * 3;
            if top_level(inner.0) != top_level(best.0) {
                return many.then_some(inner).or(of_last_kind);
            }
            of_last_kind = Some(inner).filter(|_| many && of_one).or(of_last_kind);
            nested = true;
            let of_kind = elements.into_keys();
            pages.extend(of_kind.filter(|&class| self.held.name(class) == inner.0));
        }
        of_last_kind
    }
}

/// The class in which `class` is nested, or itself.
fn top_level(class: &str) -> &str {
    class.split_once('$').map_or(class, |(outer, _)| outer)
}

/// The class of the library's object above `part` that is no part itself; of what a static field of a library holds, that class.
fn structure(held: &Held<'_, '_>, part: ObjectIndex, parts: &[ClassIndex]) -> Option<ClassIndex> {
    let snapshot = held.snapshot;
    let up = std::iter::successors(Some(part), |&at| snapshot.dominator(at));
    for above in up.skip(1).take(HIGHEST) {
        let class = snapshot.class_of(above);
        if parts.contains(&class) {
            continue;
        }
        match held.transparent.role(class) {
            Role::Library | Role::LibraryCollection => return Some(class),
            Role::Element | Role::Collection | Role::Lambda => return None,
            Role::Class => return snapshot.as_class(above),
            Role::Transparent | Role::Jdk => {}
        }
    }
    None
}

/// The class that is found most, if it is found for four fifths of `asked`.
fn most_common(found: impl Iterator<Item = ClassIndex>, asked: usize) -> Option<ClassIndex> {
    let mut found: Vec<ClassIndex> = found.collect();
    found.sort_unstable();
    let groups = found.chunk_by(|a, b| a == b);
    let most = groups.max_by_key(|group| group.len())?;
    (most.len() * 5 >= asked * 4).then(|| most[0])
}

/// Whether `structure` and `part` are of one library: the first names of their packages are the same.
fn is_of_library(structure: &str, part: &str) -> bool {
    fn library(class: &str) -> impl Iterator<Item = &str> {
        let package = class.rsplit_once('.').map_or("", |(package, _)| package);
        package.split('.').take(2).filter(|name| !name.is_empty())
    }
    library(structure).eq(library(part)) && library(part).next().is_some()
}

/// Whether two classes are next to each other: they share the package, or most of it.
fn are_beside(a: &str, b: &str) -> bool {
    fn package(class: &str) -> &str {
        class.rsplit_once('.').map_or("", |(package, _)| package)
    }
    let (a, b) = (package(a), package(b));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let Some(rest) = long.strip_prefix(short).filter(|_| !short.is_empty()) else {
        return false;
    };
    rest.is_empty() || rest.starts_with('.') && short.split('.').count() >= SHARED_PARTS
}

#[cfg(test)]
mod tests {
    use super::{are_beside, is_of_library};

    #[test]
    fn packages_of_one_library() {
        assert!(is_of_library(
            "org.hsqldb.persist.Store",
            "org.hsqldb.index.NodeAVL"
        ));
        assert!(is_of_library("zmq.YQueue", "zmq.Msg"));
        assert!(!is_of_library("org.hsqldb.Store", "org.quartz.Job"));
        assert!(!is_of_library("Unnamed", "Other"));
    }

    #[test]
    fn classes_beside_each_other() {
        let yes = [
            ("io.vavr.collection.HashMap", "io.vavr.collection.Trie$Node"),
            (
                "org.acme.broker.region.Queue",
                "org.acme.broker.region.cursors.Node",
            ),
        ];
        let no = [
            (
                "org.quartz.simpl.RAMJobStore",
                "org.quartz.impl.JobDetailImpl",
            ),
            ("org.hsqldb.Row", "org.hsqldb.index.NodeAVL"),
            (
                "org.acme.broker.regions.Queue",
                "org.acme.broker.region.Queue",
            ),
            ("Unnamed", "Other"),
        ];
        assert!(yes.iter().all(|(a, b)| are_beside(a, b)));
        assert!(no.iter().all(|(a, b)| !are_beside(a, b)));
    }
}
