//! The dominator tree in preorder: everything below a node is one run of positions, so that what a node retains is a
//! difference of two running totals.
//!
//! [`super::walk`] makes the numbers; here are the questions that they answer.

use rayon::prelude::*;

use super::column::Column;
use super::dominators::Dominators;
use super::numbering::number;
use super::retained::{Sizes, Sums};
use super::strength::Strength;
use super::walk::ThreadedTree;
use super::{CHUNK, Ranked};

/// Positions of all nodes of the tree, and what they retain. The topmost nodes come first to last by strength, then by node
/// number; the children of every node by node number.
#[derive(Debug, Default)]
pub struct Tree {
    /// Position -> node.
    pub(super) order: Vec<u32>,
    /// Node -> position + 1, 0 for nodes that are not in the tree.
    pub(super) position: Vec<u32>,
    /// Positions of the nodes that dominate others than themselves; their numbers in this set are those of the next two
    /// columns.
    pub(super) inner: Ranked,
    /// Number of nodes that an inner node dominates, itself included.
    pub(super) counts: Vec<u32>,
    /// The size of these.
    pub(super) sums: Sums,
    /// Position -> group.
    pub(super) groups: Column,
    /// Bytes in a unit of `sums`.
    pub(super) unit: u64,
    /// Position where the nodes of each strength begin, and the end.
    pub(super) starts: [u32; Tree::STARTS],
}

impl Tree {
    /// A place for each strength, and the end.
    pub(super) const STARTS: usize = Strength::ALL.len() + 1;

    /// Numbers the tree and sums up sizes. Linear and iterative.
    pub fn new(dominators: &mut Dominators, sizes: &(impl Sizes + ?Sized)) -> Tree {
        let n = dominators.len();
        let total = sizes.total(n);
        let child_lists = dominators.take_child_lists();
        let thread = ThreadedTree::new(dominators, child_lists);
        // Sizes that only a forged dump can claim are cut so that sums fit.
        let most = u64::MAX / n.max(1) as u64;
        let about = |node| {
            let group = sizes.group(node);
            (sizes.units_in(node, group), group)
        };
        let narrow = |node| {
            let (units, group) = about(node);
            (units as u32, group)
        };
        let numbering = match (u32::try_from(total).is_ok(), sizes.groups() <= 1 << 16) {
            (true, true) => number(thread, |node| {
                let (units, group) = narrow(node);
                (units, group as u16)
            }),
            (true, false) => number(thread, narrow),
            (false, _) => number(thread, |node| {
                let (units, group) = about(node);
                (units.min(most), group)
            }),
        };
        Tree {
            order: numbering.order,
            position: numbering.position,
            inner: numbering.inner,
            counts: numbering.counts,
            sums: numbering.sums,
            groups: numbering.groups,
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

    /// The position of `node`, where it is in the tree.
    #[inline]
    pub fn position_of(&self, node: u32) -> Option<usize> {
        let position = self.position[node as usize].checked_sub(1)?;
        Some(position as usize)
    }

    /// How strongly `node` is reachable; all below a topmost node are as strong as it is.
    #[inline]
    pub fn strength(&self, node: u32) -> Strength {
        match self.position_of(node) {
            Some(position) => self.strength_at(position),
            None => Strength::NoPath,
        }
    }

    /// Retained size of `node` in bytes, 0 if it is not in the tree. `sizes` are those the tree was made with.
    #[inline]
    pub fn retained(&self, node: u32, sizes: &(impl Sizes + ?Sized)) -> u64 {
        match self.position_of(node) {
            Some(position) => self.retained_at(position, sizes),
            None => 0,
        }
    }

    /// Number of nodes that `node` dominates, itself included; 0 if it is not in the tree.
    #[inline]
    pub fn count(&self, node: u32) -> u32 {
        match self.position[node as usize].checked_sub(1) {
            Some(position) => self.extent(position),
            None => 0,
        }
    }

    /// The same for the node at `position`.
    #[inline]
    fn extent(&self, position: u32) -> u32 {
        match self.inner.contains(position) {
            true => self.counts[self.inner.rank(position) as usize],
            false => 1,
        }
    }

    /// Whether the node at `position` dominates others than itself.
    #[inline]
    pub fn is_inner(&self, position: usize) -> bool {
        self.inner.contains(position as u32)
    }

    /// The node at `position`.
    #[inline]
    pub fn node(&self, position: usize) -> u32 {
        self.order[position]
    }

    /// Retained size of the node at `position` in bytes.
    #[inline]
    pub fn retained_at(&self, position: usize, sizes: &(impl Sizes + ?Sized)) -> u64 {
        let units = match self.inner.contains(position as u32) {
            true => self.sums.get(self.inner.rank(position as u32)),
            false => sizes.units_in(self.order[position], self.group_at(position)),
        };
        units.saturating_mul(self.unit)
    }

    /// The position after those of all nodes that the node at `position` dominates.
    #[inline]
    pub fn end_at(&self, position: usize) -> usize {
        position + self.extent(position as u32) as usize
    }

    /// How strongly the node at `position` is reachable.
    #[inline]
    pub fn strength_at(&self, position: usize) -> Strength {
        let after = self.starts[1..].partition_point(|&start| start as usize <= position);
        Strength::ALL
            .get(after)
            .copied()
            .unwrap_or(Strength::NoPath)
    }

    /// The positions of the nodes of `strength`.
    pub fn positions_of(&self, strength: Strength) -> std::ops::Range<usize> {
        let s = strength as usize;
        self.starts[s] as usize..self.starts[s + 1] as usize
    }

    /// All nodes that `node` dominates, itself first, in preorder.
    pub fn dominated(&self, node: u32) -> &[u32] {
        &self.order[self.positions(node)]
    }

    /// The nodes whose immediate dominator is `node`, or with `None` those that only the virtual root dominates.
    pub fn children(&self, node: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        let positions = self.child_positions(node);
        positions.map(|position| self.order[position])
    }

    /// The positions of these.
    pub fn child_positions(&self, node: Option<u32>) -> impl Iterator<Item = usize> + '_ {
        let all = match node {
            Some(node) => {
                let below = self.positions(node);
                (below.start + 1).min(below.end)..below.end
            }
            None => 0..self.order.len(),
        };
        self.siblings(all)
    }

    /// The positions of the nodes whose immediate dominator is the node at `position`.
    #[inline]
    pub fn child_positions_at(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        self.siblings(position + 1..self.end_at(position))
    }

    /// The nodes of one strength that only the virtual root dominates.
    pub fn tops(&self, strength: Strength) -> impl Iterator<Item = u32> + '_ {
        let s = strength as usize;
        self.siblings(self.starts[s] as usize..self.starts[s + 1] as usize)
            .map(|position| self.order[position])
    }

