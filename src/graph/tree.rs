//! The dominator tree in preorder: everything below a node is one run of positions.

use super::{Dominators, Retained};

/// Positions of all nodes of the tree. The topmost nodes come first to last by node number, and so do the children of
/// every node.
#[derive(Debug, Default)]
pub struct Tree {
    /// Position -> node.
    order: Vec<u32>,
    /// Node -> position + 1, 0 for nodes that are not in the tree.
    position: Vec<u32>,
}

impl Tree {
    /// Numbers the tree. Linear and iterative.
    pub fn new(dominators: &Dominators, retained: &Retained) -> Tree {
        let n = dominators.len();
        let mut position = vec![0u32; n];
        // Where the next child of a node goes: its position + 1 + what its earlier children take.
        let mut next_child = vec![0u32; n];
        let mut next_top = 0u32;
        let mut path = Vec::new();
        let mut placed = 0usize;
        for node in 0..n as u32 {
            if !dominators.contains(node) {
                continue;
            }
            let mut at = node;
            while position[at as usize] == 0 {
                path.push(at);
                match dominators.immediate(at) {
                    Some(above) => at = above,
                    None => break,
                }
            }
            while let Some(below) = path.pop() {
                let cursor = match dominators.immediate(below) {
                    Some(above) => &mut next_child[above as usize],
                    None => &mut next_top,
                };
                let here = *cursor;
                *cursor += retained.count(below);
                position[below as usize] = here + 1;
                next_child[below as usize] = here + 1;
                placed += 1;
            }
        }
        let mut order = next_child;
        order.truncate(placed);
        for (node, &position) in position.iter().enumerate() {
            if position != 0 {
                order[position as usize - 1] = node as u32;
            }
        }
        Tree { order, position }
    }

    /// Number of nodes in the tree.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether the tree is empty.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The node at `position`.
    #[inline]
    pub fn node(&self, position: usize) -> u32 {
        self.order[position]
    }

    /// All nodes that `node` dominates, itself first, in preorder.
    pub fn dominated(&self, node: u32, retained: &Retained) -> &[u32] {
        match self.position[node as usize].checked_sub(1) {
            Some(start) => {
                &self.order[start as usize..start as usize + retained.count(node) as usize]
            }
            None => &[],
        }
    }

    /// The nodes whose immediate dominator is `node`, or with `None` those that only the virtual root dominates.
    pub fn children<'a>(
        &'a self,
        node: Option<u32>,
        retained: &'a Retained,
    ) -> impl Iterator<Item = u32> + 'a {
        let (mut at, end) = match node {
            Some(node) => match self.position[node as usize].checked_sub(1) {
                Some(start) => (
                    start as usize + 1,
                    start as usize + retained.count(node) as usize,
                ),
                None => (0, 0),
            },
            None => (0, self.order.len()),
        };
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let child = self.order[at];
                at += retained.count(child) as usize;
                child
            })
        })
    }

    /// For each group the sum of the retained sizes of its topmost nodes: those that no other node of the same group
    /// dominates. `group(node)` is below `groups`; nodes that are not `wanted` do not count.
    pub fn retained_by_group(
        &self,
        groups: usize,
        group: impl Fn(u32) -> u32,
        wanted: impl Fn(u32) -> bool,
        retained: &Retained,
    ) -> Vec<u64> {
        let mut sums = vec![0u64; groups];
        let mut covered = vec![0usize; groups];
        for (position, &node) in self.order.iter().enumerate() {
            let g = group(node) as usize;
            if position >= covered[g] && wanted(node) {
                covered[g] = position + retained.count(node) as usize;
                sums[g] = sums[g].saturating_add(retained.bytes(node));
            }
        }
        sums
    }
}
