//! Finds the owner of what accumulates.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::application::{Application, Level};
use super::copies::Copies;
use super::generic::Generic;
use super::holder::{Holder, HolderKind};
use super::nested::{Nested, Roots};
use super::own_collection::OwnCollections;
use super::passed::{Passed, Rank};
use super::statics::Statics;
use super::{clojure, naming};
use crate::heap::{ClassIndex, Instances, Link, ObjectIndex, Snapshot, Thread};

/// Objects of a class of a library's from which on it serves whoever wants it.
const GENERAL: u64 = 6;

/// Finds owners. Keeps what is needed for that.
pub struct Owners<'s, 'a> {
    pub(super) snapshot: &'s Snapshot<'a>,
    pub(super) statics: Statics,
    class_retained: Vec<u64>,
    /// Classes that several loaders define.
    copies: Copies,
    /// Collections that the application wrote itself.
    pub(super) own: OwnCollections,
    /// What only leads on.
    pub(super) nested: Nested,
    /// Roots of trees of the application's objects.
    roots: Roots,
    /// What serves several fields.
    pub(super) generic: Generic,
    application: Application,
    /// By class, whether a field of it is a place that a developer can go and change; looked up when it is asked for first.
    places: Vec<OnceLock<bool>>,
    /// Objects by class, and those of the classes that somebody wants.
    instances: Instances,
    /// Thread object -> its place in the list of threads.
    threads: FxHashMap<ObjectIndex, usize>,
}

impl<'s, 'a> Owners<'s, 'a> {
    /// Prepares. `class_retained` is [`Snapshot::retained_by_class`].
    pub fn new(
        snapshot: &'s Snapshot<'a>,
        class_retained: Vec<u64>,
        application: Application,
        instances: Instances,
    ) -> Owners<'s, 'a> {
        Owners {
            snapshot,
            statics: Statics::of_application(snapshot, &application),
            copies: Copies::new(snapshot.classes(), &class_retained),
            class_retained,
            own: OwnCollections::default(),
            nested: Nested::new(snapshot),
            roots: Roots::default(),
            generic: Generic::default(),
            application,
            places: vec![OnceLock::new(); snapshot.classes().len()],
            instances,
            threads: snapshot
                .threads()
                .iter()
                .enumerate()
                .map(|(i, thread)| (thread.object, i))
                .collect(),
        }
    }

