//! The dominator tree in preorder: everything below a node is one run of positions, so that what a node retains is a
//! difference of two running totals.
//!
//! Children are strung together in lists whose last member leads back up, then one walk over the tree numbers it and leaves
//! at every node how many nodes and how much size it has passed below. The walk needs no stack. The lists use the memory
//! that later holds counts and positions.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::dominators::{Dominators, Strength};
use super::retained::{Sizes, Sums};
use super::{AtomicBits, CHUNK, Ranked, atomic_column, plain};

/// Parts of the parents that threads string children to independently. Each part reads all dominators once.
const MOST_PARTS: usize = 8;

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
        let mut tree = Tree {
            order: Vec::with_capacity(n),
            counts: vec![0; inner.len()],
            inner,
            unit: sizes.unit(),
            ..Tree::default()
        };
        if u32::try_from(total).is_ok() {
            let mut sums = vec![0u32; tree.inner.len()];
            tree.walk_all(&thread, &mut sums, |node| sizes.units(node) as u32);
            tree.sums = Sums::Narrow(sums);
        } else {
            // Sizes that only a forged dump can claim are cut so that sums fit.
            let most = u64::MAX / n.max(1) as u64;
            let mut sums = vec![0u64; tree.inner.len()];
            tree.walk_all(&thread, &mut sums, |node| sizes.units(node).min(most));
            tree.sums = Sums::Wide(sums);
        }
        drop(thread);
        tree.position = positions(&tree.order, n);
        tree
    }

    fn walk_all<S: Sum>(&mut self, thread: &Thread, sums: &mut [S], units: impl Fn(u32) -> S) {
        let mut running = S::default();
        for (strength, &top) in thread.tops.iter().enumerate() {
            self.starts[strength] = self.order.len() as u32;
            if top != 0 {
                running = self.walk(top - 1, running, thread, sums, &units);
            }
        }
        self.starts[thread.tops.len()] = self.order.len() as u32;
    }

    /// Visits `top`, its siblings after it and all below them. `running` is the size of all nodes before.
    ///
    /// Until all below an inner node is done, its cells in `counts` and `sums` hold its position and the running total before
    /// it.
    fn walk<S: Sum>(
        &mut self,
        top: u32,
        mut running: S,
        thread: &Thread,
        sums: &mut [S],
        units: &impl Fn(u32) -> S,
    ) -> S {
        let mut at = top;
        loop {
            let here = self.order.len() as u32;
            self.order.push(at);
            if let Some(child) = thread.first[at as usize].checked_sub(1) {
                let inner = self.inner.rank(at) as usize;
                self.counts[inner] = here;
                sums[inner] = running;
                running = running.plus(units(at));
                at = child;
                continue;
            }
            running = running.plus(units(at));
            loop {
                let last = thread.last.contains(at);
                match thread.next[at as usize].load(Relaxed).checked_sub(1) {
                    Some(next) => at = next,
                    None => return running,
                }
                if !last {
                    break;
                }
                let inner = self.inner.rank(at) as usize;
                self.counts[inner] = self.order.len() as u32 - self.counts[inner];
                sums[inner] = running.minus(sums[inner]);
            }
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

/// How to walk over the tree.
struct Thread {
    /// The first child + 1 of a node, 0 for leaves.
    first: Vec<u32>,
    /// The next child of the node's parent + 1; for the last child the parent + 1, 0 for the last topmost node.
    next: Vec<AtomicU32>,
    /// The last children.
    last: AtomicBits,
    /// The first topmost node + 1 of each strength.
    tops: [u32; Strength::ALL.len()],
}

impl Thread {
    /// The lists of children by ascending node number, and the inner nodes.
    fn new(dominators: &Dominators) -> (Thread, Ranked) {
        let n = dominators.len();
        let mut thread = Thread {
            first: bytemuck::allocation::zeroed_vec(n),
            next: atomic_column(n),
            last: AtomicBits::new(n),
            tops: [0; Strength::ALL.len()],
        };
        let inner = AtomicBits::new(n);
        thread.string_children(dominators, &inner);
        for (node, strength) in dominators.tops().into_iter().rev() {
            let top = &mut thread.tops[strength as usize];
            thread.next[node as usize].store(*top, Relaxed);
            *top = node + 1;
        }
        (thread, inner.ranked())
    }

    /// Each thread strings the children of its own range of parents, so that it alone writes their cells.
    fn string_children(&mut self, dominators: &Dominators, inner: &AtomicBits) {
        let n = dominators.len();
        let parts = rayon::current_num_threads().clamp(1, MOST_PARTS);
        let size = n.div_ceil(parts).max(1);
        let (last, next) = (&self.last, &self.next);
        let parts = self.first.par_chunks_mut(size).enumerate();
        parts.for_each(|(part, cells)| {
            let start = (part * size) as u32;
            for node in (0..n as u32).rev() {
                // The virtual root's children give a number beyond all cells.
                let above = dominators.immediate(node).unwrap_or(u32::MAX);
                if let Some(cell) = cells.get_mut(above.wrapping_sub(start) as usize) {
                    let mut after = std::mem::replace(cell, node + 1);
                    if after == 0 {
                        last.insert(node);
                        inner.insert(above);
                        after = above + 1;
                    }
                    next[node as usize].store(after, Relaxed);
                }
            }
        });
    }
}

/// Node -> position + 1.
fn positions(order: &[u32], n: usize) -> Vec<u32> {
    let position = atomic_column(n);
    order
        .par_chunks(CHUNK)
        .enumerate()
        .for_each(|(chunk, nodes)| {
            for (i, &node) in nodes.iter().enumerate() {
                position[node as usize].store((chunk * CHUNK + i) as u32 + 1, Relaxed);
            }
        });
    plain(position)
}

/// A number of units as wide as need be. Running totals wrap around no earlier than their type is too narrow for the total.
trait Sum: Copy + Default {
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

impl Sum for u32 {
    fn plus(self, other: u32) -> u32 {
        self.wrapping_add(other)
    }
    fn minus(self, other: u32) -> u32 {
        self.wrapping_sub(other)
    }
}

impl Sum for u64 {
    fn plus(self, other: u64) -> u64 {
        self.wrapping_add(other)
    }
    fn minus(self, other: u64) -> u64 {
        self.wrapping_sub(other)
    }
}
