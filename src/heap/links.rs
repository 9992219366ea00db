//! How an object of the dump refers to another.

use super::address_index::ObjectIndex;
use super::fields::Object;
use super::link::Link;
use super::snapshot::Snapshot;

impl Snapshot<'_> {
    /// About how many references `object` has.
    fn references_of(&self, object: ObjectIndex) -> usize {
        match self.object(object) {
            Some(Object::Class(class)) => {
                let dump = &self.classes.get(class).dump;
                dump.statics.len() + dump.constants.len()
            }
            Some(Object::Instance { data, .. }) => data.len() / self.header.id_size.bytes(),
            Some(Object::ObjectArray { elements, .. }) => {
                elements.len() / self.header.id_size.bytes()
            }
            _ => 0,
        }
    }

    /// How `from` refers to `to`, the first way found; a thread refers to its locals.
    pub fn link(&self, from: ObjectIndex, to: ObjectIndex) -> Option<Link> {
        let address = self.address(to);
        // Whoever asks at the same time looks for itself.
        let known = match self.asked.try_lock() {
            Ok(mut asked) => asked.find(
                (from, address),
                || self.references_of(from),
                || self.outgoing(from),
            ),
            Err(_) => Err(()),
        };
        let direct = known.unwrap_or_else(|()| self.direct_link(from, address));
        direct
            .or_else(|| {
                let locals = &self.roots.locals;
                let at = locals.partition_point(|local| (local.thread, local.object) < (from, to));
                let local = locals
                    .get(at)
                    .filter(|local| (local.thread, local.object) == (from, to))?;
                Some(Link::Local { frame: local.frame })
            })
            .or_else(|| (self.class_object(self.class_of(from)) == Some(to)).then_some(Link::Class))
    }

    fn direct_link(&self, from: ObjectIndex, address: u64) -> Option<Link> {
        match self.object(from) {
            // Arrays may be long: do not list them.
            Some(Object::ObjectArray { elements, .. }) => self
                .element_ids(elements)
                .position(|id| id == address)
                .map(|i| Link::Element(i as u32)),
            _ => self
                .outgoing(from)
                .into_iter()
                .find(|&(_, id)| id == address)
                .map(|(link, _)| link),
        }
    }
}
