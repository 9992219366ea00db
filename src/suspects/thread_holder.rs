//! Owners that are threads: local variables, fields of the thread, `ThreadLocal`s; and those that no path shows.

use std::collections::BTreeMap;

use super::holder::{Holder, HolderKind};
use super::naming;
use super::owners::Owners;
use super::statics::StaticField;
use crate::graph::Strength;
use crate::heap::{ClassIndex, Link, ObjectIndex, Snapshot, StackFrame, Thread};

/// Keys of a map of thread-locals that are looked at.
const KEYS: usize = 50;
/// Frames that have the same local variable which are looked at.
const FRAMES: usize = 1_000;
/// What a class object keeps the values of all `ClassValue`s in.
pub const CLASS_VALUES: &str = "java.lang.ClassValue$ClassValueMap";

/// The frame to name where `object` is a local variable of `thread`: the topmost that has it of a class for which `own` holds, since the
/// code above only works for that one; else the topmost.
pub fn frame_of_local(
    snapshot: &Snapshot<'_>,
    thread: &Thread,
    object: ObjectIndex,
    own: impl Fn(&str) -> bool,
) -> Option<StackFrame> {
    let mut top = None;
    for frame in snapshot.frames_with(thread, object).take(FRAMES) {
        if own(&frame.class) {
            return Some(frame);
        }
        top.get_or_insert(frame);
    }
    top
}

impl Owners<'_, '_> {
    /// The thread at `path[i]` holds what comes after.
    pub(super) fn thread_holder(&self, path: &[ObjectIndex], i: usize) -> Holder {
        let snapshot = self.snapshot;
        let (thread, to) = (path[i], path[i + 1]);
        // Virtual threads have no names.
        let name = snapshot.thread_name(thread).filter(|name| !name.is_empty());
        let mut holder = Holder {
            kind: HolderKind::Thread,
            class: snapshot.class(thread).name.clone(),
            field: None,
            thread: name,
            frame: None,
            object: Some(thread),
            target: to,
            by_stack: false,
        };
        match snapshot.link(thread, to) {
            Some(Link::Local { .. }) => {
                self.set_frame(&mut holder, thread);
                // The task is a local variable of its own code as well: by which of both it is reached is chance.
                if self.task(thread) == Some(to) && self.is_own(snapshot.class_of(to)) {
                    self.set_work(&mut holder, &path[i + 1..]);
                }
            }
            Some(Link::Field { name_id, .. }) => {
                let field = snapshot.name(name_id);
                let is_map = field.ends_with("hreadLocals");
                if is_map {
                    self.set_thread_local(&mut holder, &path[i + 1..]);
                } else {
                    self.set_fast_thread_local(&mut holder, &path[i + 1..]);
                }
                if !is_map && holder.kind == HolderKind::Thread {
                    holder.field = Some(field);
                    if !self.is_own_name(&holder.class) {
                        self.set_work(&mut holder, &path[i + 1..]);
                    }
                }
            }
            _ => {}
        }
        if !self.is_own_name(&holder.class) && holder.kind == HolderKind::Thread {
            self.name_by_stack(&mut holder, thread);
        }
        holder.by_stack |= naming::is_reference_thread(&snapshot.class(thread).name);
        holder
    }

    /// What the thread was made to run.
    fn task(&self, thread: ObjectIndex) -> Option<ObjectIndex> {
        let [target, fields] = self.snapshot.field_objects(thread, ["target", "holder"]);
        target.or_else(|| self.snapshot.field_object(fields?, "task"))
    }

    /// What the thread works on: the first of the application or a library on the path `below` it that keeps most of it, and the field that does
    /// so. What is small only lies on the way.
    fn set_work(&self, holder: &mut Holder, below: &[ObjectIndex]) {
        let snapshot = self.snapshot;
        let least = snapshot.retained(holder.target).div_ceil(2);
        let most = |object: ObjectIndex| snapshot.retained(object) >= least;
        let is_own = |object: ObjectIndex| self.is_own(snapshot.class_of(object));
        let is_owner = |object: ObjectIndex| naming::is_owner(&snapshot.class(object).name);
        let all = below.iter().take_while(|&&object| most(object));
        let found = all.clone().position(|&object| is_own(object));
        let Some(at) = found.or_else(|| all.clone().position(|&object| is_owner(object))) else {
            return;
        };
        holder.class.clone_from(&snapshot.class(below[at]).name);
        // The thread's own field is none of that class.
        holder.field = None;
        let Some(&next) = all.clone().nth(at + 1) else {
            return;
        };
        if let Some(Link::Field { name_id, .. }) = snapshot.link(below[at], next) {
            let field = snapshot.name(name_id);
            if !naming::is_capture(&field) {
                holder.field = Some(field);
                // A buffer is part of the work; collections and objects of the application or a library are named for what they are.
                let class = &snapshot.class(next).name;
                holder.target = match naming::is_transparent(class) || naming::is_owner(class) {
                    true => next,
                    false => below[at],
                };
            }
        }
    }

    /// A local variable: the frame names the code.
    fn set_frame(&self, holder: &mut Holder, thread: ObjectIndex) {
        let known = self.thread(thread);
        let frame = known.and_then(|known| {
            let (snapshot, target) = (self.snapshot, holder.target);
            let own = |class: &str| self.is_own_name(class);
            let found = frame_of_local(snapshot, known, target, own);
            found
                .filter(|frame| own(&frame.class))
                .or_else(|| frame_of_local(snapshot, known, target, naming::is_owner))
        });
        let Some(frame) = frame else {
            return;
        };
        holder.frame = Some(frame.to_string());
        holder.class = frame.class;
    }

