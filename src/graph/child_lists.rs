//! Memory for the walk over the dominator tree.

use std::sync::atomic::AtomicU32;

use super::zeroed;

/// Memory for the lists of children, a number for every node each. All threads take part in making it, so it is made where
/// the others have nothing to do: fetching so much memory takes about as long as to fill it.
#[derive(Debug, Default)]
pub(crate) struct ChildLists {
    pub first: Vec<AtomicU32>,
    pub next: Vec<AtomicU32>,
}

impl ChildLists {
    /// As much of the room for `n` nodes as `references` of the core graph, which go before the walk, leave at the peak of
    /// memory.
    pub fn beside(references: usize, n: usize) -> ChildLists {
        let columns = |fits: bool| if fits { zeroed(n) } else { Vec::new() };
        ChildLists {
            next: columns(references < n / 2),
            first: columns(references < n / 5),
        }
    }

    /// All of it for `n` nodes.
    pub fn whole(mut self, n: usize) -> ChildLists {
        for column in [&mut self.first, &mut self.next] {
            if column.len() != n {
                *column = zeroed(n);
            }
        }
        self
    }
}
