//! Owners where nobody's own code is on the path: a loader of the JVM, native code, the GC root itself.

use super::holder::{Holder, HolderKind};
use super::naming;
use super::owners::Owners;
use crate::heap::{Link, ObjectIndex};
use crate::hprof::RootKind;

impl Owners<'_, '_> {
    /// Whether native code refers to `top`. It does so to loaders and threads as well, which are no more than the way there.
    pub(super) fn is_held_from_outside(&self, top: ObjectIndex) -> bool {
        let snapshot = self.snapshot;
        let kinds = snapshot.roots().kinds.get(&top);
        let class = snapshot.class_of(top);
        let passage = |name| snapshot.classes().is_a(class, name);
        kinds.and_then(|kinds| kinds.first()) == Some(&RootKind::JniGlobal)
            && snapshot.as_class(top).is_none()
            && !passage("java.lang.ClassLoader")
            && !passage("java.lang.Thread")
    }

    pub(super) fn is_built_in_loader(&self, object: ObjectIndex) -> bool {
        naming::is_built_in_loader(&self.snapshot.class(object).name)
    }

    /// Where on `path` the last loader stands that is there as long as the JVM, or 0. What leads to such a loader (the static
    /// field of a library that remembers it, a thread's context) does not own what it has loaded or opened.
    pub(super) fn built_in_loader(&self, path: &[ObjectIndex]) -> usize {
        let loader = |&object: &ObjectIndex| self.is_built_in_loader(object);
        path.iter().rposition(loader).unwrap_or(0)
    }

    /// The loader of the JVM at which `path` begins, by the field through which it holds.
    fn loader_holder(&self, path: &[ObjectIndex]) -> Option<Holder> {
        let snapshot = self.snapshot;
        let loader = path[0];
        if !self.is_built_in_loader(loader) {
            return None;
        }
        let below = path.get(1).copied();
        let field = match below.and_then(|below| snapshot.link(loader, below)) {
            Some(Link::Field { name_id, .. }) => Some(snapshot.name(name_id)),
            _ => None,
        };
        Some(Holder {
            kind: HolderKind::ClassLoader,
            class: snapshot.class(loader).name.clone(),
            field,
            thread: None,
            frame: None,
            object: Some(loader),
            target: below.unwrap_or(loader),
            by_stack: false,
        })
    }

    /// Nothing on the path is of the application or a library: the GC root itself, or the JDK's class nearest to it.
    pub(super) fn root_holder(&self, path: &[ObjectIndex], fallback: Option<Holder>) -> Holder {
        let snapshot = self.snapshot;
        if let Some(holder) = fallback {
            return holder;
        }
        if let Some(holder) = self.loader_holder(path) {
            return holder;
        }
        let top = path[0];
        if let Some(&(class, name_id)) = path
            .iter()
            .rev()
            .find_map(|&object| self.statics.of(object).first())
        {
            return self.field_holder(
                HolderKind::StaticField,
                class,
                name_id,
                snapshot.class_object(class),
                top,
            );
        }
        let kinds = snapshot.roots().kinds.get(&top);
        let kind = match kinds.and_then(|kinds| kinds.first()) {
            Some(RootKind::JniGlobal) => HolderKind::JniGlobal,
            Some(RootKind::MonitorUsed | RootKind::JniMonitor) => HolderKind::Monitor,
            Some(RootKind::ThreadObject) => HolderKind::Thread,
            _ if snapshot
                .classes()
                .is_a(snapshot.class_of(top), "java.lang.ClassLoader") =>
            {
                HolderKind::ClassLoader
            }
            _ => HolderKind::VmInternal,
        };
        let class = match snapshot.as_class(top) {
            Some(class) => snapshot.classes().get(class).name.clone(),
            None => snapshot.class(top).name.clone(),
        };
        let thread = (kind == HolderKind::Thread)
            .then(|| snapshot.thread_name(top))
            .flatten()
            // Virtual threads have no names.
            .filter(|name| !name.is_empty());
        let mut holder = Holder {
            kind,
            class,
            field: None,
            thread,
            frame: None,
            object: Some(top),
            target: top,
            by_stack: false,
        };
        if kind == HolderKind::Thread {
            self.name_by_stack(&mut holder, top);
        }
        holder
    }
}
