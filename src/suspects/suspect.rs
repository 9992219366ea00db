//! One suspect: who keeps what.

use super::accumulation::of_collection;
use super::content::Content;
use super::holder::{Holder, HolderKind};
use super::naming;
use super::opened::large_fields;
use super::transparent::Transparency;
use super::weight::Weight;
use crate::heap::{ObjectIndex, Runs, Snapshot};

/// Somebody who keeps a lot of memory alive.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Who.
    pub holder: Holder,
    /// How many holders with the same signature were merged.
    pub holders: u64,
    /// What is held.
    pub content: Content,
    /// What would be freed with the holder: one run for each topmost object.
    pub tops: Runs,
    /// The largest of these objects, the largest first.
    pub largest: Vec<ObjectIndex>,
    /// Sum of their retained sizes in bytes.
    pub retained_bytes: u64,
    /// Sum of the objects that they retain.
    pub retained_objects: u64,
    /// Their own shallow sizes in bytes.
    pub shallow_bytes: u64,
    /// Where the largest member splits into many.
    pub accumulation_point: ObjectIndex,
    /// Path from a GC root to the accumulation point.
    pub path: Vec<ObjectIndex>,
    /// Further owners: title, and what would be freed with that owner alone in bytes.
    pub shared_with: Vec<(String, u64)>,
    /// What lies inside, by title and retained size.
    pub inside: Vec<(String, u64)>,
    /// Whether it is made of many objects that were found one by one, not below one object.
    pub grouped: bool,
    /// How the object with the holder's field is held itself: `com.acme.Cache.INSTANCE`.
    pub via: Option<String>,
    /// The library's field below the holder's that what is held lies in.
    pub place: Option<String>,
    /// Who holds the objects whose field the holder is, where they are several.
    pub held_by: Vec<String>,
    /// The collection around what is held.
    pub collection: Option<super::Collection>,
    /// The known pattern it matches.
    pub pattern: Option<super::patterns::Finding>,
}

impl Suspect {
    /// Stable over runs, hosts and dump times.
    pub fn signature(&self) -> String {
        format!(
            "{} holds {}",
            self.holder.signature(),
            naming::stable(&self.content.class)
        )
    }

    /// `title`, the holder's, with the fields that hold the same: clearing one of them frees little.
    pub fn together(&self, title: &str) -> String {
        let mut names = vec![title];
        names.extend(self.fields_of_the_same().map(|(other, _)| other.as_str()));
        match names.as_slice() {
            [one] => (*one).to_owned(),
            [one, two] => format!("{one} and {two} together"),
            [one, two, three] => format!("{one}, {two} and {three} together"),
            [one, two, rest @ ..] => format!("{one}, {two} and {} more together", rest.len()),
            [] => String::new(),
        }
    }

    /// The other fields that hold the same, each with what it alone would free.
    fn fields_of_the_same(&self) -> impl Iterator<Item = &(String, u64)> {
        let alike = |(other, alone): &&(String, u64)| {
            !other.starts_with("thread ") && *alone < self.retained_bytes / 2
        };
        self.shared_with.iter().filter(alike)
    }

    /// Where several fields hold it together: what clearing any one of them frees at most, in bytes.
    pub fn freed_alone(&self, snapshot: &Snapshot<'_>) -> Option<u64> {
        let most = self.fields_of_the_same().map(|&(_, alone)| alone).max()?;
        let target = self.holder.target;
        // The others refer to the same object.
        let is_whole = self.tops.len() == 1 && self.tops.cover(snapshot, target);
        let own = if is_whole {
            0
        } else {
            snapshot.retained_by_application(target)
        };
        Some(most.max(own)).filter(|&alone| alone < self.retained_bytes / 2)
    }

    /// Makes the path lead through the holder's field: it was found another way.
    pub(super) fn lead_through_holder(&mut self, snapshot: &Snapshot<'_>) {
        let (Some(object), target) = (self.holder.object, self.holder.target) else {
            return;
        };
        let at = self.path.iter().position(|&on_path| on_path == target);
        let before = at.and_then(|at| at.checked_sub(1));
        if before.is_some_and(|before| self.path[before] == object) {
            return;
        }
        let mut path = snapshot.path(object);
        match at {
            Some(at) => path.extend(&self.path[at..]),
            None => {
                path.push(target);
                self.accumulation_point = target;
            }
        }
        self.path = path;
    }

    /// Moves the accumulation point from a node or an element to the collection that has it.
    pub(super) fn accumulate_at_collection(&mut self, snapshot: &Snapshot<'_>) {
        let (path, target) = (&self.path, self.holder.target);
        if let Some(at) = of_collection(snapshot, path, target, self.retained_bytes) {
            self.accumulation_point = path[at];
            self.path.truncate(at + 1);
        }
    }

    /// Tells the large fields of the one object that is held, with what is in them.
    pub(super) fn tell_large_fields(
        &mut self,
        snapshot: &Snapshot<'_>,
        transparent: &Transparency,
    ) {
        if self.holders > 1 || self.grouped || self.content.objects > 1 {
            return;
        }
        for field in large_fields(snapshot, transparent, self.holder.target) {
            self.inside.retain(|(known, _)| *known != field.title);
            self.inside.push((field.title + &field.held, field.bytes));
        }
        self.inside
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }

    /// One that is yet to be named, of what lies below `object`.
    pub(super) fn nameless(object: ObjectIndex) -> Suspect {
        Suspect {
            holder: Holder {
                kind: HolderKind::VmInternal,
                class: String::new(),
                field: None,
                thread: None,
                frame: None,
                object: None,
                target: object,
                by_stack: false,
            },
            holders: 1,
            content: Content::default(),
            tops: Runs::default(),
            largest: Vec::new(),
            retained_bytes: 0,
            retained_objects: 0,
            shallow_bytes: 0,
            accumulation_point: object,
            path: Vec::new(),
            shared_with: Vec::new(),
            inside: Vec::new(),
            grouped: false,
            via: None,
            place: None,
            held_by: Vec::new(),
            collection: None,
            pattern: None,
        }
    }

    /// Takes in what the objects at `positions` retain.
    pub(super) fn keep_also(
        &mut self,
        snapshot: &Snapshot<'_>,
        positions: impl Iterator<Item = usize>,
    ) {
        let tops = self.tops.iter().map(|run| run.start).chain(positions);
        self.tops = snapshot.runs_at(tops.collect());
        let weight = Weight::of(snapshot, &self.tops);
        self.retained_bytes = weight.retained_bytes;
        self.retained_objects = weight.retained_objects;
        self.shallow_bytes = weight.shallow_bytes;
        self.largest = weight.largest();
    }
}
