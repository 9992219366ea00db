//! What the way from an object towards its GC root meets, and how good an owner each of it is.

use super::holder::Holder;

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

/// What a path has met that is no owner good enough to stop.
#[derive(Default)]
pub(super) struct Passed {
    pub one_of_many: Option<Holder>,
    pub library: Option<Holder>,
    pub general: Option<Holder>,
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
}