    pub(super) fn thread(&self, object: ObjectIndex) -> Option<&'s Thread> {
        self.threads
            .get(&object)
            .map(|&i| &self.snapshot.threads()[i])
    }

    /// Whose code each class is.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// The heap.
    pub fn snapshot(&self) -> &'s Snapshot<'a> {
        self.snapshot
    }

    /// Objects by class, and those of the classes that somebody wants.
    pub fn instances(&self) -> &Instances {
        &self.instances
    }

    /// Number of objects of `class`.
    pub(super) fn count_of(&self, class: ClassIndex) -> u64 {
        self.instances.of_class(class).objects
    }

    /// Whether a library has objects of `class` for whatever it needs: there are several of them.
    pub(super) fn is_general(&self, class: ClassIndex) -> bool {
        self.count_of(class) >= GENERAL
    }

    /// Whether objects of `class` are the application's own, no collections.
    pub(super) fn is_own(&self, class: ClassIndex) -> bool {
        self.application.level(class) == Level::Application && self.is_place(class)
    }

    /// [`naming::is_owner`] of the name of `class`.
    fn is_place(&self, class: ClassIndex) -> bool {
        let look_up = || naming::is_owner(&self.snapshot.classes().get(class).name);
        *self.places[class.0 as usize].get_or_init(look_up)
    }

    /// The same for the class called `name`.
    pub(super) fn is_own_name(&self, name: &str) -> bool {
        // A var of Clojure's is called like no class.
        let of_application = self.application.level_of_name(name) == Level::Application;
        (of_application || name.contains('/')) && naming::is_owner(name)
    }

    /// Whether the application's code holds.
    pub fn is_of_application(&self, holder: &Holder) -> bool {
        self.is_own_name(&holder.class)
    }

    /// Whether a library's code holds.
    pub(super) fn is_library(&self, holder: &Holder) -> bool {
        holder.is_application() && !self.is_of_application(holder)
    }

    /// Whether another owner would tell more: code of the JDK's or of a library's holds, or code only runs in the thread that does.
    pub(super) fn is_vague(&self, holder: &Holder) -> bool {
        holder.by_stack || !self.is_of_application(holder)
    }

    /// Static fields by object.
    pub fn statics(&self) -> &Statics {
        &self.statics
    }

    /// Classes that several loaders define.
    pub fn copies(&self) -> &Copies {
        &self.copies
    }

    /// Retained size of each class, by class number.
    pub fn class_retained(&self) -> &[u64] {
        &self.class_retained
    }

    /// The owner of `object`, with the path from the GC root to `object`.
    pub fn find(&self, object: ObjectIndex) -> (Holder, Vec<ObjectIndex>) {
        let path = self.snapshot.path(object);
        (self.owner_on(&path), path)
    }

    /// The owner of the last object of `path`, which begins at a GC root.
    pub(super) fn owner_on(&self, path: &[ObjectIndex]) -> Holder {
        if let Some(holder) = self.hidden_holder(path) {
            return holder;
        }
        let top = self.built_in_loader(path);
        let mut passed = Passed::default();
        for i in (top..path.len()).rev() {
            let var = path
                .get(i + 1)
                .and_then(|&target| clojure::var(self.snapshot, path[i], target));
            if let Some(var) = var {
                return var;
            }
            if let Some(holder) = self.static_holder(path[i]) {
                if self.is_copy(&holder) {
                    passed.take(holder, Rank::OneOfMany);
                } else if !self.is_of_application(&holder) {
                    passed.take(holder, Rank::Library);
                } else {
                    // Constants of an enum are many alike, too, each with a static field of its own.
                    let alike = passed.one_of_many.take().filter(|one: &Holder| {
                        one.object == Some(path[i]) && self.is_constant(path[i], &holder)
                    });
                    let holder = alike.unwrap_or(holder);
                    return self.library_before(passed, holder, path);
                }
            }
            let Some(before) = i.checked_sub(1).filter(|&before| before >= top) else {
                break;
            };
            match self.hop(path, before) {
                Some((mut holder, Rank::Owner)) => {
                    // A thread of a pool that keeps the loader: whose classes it has says what it was to do.
                    if let Some(copy) = passed
                        .one_of_many
                        .take_if(|one| one.kind == HolderKind::StaticField)
                        && holder.kind == HolderKind::Thread
                        && !holder.is_application()
                    {
                        (holder.class, holder.field) = (copy.class, None);
                    }
                    return self.library_before(passed, holder, path);
                }
                Some((holder, rank)) => passed.take(holder, rank),
                None => {}
            }
        }
        // The native code that holds each of many, or a whole map, is their owner.
        let held = self.is_held_from_outside(path[top]);
        let fallback = passed.best().filter(|_| !held);
        self.root_holder(&path[top..], fallback)
    }

    /// Whether `object` is of the class whose static field `holder` is.
    fn is_constant(&self, object: ObjectIndex, holder: &Holder) -> bool {
        let class = self.snapshot.class_of(object);
        let mut chain = self.snapshot.classes().chain(class);
        chain.any(|class| class.name == holder.class)
    }

    /// Whether `holder` is the static field of one of many copies of a class.
    fn is_copy(&self, holder: &Holder) -> bool {
        let class = holder
            .object
            .and_then(|class| self.snapshot.as_class(class));
        class.is_some_and(|class| self.copies.are_many(class))
    }

    /// A static field of a class of the application or a library that refers to `target`.
    pub(super) fn static_holder(&self, target: ObjectIndex) -> Option<Holder> {
        if self.is_built_in_loader(target) {
            return None;
        }
        let (class, name_id) = self.statics.owner(self.snapshot, target)?;
        Some(self.field_holder(
            HolderKind::StaticField,
            class,
            name_id,
            self.snapshot.class_object(class),
            target,
        ))
    }

    pub(super) fn field_holder(
        &self,
        kind: HolderKind,
        class: crate::heap::ClassIndex,
        name_id: u64,
        object: Option<ObjectIndex>,
        target: ObjectIndex,
    ) -> Holder {
        Holder {
            kind,
            class: self.snapshot.classes().get(class).name.clone(),
            field: Some(self.snapshot.name(name_id)),
            thread: None,
            frame: None,
            object,
            target,
            by_stack: false,
        }
    }

    /// The owner that the step from `path[i]` to `path[i + 1]` makes, and whether it is good enough to stop. One that is not
    /// is kept in case nothing better comes.
    fn hop(&self, path: &[ObjectIndex], i: usize) -> Option<(Holder, Rank)> {
        let (from, to) = (path[i], path[i + 1]);
        let snapshot = self.snapshot;
        if snapshot
            .classes()
            .is_a(snapshot.class_of(from), "java.lang.Thread")
        {
            return Some((self.thread_holder(path, i), Rank::Owner));
        }
        if snapshot.as_class(from).is_some() {
            return match snapshot.link(from, to)? {
                // What HotSpot makes up is nobody's field.
                Link::Static { name_id, .. } if snapshot.name(name_id).starts_with('<') => None,
                Link::Static { class, name_id } => Some((
                    self.field_holder(HolderKind::StaticField, class, name_id, Some(from), to),
                    match self.copies.are_many(class) {
                        true => Rank::OneOfMany,
                        false => Rank::Owner,
                    },
                )),
                _ => None,
            };
        }
        let class = snapshot.class_of(from);
        if !self.is_place(class) {
            return None;
        }
        let own = self.is_own(class);
        match snapshot.link(from, to)? {
            Link::Field {
                declared_by,
                name_id,
            } => {
                if own && !self.is_own(declared_by) || !self.is_place(declared_by) {
                    // A subclass of the application's or a library's of a collection is a collection: who holds it is the owner.
                    let mut holder = self.field_holder(
                        HolderKind::InstanceField,
                        declared_by,
                        name_id,
                        Some(from),
                        to,
                    );
                    holder.class.clone_from(&snapshot.classes().get(class).name);
                    return Some((holder, Rank::Leads));
                }
                let rank = match self.rank(from, &snapshot.name(name_id)) {
                    rank if own => rank,
                    Rank::Owner if !self.is_general(class) => Rank::Library,
                    Rank::Owner => Rank::General,
                    _ => Rank::Leads,
                };
                let kind = HolderKind::InstanceField;
                let holder = self.field_holder(kind, declared_by, name_id, Some(from), to);
                Some((holder, rank))
            }
            _ => None,
        }
    }

    /// Whether `from` is but one of many alike objects, which somebody else holds together.
    pub(super) fn is_one_of_many(&self, from: ObjectIndex, field: &str) -> bool {
        matches!(self.rank(from, field), Rank::OneOfMany | Rank::Leads)
    }

    /// How good an owner the field `field` of the object `from` of a class of the application or a library is.
    fn rank(&self, from: ObjectIndex, field: &str) -> Rank {
        if self.own.is_transparent(self.snapshot, from) {
            return Rank::Transparent;
        }
        let class = self.snapshot.class_of(from);
        // Of a lambda, and of a wrapper that serves everybody, the field that refers to it says more.
        let captures = naming::is_capture(field) || clojure::is_function(self.snapshot, class);
        let several = || {
            let heap = (self.snapshot, &self.application);
            self.generic
                .serves_several(heap, &self.instances, from, field)
        };
        if captures || self.nested.is_wrapper(class) || several() {
            return Rank::Leads;
        }
        let alone = || self.class_retained.get(class.0 as usize).copied();
        let of_class = self.copies.retained(class).or_else(alone);
        let twice = self.snapshot.retained(from).saturating_mul(2);
        let is_root = || self.roots.has(self.snapshot, from, self.count_of(class));
        match twice >= of_class.unwrap_or(0) && !is_root() {
            true => Rank::Owner,
            false => Rank::OneOfMany,
        }
    }
}
