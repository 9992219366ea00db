//! A library's field that a path has met: whether it is a better owner than what comes behind it.

use super::holder::Holder;
use super::owners::Owners;
use super::passed::Passed;
use crate::heap::{Link, ObjectIndex};

/// Library objects between the application's field and the library's that holds, where the former is not the only way there.
const NEAR: usize = 1;

/// Fields of one object that are looked at.
const MOST_FIELDS: usize = 256;

impl Owners<'_, '_> {
    /// `holder`, or the library's field that the path has met before it: a thread that runs no code of the application's, and a field
    /// of the application's far from what the library keeps for others as well (a logger, a connection), say less.
    pub(super) fn library_before(
        &self,
        passed: Passed,
        holder: Holder,
        path: &[ObjectIndex],
    ) -> Holder {
        let Some(library) = passed.library.or(passed.general) else {
            return holder;
        };
        let of_application = self.is_of_application(&holder) && !holder.by_stack;
        let at = |object| path.iter().position(|&on_path| on_path == object);
        let distance = |holder: &Holder| {
            let (from, to) = at(holder.target).zip(library.object.and_then(at))?;
            Some((from <= to, to.saturating_sub(from)))
        };
        // The library's thread works with an object of the application's: copies of that, which keep nothing, make it one of many.
        if !of_application
            && let Some(own) = passed.one_of_many
            && self.is_of_application(&own)
            && distance(&own).is_some_and(|(above, steps)| above && steps <= NEAR)
        {
            return own;
        }
        let near = distance(&holder).is_some_and(|(_, steps)| steps <= NEAR);
        let last = path.last().copied();
        let keeps = |object| last.is_some_and(|last| self.snapshot.dominates(object, last));
        if of_application && (near || keeps(holder.target)) {
            return holder;
        }
        // Two fields of one object of the application's, and nothing else, lead to what the library keeps.
        match of_application && holder.object.is_some_and(keeps) {
            true => self.nearest_field(holder, path),
            false => library,
        }
    }

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
