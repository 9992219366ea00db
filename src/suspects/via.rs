//! Which of many: where the object is whose field holds. `ReplaySubject.buffer` says what, `com.acme.QuoteFeed.history` says whose.

use rustc_hash::FxHashMap;

use super::holder::{Holder, HolderKind};
use super::owners::Owners;
use super::parts::Part;
use super::{clojure, naming};
use crate::heap::{Link, ObjectIndex};

/// Holders of one suspect that are asked whose they are.
const SAMPLE: usize = 20;
/// Holders beyond which nobody asks whether they are different things.
const MOST_HOLDERS: usize = 200;
/// Different things that one field may hold, at most.
const MOST_APART: usize = 5;

impl Owners<'_, '_> {
    /// How the object whose field `holder` is can be found: the nearest field of the application or a library above it, and the static field or
    /// thread above that.
    pub fn via(&self, holder: &Holder) -> Option<String> {
        match self.above(holder) {
            (Some(nearest), Some(above)) => Some(format!("{nearest}, in {above}")),
            (nearest, above) => nearest.or(above),
        }
    }

    /// The nearest field above several holders, if it is the same for all of them.
    pub(super) fn via_of_all(&self, parts: &[Part]) -> Option<String> {
        let step = parts.len().div_ceil(SAMPLE).max(1);
        let mut sample = parts.iter().step_by(step);
        let first = self.above(&sample.next()?.holder).0?;
        let same = |part: &Part| self.above(&part.holder).0.as_ref() == Some(&first);
        sample.all(same).then_some(first)
    }

    /// Parts of the same field of different things: a buffer of a library's, of which two are kept by two fields of the
    /// application's. Each of these must be large enough to be a suspect of its own.
    pub(super) fn apart(&self, parts: Vec<Part>, floor: u64) -> Vec<Vec<Part>> {
        let mut objects: Vec<Option<ObjectIndex>> =
            parts.iter().map(|part| part.holder.object).collect();
        objects.sort_unstable();
        objects.dedup();
        let few = (2..=MOST_HOLDERS).contains(&objects.len());
        if !few || parts[0].holder.kind != HolderKind::InstanceField {
            return vec![parts];
        }
        let mut known: FxHashMap<Option<ObjectIndex>, usize> = FxHashMap::default();
        let mut fields: Vec<(Option<String>, u64)> = Vec::new();
        for part in &parts {
            let place = *known.entry(part.holder.object).or_insert_with(|| {
                let nearest = self.above(&part.holder).0;
                let place = fields.iter().position(|(field, _)| *field == nearest);
                place.unwrap_or_else(|| {
                    fields.push((nearest, 0));
                    fields.len() - 1
                })
            });
            let bytes = &mut fields[place].1;
            *bytes = bytes.saturating_add(part.bytes(self.snapshot));
        }
        let large = fields.iter().all(|&(_, bytes)| bytes >= floor);
        if !large || !(2..=MOST_APART).contains(&fields.len()) {
            return vec![parts];
        }
        let mut apart: Vec<Vec<Part>> = fields.iter().map(|_| Vec::new()).collect();
        for part in parts {
            apart[known[&part.holder.object]].push(part);
        }
        apart
    }

    /// The nearest field of the application or a library above the object whose field `holder` is, and the static field or thread above that.
    fn above(&self, holder: &Holder) -> (Option<String>, Option<String>) {
        let Some(object) = holder
            .object
            .filter(|_| holder.kind == HolderKind::InstanceField)
        else {
            return (None, None);
        };
        let path = self.snapshot.path(object);
        let path = &path[self.built_in_loader(&path)..];
        let mut nearest: Option<String> = None;
        let above = path.iter().enumerate().rev().find_map(|(i, &target)| {
            if let Some(above) = self.static_holder(target) {
                return Some(above.title());
            }
            let from = *path.get(i.checked_sub(1)?)?;
            if let Some(var) = clojure::var(self.snapshot, from, target) {
                return Some(var.title());
            }
            if nearest.is_none() {
                nearest = self.own_field(from, target, &holder.class);
            }
            let class = self.snapshot.class_of(from);
            let classes = self.snapshot.classes();
            let is_thread = classes.is_a(class, "java.lang.Thread")
                && !naming::is_reference_thread(&classes.get(class).name);
            is_thread.then(|| in_thread(&self.thread_holder(path, i - 1)))
        });
        let held = self.is_held_from_outside(path[0]);
        let global = || format!("JNI global {}", self.snapshot.class(path[0]).name);
        (nearest, above.or_else(|| held.then(global)))
    }

    /// The field of the application or a library by which `from` refers to `to`; not of what only leads on, nor of the class around or in `holder`.
    fn own_field(&self, from: ObjectIndex, to: ObjectIndex, holder: &str) -> Option<String> {
        let Link::Field {
            declared_by,
            name_id,
        } = self.snapshot.link(from, to)?
        else {
            return None;
        };
        let class = &self.snapshot.classes().get(declared_by).name;
        let field = self.snapshot.name(name_id);
        let own = self.is_own(declared_by)
            && outer(class) != outer(holder)
            && !naming::is_capture(&field)
            && !self.own.is_transparent(self.snapshot, from);
        own.then(|| format!("{class}.{field}"))
    }
}

/// A thread as what something is in: one without a name goes by the code that it runs.
fn in_thread(holder: &Holder) -> String {
    match (holder.kind, &holder.thread, &holder.frame) {
        (HolderKind::Thread, None, Some(frame)) => format!("a thread at {frame}"),
        _ => holder.title(),
    }
}

/// The top-level class of `class`.
fn outer(class: &str) -> &str {
    class.split_once('$').map_or(class, |(outer, _)| outer)
}
