//! The dominator tree in preorder: everything below a node is one run of positions, so that what a node retains is a
//! difference of two running totals.
//!
//! [`super::walk`] makes the numbers; here are the questions that they answer.

use rayon::prelude::*;

use super::dominators::{Dominators, Strength};
use super::retained::{Sizes, Sums};
use super::walk::{Thread, walk};
use super::{CHUNK, Ranked};

/// Positions of all nodes of the tree, and what they retain. The topmost nodes come first to last by strength, then by node
/// number; the children of every node by node number.
#[derive(Debug, Default)]
pub struct Tree {
    /// Position -> node.
    order: Vec<u32>,
    /// Node -> position + 1, 0 for nodes that are not in the tree.
    position: Vec<u32>,
    /// The nodes that dominate others than themselves; their numbers in this set are those of the next two columns.
    inner: Ranked,
    /// Number of nodes that an inner node dominates, itself included.
    counts: Vec<u32>,
    /// The size of these.
    sums: Sums,
    /// Bytes in a unit of `sums`.
    unit: u64,
    /// Position where the nodes of each strength begin, and the end.
    starts: [u32; Strength::ALL.len() + 1],
}

impl Tree {
    /// Numbers the tree and sums up sizes. Linear and iterative.
    pub fn new(dominators: &Dominators, sizes: &(impl Sizes + ?Sized)) -> Tree {
        let n = dominators.len();
        let total: u64 = (0..n as u32)
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|node| sizes.units(node))
            .reduce(|| 0, u64::saturating_add);
        let (thread, inner) = Thread::new(dominators);
        let numbering = if u32::try_from(total).is_ok() {
            walk::<u32>(thread, &inner, |node| sizes.units(node) as u32)
        } else {
            // Sizes that only a forged dump can claim are cut so that sums fit.
            let most = u64::MAX / n.max(1) as u64;
            walk::<u64>(thread, &inner, |node| sizes.units(node).min(most))
        };
        Tree {
            order: numbering.order,
            position: numbering.position,
            inner,
            counts: numbering.counts,
            sums: numbering.sums,
            unit: sizes.unit(),
            starts: numbering.starts,
        }
    }

    /// Number of nodes in the tree.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether the tree is empty.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether `node` is in the tree.
    #[inline]
    pub fn contains(&self, node: u32) -> bool {
        self.position[node as usize] != 0
    }

    /// How strongly `node` is reachable; all below a topmost node are as strong as it is.
    #[inline]
    pub fn strength(&self, node: u32) -> Strength {
        let Some(position) = self.position[node as usize].checked_sub(1) else {
            return Strength::NoPath;
        };
        let after = self.starts[1..].partition_point(|&start| start <= position);
        Strength::ALL
            .get(after)
            .copied()
            .unwrap_or(Strength::NoPath)
    }

    /// Retained size of `node` in bytes, 0 if it is not in the tree. `sizes` are those the tree was made with.
    #[inline]
    pub fn retained(&self, node: u32, sizes: &(impl Sizes + ?Sized)) -> u64 {
        match self.contains(node) {
            true => self.sum(node, sizes),
            false => 0,
        }
    }

    /// The same for a node of the tree.
    #[inline]
    fn sum(&self, node: u32, sizes: &(impl Sizes + ?Sized)) -> u64 {
        let units = match self.inner.contains(node) {
            true => self.sums.get(self.inner.rank(node)),
            false => sizes.units(node),
        };
        units.saturating_mul(self.unit)
    }

    /// Number of nodes that `node` dominates, itself included; 0 if it is not in the tree.
    #[inline]
    pub fn count(&self, node: u32) -> u32 {
        match self.contains(node) {
            true => self.extent(node),
            false => 0,
        }
    }

    /// The same for a node of the tree.
    #[inline]
    fn extent(&self, node: u32) -> u32 {
        match self.inner.contains(node) {
            true => self.counts[self.inner.rank(node) as usize],
            false => 1,
        }
    }

    /// The node at `position`.
    #[inline]
    pub fn node(&self, position: usize) -> u32 {
        self.order[position]
    }

    /// All nodes that `node` dominates, itself first, in preorder.
    pub fn dominated(&self, node: u32) -> &[u32] {
        match self.position[node as usize].checked_sub(1) {
            Some(start) => &self.order[start as usize..start as usize + self.extent(node) as usize],
            None => &[],
        }
    }

    /// The nodes whose immediate dominator is `node`, or with `None` those that only the virtual root dominates.
    pub fn children(&self, node: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        let (at, end) = match node {
            Some(node) => match self.position[node as usize].checked_sub(1) {
                Some(start) => (start + 1, start + self.extent(node)),
                None => (0, 0),
            },
            None => (0, self.order.len() as u32),
        };
        self.siblings(at, end)
    }

    /// The nodes of one strength that only the virtual root dominates.
    pub fn tops(&self, strength: Strength) -> impl Iterator<Item = u32> + '_ {
        let s = strength as usize;
        self.siblings(self.starts[s], self.starts[s + 1])
    }

    /// Number of nodes of one strength.
    pub fn count_of(&self, strength: Strength) -> u64 {
        let s = strength as usize;
        u64::from(self.starts[s + 1] - self.starts[s])
    }

    fn siblings(&self, at: u32, end: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = at;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let child = self.order[at as usize];
                at += self.extent(child);
                child
            })
        })
    }

    /// For each group the sum of the retained sizes of its topmost nodes: those that no other node of the same group
    /// dominates. `group(node)` is below `groups`. Nodes that no path leads to do not count.
    pub fn retained_by_group(
        &self,
        groups: usize,
        group: impl Fn(u32) -> u32 + Sync,
        dominators: &Dominators,
        sizes: &impl Sizes,
    ) -> Vec<u64> {
        let end = self.starts[Strength::NoPath as usize] as usize;
        let parts = (rayon::current_num_threads() * 4).min(end / (4 * CHUNK) + 1);
        (0..parts)
            .into_par_iter()
            .map(|part| {
                let part = end * part / parts..end * (part + 1) / parts;
                self.group_part(part, groups, &group, dominators, sizes)
            })
            .reduce(
                || vec![0; groups],
                |mut a, b| {
                    a.iter_mut()
                        .zip(b)
                        .for_each(|(a, b)| *a = a.saturating_add(b));
                    a
                },
            )
    }

    fn group_part(
        &self,
        part: std::ops::Range<usize>,
        groups: usize,
        group: &impl Fn(u32) -> u32,
        dominators: &Dominators,
        sizes: &impl Sizes,
    ) -> Vec<u64> {
        let mut sums = vec![0u64; groups];
        // Where what the last topmost node of each group dominates ends.
        let mut covered = vec![0usize; groups];
        let end_of =
            |node: u32| (self.position[node as usize] - 1) as usize + self.extent(node) as usize;
        let mut above = self
            .order
            .get(part.start)
            .and_then(|&node| dominators.immediate(node));
        while let Some(node) = above {
            let cell = &mut covered[group(node) as usize];
            *cell = end_of(node).max(*cell);
            above = dominators.immediate(node);
        }
        for position in part {
            let node = self.order[position];
            let g = group(node) as usize;
            if position >= covered[g] {
                covered[g] = position + self.extent(node) as usize;
                sums[g] = sums[g].saturating_add(self.sum(node, sizes));
            }
        }
        sums
    }
}