    /// A `ThreadLocal`: its key says which, the field that refers to the key where it is declared. `below` starts at the
    /// `ThreadLocalMap`.
    fn set_thread_local(&self, holder: &mut Holder, below: &[ObjectIndex]) {
        let snapshot = self.snapshot;
        let entry = below.iter().position(|&object| {
            snapshot.class(object).name == "java.lang.ThreadLocal$ThreadLocalMap$Entry"
        });
        let Some(entry) = entry else {
            return self.set_many_thread_locals(holder, below);
        };
        holder.kind = HolderKind::ThreadLocal;
        if let Some(&value) = below.get(entry + 1) {
            holder.target = value;
        }
        let Some(key) = snapshot.field_object(below[entry], "referent") else {
            holder.class = "java.lang.ThreadLocal".to_owned();
            holder.field = Some("(key was collected)".to_owned());
            return;
        };
        holder.class = snapshot.class(key).name.clone();
        if let Some((class, name_id)) = self.declared(key) {
            holder.class = snapshot.classes().get(class).name.clone();
            holder.field = Some(snapshot.name(name_id));
        }
        // In threads that are not Netty's its map is the value of a plain one.
        self.set_fast_thread_local(holder, &below[entry + 1..]);
    }

    /// Many small entries of one map: a field that declares most of their keys is what holds them.
    fn set_many_thread_locals(&self, holder: &mut Holder, below: &[ObjectIndex]) {
        let snapshot = self.snapshot;
        let table = below
            .first()
            .and_then(|&map| snapshot.field_object(map, "table"));
        let Some(table) = table else { return };
        let entries: Vec<ObjectIndex> = snapshot.elements(table).into_iter().flatten().collect();
        let step = entries.len().div_ceil(KEYS).max(1);
        let mut found: BTreeMap<StaticField, usize> = BTreeMap::new();
        let mut seen = 0;
        for &entry in entries.iter().step_by(step) {
            seen += 1;
            let key = snapshot.field_object(entry, "referent");
            if let Some(field) = key.and_then(|key| self.declared(key)) {
                *found.entry(field).or_default() += 1;
            }
        }
        let most = found.into_iter().max_by_key(|&(_, times)| times);
        if let Some(((class, name_id), _)) = most.filter(|&(_, times)| times * 2 > seen) {
            holder.kind = HolderKind::ThreadLocal;
            holder.class = snapshot.classes().get(class).name.clone();
            holder.field = Some(snapshot.name(name_id));
        }
    }

    /// The field that declares a `ThreadLocal` or `ClassValue`: a static one, or that of the object which it belongs to.
    pub(super) fn declared(&self, key: ObjectIndex) -> Option<StaticField> {
        self.statics
            .owner(self.snapshot, key)
            .or_else(|| self.declared_in_instance(key))
            .or_else(|| self.statics.of(key).first().copied())
    }

    /// The field of the application or a library through which `key` is reached: a `ThreadLocal` that is no static belongs to an object.
    /// The threads' entries only refer to it weakly, so the path to it leads through its owner.
    fn declared_in_instance(&self, key: ObjectIndex) -> Option<StaticField> {
        let snapshot = self.snapshot;
        let path = snapshot.path(key);
        let nearest = |own: &dyn Fn(ClassIndex) -> bool| {
            path.windows(2)
                .rev()
                .find_map(|step| match snapshot.link(step[0], step[1])? {
                    Link::Field {
                        declared_by,
                        name_id,
                    } => own(declared_by).then_some((declared_by, name_id)),
                    Link::Static { class, name_id } => own(class).then_some((class, name_id)),
                    _ => None,
                })
        };
        let is_owner = |class| naming::is_owner(&snapshot.classes().get(class).name);
        nearest(&|class| self.is_own(class)).or_else(|| nearest(&is_owner))
    }

    /// The owner where no strong path leads from a root to what accumulates: the queue of finalizers, or a `ClassValue`, whose
    /// values hang on class objects by a field that dumps do not show.
    pub(super) fn hidden_holder(&self, path: &[ObjectIndex]) -> Option<Holder> {
        let snapshot = self.snapshot;
        let top = *path.first()?;
        let holder = |class: &str, field: &str, target| Holder {
            kind: HolderKind::VmInternal,
            class: class.to_owned(),
            field: Some(field.to_owned()),
            thread: None,
            frame: None,
            object: None,
            target,
            by_stack: false,
        };
        if snapshot.strength(top) == Strength::Final {
            return Some(holder("java.lang.ref.Finalizer", "queue", top));
        }
        if snapshot.class(top).name != CLASS_VALUES {
            return None;
        }
        let entry = path
            .iter()
            .find(|&&object| snapshot.class(object).name == "java.lang.ClassValue$Entry");
        let declared = entry.and_then(|&entry| {
            // Since JDK 25 a field of its own refers to the version weakly; before, the entry itself was the weak reference.
            let weak = snapshot.field_object(entry, "version").unwrap_or(entry);
            let version = snapshot.field_object(weak, "referent")?;
            self.declared(snapshot.field_object(version, "classValue")?)
        });
        let target = entry.copied().unwrap_or(top);
        Some(match declared {
            Some((class, name_id)) => {
                self.field_holder(HolderKind::StaticField, class, name_id, None, target)
            }
            None => holder("java.lang.Class", "classValueMap", target),
        })
    }
}
