//! What objects keep, by the fields that refer to it.

use foldhash::HashMap;
use rayon::prelude::*;

use crate::heap::{ClassIndex, Link, ObjectIndex, Runs, Snapshot};

/// References of one object that are read.
const MOST_LINKS: usize = 256;

/// A field, by the class that declares it and the identifier of its name.
pub(super) type Field = (ClassIndex, u64);

/// What the objects with one field keep by it.
#[derive(Default)]
pub(super) struct Kept {
    /// The objects with the field, each once for each thing that it keeps.
    pub sources: Vec<ObjectIndex>,
    /// What the field refers to and its object keeps alone.
    pub targets: Vec<ObjectIndex>,
    pub bytes: u64,
}

impl Kept {
    /// Number of objects with the field.
    pub fn different_sources(&self) -> u64 {
        let mut sources = self.sources.clone();
        sources.sort_unstable();
        sources.dedup();
        sources.len() as u64
    }

    /// What lies below the field.
    pub fn tops(&self, snapshot: &Snapshot<'_>) -> Runs {
        snapshot.runs(&self.targets)
    }
}

/// The fields of `objects` with what each keeps. An element of an array or a local variable is no field.
pub(super) fn fields(snapshot: &Snapshot<'_>, objects: &[ObjectIndex]) -> HashMap<Field, Kept> {
    let kept = |&object: &ObjectIndex| {
        let mut links = snapshot.outgoing(object);
        links.truncate(MOST_LINKS);
        let own = move |(link, id)| {
            let Link::Field {
                declared_by,
                name_id,
            } = link
            else {
                return None;
            };
            let target = snapshot.find(id)?;
            let alone = snapshot.dominator(target) == Some(object);
            alone.then_some(((declared_by, name_id), object, target))
        };
        links.into_iter().filter_map(own)
    };
    let all: Vec<(Field, ObjectIndex, ObjectIndex)> =
        objects.par_iter().flat_map_iter(kept).collect();
    let mut found: HashMap<Field, Kept> = HashMap::default();
    for (field, source, target) in all {
        let of_field = found.entry(field).or_default();
        of_field.sources.push(source);
        of_field.targets.push(target);
        of_field.bytes = of_field
            .bytes
            .saturating_add(snapshot.retained_by_application(target));
    }
    found
}
