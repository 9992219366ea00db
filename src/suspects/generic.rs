//! Classes of the application's own that serve whoever wants them: a cache that was written once and is used for quotas, for countries
//! and for rates, a pool of canvases and of parsers.
//!
//! `LruCache.map` says nothing of what grows, and nobody changes it for one of them; the field that has the large one says it.
//! HPROF has no type parameters. What shows them is that one field holds objects of different classes in different instances of a class,
//! and that different fields have those instances.

use std::sync::Mutex;

use foldhash::{HashMap, HashSet};

use super::application::{Application, Level};
use super::naming;
use crate::heap::{ClassIndex, Instances, Link, ObjectIndex, Snapshot};

/// Objects below a field that are looked at for what was put in.
const LOOKED_AT: usize = 256;
/// Steps from such an object towards its GC root.
const MOST_STEPS: usize = 100;

/// Knows the classes that serve several fields.
#[derive(Default)]
pub(super) struct Generic {
    /// By field, each decided when it lies on a path first.
    known: Mutex<HashMap<(ClassIndex, String), bool>>,
}

impl Generic {
    /// Whether the class of `object` serves several fields of the application's, with things of different classes in `field`.
    pub fn serves_several(
        &self,
        (snapshot, application): (&Snapshot<'_>, &Application),
        instances: &Instances,
        object: ObjectIndex,
        field: &str,
    ) -> bool {
        let class = snapshot.class_of(object);
        let heap = Heap {
            snapshot,
            application,
        };
        // Those of a class that has many do not serve one field each.
        let objects = instances.few_of(class);
        if objects.len() < 2 || !heap.is_own(class) {
            return false;
        }
        let key = (class, field.to_owned());
        // What another thread left half done is still true.
        let mut known = self.known.lock().unwrap_or_else(|known| known.into_inner());
        *known
            .entry(key)
            .or_insert_with(|| heap.differ(class, objects, field))
    }
}

/// The dump, and whose code its classes are.
struct Heap<'h, 'a> {
    snapshot: &'h Snapshot<'a>,
    application: &'h Application,
}

impl Heap<'_, '_> {
    fn is_own(&self, class: ClassIndex) -> bool {
        self.application.level(class) == Level::Application
            && naming::is_owner(&self.snapshot.classes().get(class).name)
    }

    /// Whether what is in `field` of the objects of `class`, and whose those are, differ.
    fn differ(
        &self,
        class: ClassIndex,
        objects: &[(ClassIndex, ObjectIndex)],
        field: &str,
    ) -> bool {
        let snapshot = self.snapshot;
        let name = |class| snapshot.classes().get(class).name.as_str();
        let all = objects.iter().map(|&(_, object)| object);
        let all = all.filter(|&object| snapshot.position(object).is_some());
        let (mut held, mut fields) = (HashSet::default(), HashSet::default());
        for object in all {
            let put_in = snapshot
                .field_object(object, field)
                .and_then(|target| self.put_in(class, target));
            // Constants are the class's own.
            let field = self.field_with(object);
            let field = field.filter(|&(by, _)| !snapshot.classes().is_a(class, name(by)));
            if let Some((put_in, field)) = put_in.zip(field) {
                // Same-named classes of different loaders are one to the reader.
                held.insert(name(put_in));
                fields.insert((name(field.0), field.1));
            }
        }
        held.len() > 1 && fields.len() > 1
    }

    /// The class of what was put into `target`, which an object of `class` has: the first of the application's, or else the first thing.
    fn put_in(&self, class: ClassIndex, target: ObjectIndex) -> Option<ClassIndex> {
        let snapshot = self.snapshot;
        let name = |class| &snapshot.classes().get(class).name;
        let outer = name(class);
        let is_part = |class| {
            let rest = name(class).strip_prefix(outer.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('$'))
        };
        let below = snapshot.positions(target).take(LOOKED_AT);
        let things = below.map(|position| snapshot.at(position));
        let things = things.map(|(_, class)| class).filter(|&class| {
            let name = name(class);
            let is_link = naming::is_transparent(name) || naming::is_lambda(name);
            !is_link && !is_part(class)
        });
        let mut first = None;
        for class in things {
            if self.is_own(class) {
                return Some(class);
            }
            first = first.or(Some(class));
        }
        first
    }

    /// The field of the application's that has `object`, by the class that declares it and the identifier of its name.
    fn field_with(&self, object: ObjectIndex) -> Option<(ClassIndex, u64)> {
        let snapshot = self.snapshot;
        let before = |&at: &ObjectIndex| snapshot.dominators.path_predecessor(at);
        let up = std::iter::successors(Some(object), before).take(MOST_STEPS);
        let mut steps = up.clone().zip(up.skip(1));
        steps.find_map(|(to, from)| match snapshot.link(from, to)? {
            Link::Field {
                declared_by,
                name_id,
            } => self.is_own(declared_by).then_some((declared_by, name_id)),
            Link::Static { class, name_id } => self.is_own(class).then_some((class, name_id)),
            _ => None,
        })
    }
}
