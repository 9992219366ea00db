//! What passes on what it holds: for every class whether its objects are things that somebody keeps, or only hold such things.

use super::application::Level;
use super::naming;
use super::owners::Owners;
use crate::heap::{ClassIndex, Snapshot};
use crate::hprof::{FieldType, InstanceField};

/// Super classes of collections: a subclass of the application's or a library's of one is a collection as well.
const COLLECTIONS: &[&str] = &[
    "java.util.AbstractMap",
    "java.util.AbstractCollection",
    "java.util.Dictionary",
];

/// The super class of proxies: generated classes in the application's packages, around a handler.
const PROXY: &str = "java.lang.reflect.Proxy";

/// What a class is to what it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The application's own, or a value: an element.
    Element,
    /// A library's: an element where it is one of many, unless something of the application's lies below it.
    Library,
    /// The JDK's, such as an `Optional` or an MBean server: an element where it is one of many, unless something of the application or a library lies below it.
    Jdk,
    /// A lambda: transparent where it holds most, an element where it is one of many, unless what it captured is of the application or a library.
    Lambda,
    /// A subclass of the application's or a library's of a collection or of another class of the JDK's that keeps things, a wrapper, a local class, an exception
    /// with others that it suppressed: transparent where it holds most, an element where it is one of many.
    Collection,
    /// The same of a library's, unless something of the application's lies below it.
    LibraryCollection,
    /// A class object: transparent unless nothing else is held.
    Class,
    /// Transparency.
    Transparent,
}

/// Classes of the JDK whose subclasses are things of their own, whatever the JDK keeps in them.
const NO_KEEPERS: &[&str] = &[
    "java.lang.Thread",
    "java.lang.ClassLoader",
    "java.lang.Enum",
    "java.lang.Record",
    "java.lang.ref.Reference",
];

/// Of every class whether it extends one of the JDK's that has references: an executor, a future, the model of a list. Super classes
/// first: chains of them may be long.
fn extend_keepers(snapshot: &Snapshot<'_>) -> Vec<bool> {
    let classes = snapshot.classes();
    let is_reference = |field: &InstanceField| field.kind == FieldType::Object;
    let mut keepers = vec![false; classes.len()];
    let mut things = vec![false; classes.len()];
    for index in classes.super_classes_first() {
        let class = classes.get(ClassIndex(index));
        let of_super = |known: &[bool]| {
            class
                .super_class
                .is_some_and(|above| known[above.0 as usize])
        };
        let (keeper, thing) = (of_super(&keepers), of_super(&things));
        let here = class.dump.fields.iter().any(is_reference) && naming::is_jdk(&class.name);
        things[index as usize] = thing || NO_KEEPERS.contains(&class.name.as_str());
        keepers[index as usize] = !things[index as usize] && (keeper || here);
    }
    keepers
}

/// Decides for every class once whether it is transparent.
pub struct Transparency(Vec<Role>);

impl Transparency {
    /// For all classes of `snapshot`, with the collections of the application's own among them.
    pub(super) fn new(owners: &Owners<'_, '_>) -> Transparency {
        let (snapshot, own, nested) = (owners.snapshot, &owners.own, &owners.nested);
        let classes = snapshot.classes();
        let keepers = extend_keepers(snapshot);
        let role = |(index, class): (ClassIndex, &crate::heap::Class)| {
            let passes_on = || {
                COLLECTIONS.iter().any(|above| classes.is_a(index, above))
                    || nested.is_wrapper(index)
                    || nested.is_closure(index)
                    || keepers[index.0 as usize]
            };
            let collection = || match owners.application().level(index) {
                Level::Application => Role::Collection,
                _ => Role::LibraryCollection,
            };
            if class.name == "java.lang.Class" {
                Role::Class
            } else if naming::is_transparent(&class.name) {
                Role::Transparent
            } else if classes.is_a(index, "java.lang.Throwable") {
                Role::Collection
            } else if classes.is_a(index, PROXY) {
                Role::LibraryCollection
            } else if naming::is_jdk(&class.name) {
                Role::Jdk
            } else if nested.is_closure(index) && naming::is_lambda(&class.name) {
                Role::Lambda
            } else if passes_on() {
                collection()
            } else if owners.application().level(index) != Level::Application {
                Role::Library
            } else {
                Role::Element
            }
        };
        let mut roles: Vec<Role> = classes.iter().map(role).collect();
        for (class, is_part) in own.classes(snapshot) {
            roles[class.0 as usize] = match (is_part, owners.application().level(class)) {
                (true, _) => Role::Transparent,
                (false, Level::Application) => Role::Collection,
                (false, _) => Role::LibraryCollection,
            };
        }
        Transparency(roles)
    }

    /// The same, with `classes` as transparent.
    pub(super) fn passing_on<'c>(
        &self,
        classes: impl Iterator<Item = &'c ClassIndex>,
    ) -> Transparency {
        let mut roles = self.0.clone();
        classes.for_each(|class| roles[class.0 as usize] = Role::Transparent);
        Transparency(roles)
    }

    /// What objects of `class` are to what they hold.
    pub(super) fn role(&self, class: ClassIndex) -> Role {
        self.0[class.0 as usize]
    }
}