    /// Number of nodes of one strength.
    pub fn count_of(&self, strength: Strength) -> u64 {
        let s = strength as usize;
        u64::from(self.starts[s + 1] - self.starts[s])
    }

    /// The positions in `all` of which none is below another.
    fn siblings(&self, all: std::ops::Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut next = all.start;
        std::iter::from_fn(move || {
            let here = next;
            (here < all.end).then(|| {
                next = self.end_at(here);
                here
            })
        })
    }

    /// The group of the node at `position`. The groups of a subtree are neighbours, unlike those of a list of nodes.
    #[inline(always)]
    pub fn group_at(&self, position: usize) -> u32 {
        self.groups.get(position as u32)
    }

    /// Puts `node` into another group of those that the tree was made with.
    pub fn set_group(&mut self, node: u32, group: u32) {
        if let Some(position) = self.position[node as usize].checked_sub(1) {
            self.groups.set(position, group);
        }
    }

    /// The positions of all nodes that `node` dominates, its own first.
    pub fn positions(&self, node: u32) -> std::ops::Range<usize> {
        match self.position_of(node) {
            Some(start) => start..self.end_at(start),
            None => 0..0,
        }
    }

    /// For each group the sum in bytes of the retained sizes of its topmost nodes: those that no other node of the same group
    /// dominates. Nodes that no path leads to do not count.
    pub fn retained_by_group(&self, dominators: &Dominators, sizes: &impl Sizes) -> Vec<u64> {
        let groups = sizes.groups();
        let end = self.starts[Strength::NoPath as usize] as usize;
        let parts = (rayon::current_num_threads() * 4).min(end / (4 * CHUNK) + 1);
        (0..parts)
            .into_par_iter()
            .map(|part| {
                let part = end * part / parts..end * (part + 1) / parts;
                self.group_part(part, dominators, sizes)
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
            .into_iter()
            .map(|units| units.saturating_mul(self.unit))
            .collect()
    }

    /// The sums over the positions `part`, in units.
    fn group_part(
        &self,
        part: std::ops::Range<usize>,
        dominators: &Dominators,
        sizes: &impl Sizes,
    ) -> Vec<u64> {
        let mut sums = vec![0u64; sizes.groups()];
        // Where what the last topmost node of each group dominates ends.
        let mut covered = vec![0usize; sizes.groups()];
        let mut above = self
            .order
            .get(part.start)
            .and_then(|&node| dominators.immediate(node));
        while let Some(node) = above {
            let position = self.position[node as usize] as usize - 1;
            let cell = &mut covered[self.group_at(position) as usize];
            *cell = self.end_at(position).max(*cell);
            above = dominators.immediate(node);
        }
        for position in part {
            let g = self.group_at(position) as usize;
            if position < covered[g] {
                continue;
            }
            // Most nodes dominate nothing: those cover nothing either.
            let units = if self.inner.contains(position as u32) {
                covered[g] = self.end_at(position);
                self.sums.get(self.inner.rank(position as u32))
            } else {
                sizes.units_in(self.order[position], g as u32)
            };
            sums[g] = sums[g].saturating_add(units);
        }
        sums
    }
}
