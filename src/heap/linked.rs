//! How many nodes a linked structure has.

use super::address_index::ObjectIndex;
use super::collections::Node;
use super::snapshot::Snapshot;

/// Nodes of a queue that are read; of more it is asked how many it has for itself.
const MOST_READ: u64 = 100_000;

impl Snapshot<'_> {
    /// Nodes from `first` on along field `next`; with `item`, only those where that field is set. `None` where they run in a circle or
    /// are more than `most`: what was counted so far would be no answer.
    pub fn nodes(&self, first: ObjectIndex, next: &str, item: &str, most: u64) -> Option<u64> {
        let mut nodes = self.chain(Some(first), |node| self.follow(node, next));
        let (mut seen, mut count) = (0u64, 0);
        for node in nodes.by_ref() {
            if seen >= most {
                return None;
            }
            seen += 1;
            count += u64::from(item.is_empty() || self.follow(node, item).is_some());
        }
        nodes.is_complete().then_some(count)
    }

    /// Elements of a collection that nobody counts, in a chain of nodes.
    pub(super) fn in_chain(&self, object: ObjectIndex, first: &str, node: Node) -> Option<u64> {
        let first = self.follow(object, first)?;
        let item = if node.key.is_empty() {
            node.value
        } else {
            node.key
        };
        self.nodes(first, node.next, item, MOST_READ)
            .or_else(|| self.nodes_by_class(object, first))
    }

    /// The objects of the class of `first` that `queue` has for itself: as many as its nodes, without reading any. `None` where something
    /// else refers to one, which has those behind it as well.
    fn nodes_by_class(&self, queue: ObjectIndex, first: ObjectIndex) -> Option<u64> {
        let last = self.field_object(queue, "tail")?;
        if !self.dominates(queue, first) || !self.dominates(queue, last) {
            return None;
        }
        let (queues, nodes) = (self.class_of(queue), self.class_of(first));
        let own = self.positions(queue);
        let (mut position, mut count) = (own.start + 1, 0u64);
        while position < own.end {
            let (_, class) = self.at(position);
            count += u64::from(class == nodes);
            // The nodes of a queue in this one are not those of this one.
            position = match class == queues {
                true => self.end_at(position),
                false => position + 1,
            };
        }
        // The first node is empty, but for a queue from which nothing was ever taken.
        let is_empty = self.field_object(first, "item").is_none();
        Some(count.saturating_sub(u64::from(is_empty)))
    }
}
