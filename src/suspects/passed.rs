//! What the way from an object towards its GC root meets, and how good an owner each of it is.

use super::holder::{Holder, Owners};
use crate::heap::{Link, ObjectIndex};

/// How good an owner is.
pub(super) enum Rank {
    /// Good enough to stop.
    Owner,
    /// A field of one of many alike objects, which somebody else holds together.
    OneOfMany,
    /// A library's field: the application's field that holds the library's object is nearer to what can be changed.
    Library,
    /// A field of a class of a library's that serves whoever wants it: a map of its own.
    General,
    /// A field of an object that only passes on: a lambda, a wrapper, one of many of a library's.
    Leads,
    /// A field of a collection, which somebody else holds.
    Transparent,
}

/// Library objects between the application's field and the library's that holds, where the former is not the only way there.
const NEAR: usize = 1;

/// Fields of one object that are looked at.
const MOST_FIELDS: usize = 256;

/// What a path has met that is no owner good enough to stop.
#[derive(Default)]
pub(super) struct Passed {
    pub one_of_many: Option<Holder>,
    library: Option<Holder>,
    general: Option<Holder>,
    leads: Option<Holder>,
    transparent: Option<Holder>,
}

impl Passed {
    /// Keeps `holder` in case nothing better comes.
    pub fn take(&mut self, holder: Holder, rank: Rank) {
        let place = match rank {
            Rank::Library => &mut self.library,
            Rank::General => &mut self.general,
            Rank::Leads => &mut self.leads,
            // Of a collection its own field, not that of the innermost node.
            Rank::Transparent => return self.transparent = Some(holder),
            Rank::OneOfMany | Rank::Owner => &mut self.one_of_many,
        };
        place.get_or_insert(holder);
    }

    /// The best of what was met.
    pub fn best(self) -> Option<Holder> {
        let fields = self.one_of_many.or(self.library).or(self.general);
        fields.or(self.leads).or(self.transparent)
    }

    /// `holder`, or the library's field that the path has met before it: a thread that runs no code of the application's, and a field
    /// of the application's far from what the library keeps for others as well (a logger, a connection), say less.
    pub fn library_before(
        self,
        owners: &Owners<'_, '_>,
        holder: Holder,
        path: &[ObjectIndex],
    ) -> Holder {
        let Some(library) = self.library.or(self.general) else {
            return holder;
        };
        let of_application = owners.is_of_application(&holder) && !holder.by_stack;
        let at = |object| path.iter().position(|&on_path| on_path == object);
        let distance = |holder: &Holder| {
            let (from, to) = at(holder.target).zip(library.object.and_then(at))?;
            Some((from <= to, to.saturating_sub(from)))
        };
        // The library's thread works with an object of the application's: copies of that, which keep nothing, make it one of many.
        if !of_application
            && let Some(own) = self.one_of_many
            && owners.is_of_application(&own)
            && distance(&own).is_some_and(|(above, steps)| above && steps <= NEAR)
        {
            return own;
        }
        let near = distance(&holder).is_some_and(|(_, steps)| steps <= NEAR);
        let last = path.last().copied();
        let keeps = |object| last.is_some_and(|last| owners.snapshot.dominates(object, last));
        if of_application && (near || keeps(holder.target)) {
            return holder;
        }
        // Two fields of one object of the application's, and nothing else, lead to what the library keeps.
        match of_application && holder.object.is_some_and(keeps) {
            true => owners.nearest_field(holder, path),
            false => library,
        }
    }
}

impl Owners<'_, '_> {
    /// `holder`, or the field of the same object that refers to what lies furthest down on `path`.
    fn nearest_field(&self, holder: Holder, path: &[ObjectIndex]) -> Holder {
        let snapshot = self.snapshot;
        let Some(object) = holder.object else {
            return holder;
        };
        let fields = snapshot.outgoing(object).into_iter().take(MOST_FIELDS);
        let on_path = fields.filter_map(|(link, id)| {
            let (class, name_id) = match link {
                Link::Field {
                    declared_by,
                    name_id,
                } => (declared_by, name_id),
                Link::Static { class, name_id } => (class, name_id),
                _ => return None,
            };
            let target = snapshot.find(id).filter(|_| self.is_own(class))?;
            let at = path.iter().position(|&object| object == target)?;
            Some((at, class, name_id, target))
        });
        match on_path.max_by_key(|&(at, ..)| at) {
            Some((_, class, name_id, target)) if target != holder.target => {
                self.field_holder(holder.kind, class, name_id, Some(object), target)
            }
            _ => holder,
        }
    }
}
