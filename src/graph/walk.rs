//! One walk over the dominator tree that numbers it in preorder and sums sizes.
//!
//! Children are strung together in lists whose last member leads back up, so that the walk needs no stack and can begin at
//! any node: the node, what is below it, its later siblings, what is above and after. So the preorder is cut into segments
//! at nodes evenly spread over all numbers; each thread walks segments on its own, from one such node to the next. What a
//! segment does not know, how much comes before it, is added when all are done.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::column::{Column, Narrow};
use super::dominators::{Dominators, Strength};
use super::retained::Sums;
use super::{AtomicBits, CHUNK, Ranked, atomic_column, plain, zeroed};

/// Parts of the parents that threads string children to independently. Each part reads all dominators once.
const MOST_PARTS: usize = 8;
/// Segments for each thread, so that all end at about the same time whatever their lengths.
const SEGMENTS: usize = 16;
/// Nodes that are worth a segment.
const SMALLEST: usize = 1 << 14;
/// Number of strengths.
const STRENGTHS: usize = Strength::ALL.len();

/// How to walk over the tree.
pub(crate) struct Thread {
    /// The first child + 1 of a node, 0 for leaves.
    first: Vec<u32>,
    /// The next child of the node's parent + 1; for the last child the parent + 1, 0 for the last topmost node.
    next: Vec<AtomicU32>,
    /// The last children.
    last: AtomicBits,
    /// The first topmost node + 1 of each strength.
    tops: [u32; STRENGTHS],
}

impl Thread {
    /// The lists of children by ascending node number, and the inner nodes.
    pub fn new(dominators: &Dominators) -> (Thread, Ranked) {
        let n = dominators.len();
        let mut thread = Thread {
            first: zeroed(n),
            next: atomic_column(n),
            last: AtomicBits::new(n),
            tops: [0; STRENGTHS],
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

    /// Where segments begin: the first topmost nodes, and nodes in between where there are enough for several threads.
    fn breaks(&self) -> Breaks {
        let n = self.first.len();
        let most = match rayon::current_num_threads() {
            1 => 1,
            threads => (threads * SEGMENTS).min(n / SMALLEST),
        };
        let spread = (1..most).map(|i| (n * i / most) as u32);
        let mut nodes: Vec<u32> = self
            .tops
            .iter()
            .filter_map(|top| top.checked_sub(1))
            .collect();
        nodes.extend(spread);
        nodes.sort_unstable();
        nodes.dedup();
        let set = AtomicBits::new(n);
        for &node in &nodes {
            set.insert(node);
        }
        Breaks { nodes, set }
    }
}

/// The nodes at which segments begin.
struct Breaks {
    nodes: Vec<u32>,
    set: AtomicBits,
}

/// The numbers of all nodes.
pub(crate) struct Numbering {
    /// Position -> node.
    pub order: Vec<u32>,
    /// Node -> position + 1, 0 for nodes that are not in the tree.
    pub position: Vec<u32>,
    /// Number of nodes that each inner node dominates, itself included.
    pub counts: Vec<u32>,
    /// The size of these.
    pub sums: Sums,
    /// Position -> group.
    pub groups: Column,
    /// Position where the nodes of each strength begin, and the end.
    pub starts: [u32; STRENGTHS + 1],
}

/// A segment on its way.
struct Walk<S, G> {
    /// The node to visit next.
    at: u32,
    /// Inner nodes that began in this segment and have not ended.
    open: usize,
    segment: Segment<S, G>,
}

/// A run of the preorder.
struct Segment<S, G> {
    /// The node at which it begins.
    start: u32,
    /// Its nodes.
    order: Vec<u32>,
    /// Their groups.
    groups: Vec<G>,
    /// Their size.
    sum: S,
    /// Inner nodes of earlier segments that end here: node, how many nodes and how much size of this segment they dominate.
    ended: Vec<(u32, u32, S)>,
    /// The node at which the next segment begins, unless the nodes of a strength end.
    next: Option<u32>,
}

/// Walks over the tree. `about(node)` is size and group of a node; the sum of all sizes must fit `S`, the groups `G`.
pub(crate) fn walk<S: Sum, G: Narrow>(
    thread: Thread,
    inner: &Ranked,
    about: impl Fn(u32) -> (S, G) + Sync,
) -> Numbering {
    let breaks = thread.breaks();
    let (counts, sums) = (atomic_column(inner.len()), S::column(inner.len()));
    let walker = Walker {
        thread: &thread,
        inner,
        breaks: &breaks,
        counts: &counts,
        sums: &sums,
    };
    let segments = breaks
        .nodes
        .par_iter()
        .with_max_len(1)
        .map(|&start| walker.segment(start, &about));
    let (segments, starts) = in_order(&thread.tops, segments.collect());
    // The lists are not needed any more: their memory takes the numbers.
    let (mut order, mut position) = (plain(thread.next), thread.first);
    let bases = number(&segments, &mut order, &mut position);
    let groups = G::column(joined(&segments, order.len()));
    for (segment, &(base, sum)) in segments.iter().zip(&bases) {
        for &(node, passed, size) in &segment.ended {
            let start = position[node as usize] - 1;
            let of_start = bases.partition_point(|&(base, _)| base <= start) - 1;
            let cell = inner.rank(node) as usize;
            counts[cell].store(base + passed - start, Relaxed);
            let before = bases[of_start].1.plus(S::load(&sums[cell]));
            S::store(&sums[cell], sum.plus(size).minus(before));
        }
    }
    Numbering {
        order,
        position,
        counts: plain(counts),
        sums: S::sums(sums),
        groups,
        starts,
    }
}

impl<S: Sum, G> Segment<S, G> {
    fn new(start: u32, expected: usize) -> Segment<S, G> {
        Segment {
            start,
            order: Vec::with_capacity(expected),
            groups: Vec::with_capacity(expected),
            sum: S::default(),
            ended: Vec::new(),
            next: None,
        }
    }
}

/// What the walk over a segment needs.
struct Walker<'a, S: Sum> {
    thread: &'a Thread,
    inner: &'a Ranked,
    breaks: &'a Breaks,
    /// Until all below an inner node is done, its cells hold its position in the segment and the size before it.
    counts: &'a [AtomicU32],
    sums: &'a [S::Cell],
}

impl<S: Sum> Walker<'_, S> {
    /// Visits `start` and what comes after it in preorder, up to the next break.
    fn segment<G>(&self, start: u32, about: &impl Fn(u32) -> (S, G)) -> Segment<S, G> {
        let expected = self.thread.first.len() / self.breaks.nodes.len();
        let mut walk = Walk {
            at: start,
            open: 0,
            segment: Segment::new(start, expected),
        };
        while self.step(&mut walk, about) {}
        walk.segment
    }

    /// Visits one node. Whether the segment goes on.
    #[inline(always)]
    fn step<G>(&self, walk: &mut Walk<S, G>, about: &impl Fn(u32) -> (S, G)) -> bool {
        let (at, segment) = (walk.at, &mut walk.segment);
        let here = segment.order.len() as u32;
        let (size, group) = about(at);
        segment.order.push(at);
        segment.groups.push(group);
        let next = if let Some(child) = self.thread.first[at as usize].checked_sub(1) {
            let cell = self.inner.rank(at) as usize;
            self.counts[cell].store(here, Relaxed);
            S::store(&self.sums[cell], segment.sum);
            walk.open += 1;
            Some(child)
        } else {
            self.after(at, size, &mut walk.open, segment)
        };
        segment.sum = segment.sum.plus(size);
        let Some(next) = next else {
            return false;
        };
        walk.at = next;
        if self.breaks.set.contains(next) {
            segment.next = Some(next);
            return false;
        }
        true
    }

    /// The node after leaf `leaf` of `size` in preorder. Ends the inner nodes that end with it.
    #[inline(always)]
    fn after<G>(
        &self,
        leaf: u32,
        size: S,
        open: &mut usize,
        segment: &mut Segment<S, G>,
    ) -> Option<u32> {
        let thread = self.thread;
        let passed = segment.order.len() as u32;
        let sum = segment.sum.plus(size);
        let mut at = leaf;
        loop {
            let last = thread.last.contains(at);
            at = thread.next[at as usize].load(Relaxed).checked_sub(1)?;
            if !last {
                return Some(at);
            }
            if *open == 0 {
                segment.ended.push((at, passed, sum));
                continue;
            }
            *open -= 1;
            let cell = self.inner.rank(at) as usize;
            let (count, before) = (&self.counts[cell], &self.sums[cell]);
            count.store(passed - count.load(Relaxed), Relaxed);
            S::store(before, sum.minus(S::load(before)));
        }
    }
}

/// The segments in preorder, those that belong to no topmost node left out, and where the nodes of each strength begin.
fn in_order<S, G>(
    tops: &[u32; STRENGTHS],
    segments: Vec<Segment<S, G>>,
) -> (Vec<Segment<S, G>>, [u32; STRENGTHS + 1]) {
    let mut waiting: FxHashMap<u32, Segment<S, G>> = segments
        .into_iter()
        .map(|segment| (segment.start, segment))
        .collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    let mut begins = [0; STRENGTHS + 1];
    let mut position = 0u32;
    for (strength, top) in tops.iter().enumerate() {
        begins[strength] = position;
        let mut next = top.checked_sub(1);
        while let Some(segment) = next.and_then(|node| waiting.remove(&node)) {
            position += segment.order.len() as u32;
            next = segment.next;
            ordered.push(segment);
        }
    }
    begins[STRENGTHS] = position;
    (ordered, begins)
}

/// Fills `order` and `position` (see [`Numbering`]); gives how many nodes and how much size come before each segment.
fn number<S: Sum, G: Send + Sync>(
    segments: &[Segment<S, G>],
    order: &mut Vec<u32>,
    position: &mut Vec<u32>,
) -> Vec<(u32, S)> {
    let mut bases = Vec::with_capacity(segments.len());
    let (mut base, mut sum) = (0, S::default());
    for segment in segments {
        bases.push((base, sum));
        base += segment.order.len() as u32;
        sum = sum.plus(segment.sum);
    }
    order.truncate(base as usize);
    let mut rest = order.as_mut_slice();
    let mut parts = Vec::with_capacity(segments.len());
    for segment in segments {
        let (part, after) = rest.split_at_mut(segment.order.len());
        parts.push((segment, part));
        rest = after;
    }
    parts
        .into_par_iter()
        .for_each(|(segment, part)| part.copy_from_slice(&segment.order));
    position
        .par_chunks_mut(CHUNK)
        .for_each(|cells| cells.fill(0));
    let cells: Vec<AtomicU32> = std::mem::take(position)
        .into_iter()
        .map(AtomicU32::new)
        .collect();
    order
        .par_chunks(CHUNK)
        .enumerate()
        .for_each(|(chunk, nodes)| {
            for (i, &node) in nodes.iter().enumerate() {
                cells[node as usize].store((chunk * CHUNK + i) as u32 + 1, Relaxed);
            }
        });
    *position = plain(cells);
    bases
}

/// The groups of all `n` nodes in preorder.
fn joined<S: Sum, G: Narrow>(segments: &[Segment<S, G>], n: usize) -> Vec<G> {
    let mut groups: Vec<G> = zeroed(n);
    let mut rest = groups.as_mut_slice();
    let mut parts = Vec::with_capacity(segments.len());
    for segment in segments {
        let (part, after) = rest.split_at_mut(segment.groups.len());
        parts.push((segment, part));
        rest = after;
    }
    parts
        .into_par_iter()
        .for_each(|(segment, part)| part.copy_from_slice(&segment.groups));
    groups
}

/// A number of units as wide as need be. Running totals wrap around no earlier than their type is too narrow for the total.
pub(crate) trait Sum: Copy + Default + Send + Sync {
    /// The same where several threads write different cells of a column.
    type Cell: Send + Sync;
    fn column(n: usize) -> Vec<Self::Cell>;
    fn load(cell: &Self::Cell) -> Self;
    fn store(cell: &Self::Cell, sum: Self);
    fn sums(column: Vec<Self::Cell>) -> Sums;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

impl Sum for u32 {
    type Cell = AtomicU32;
    fn column(n: usize) -> Vec<AtomicU32> {
        atomic_column(n)
    }
    #[inline(always)]
    fn load(cell: &AtomicU32) -> u32 {
        cell.load(Relaxed)
    }
    #[inline(always)]
    fn store(cell: &AtomicU32, sum: u32) {
        cell.store(sum, Relaxed);
    }
    fn sums(column: Vec<AtomicU32>) -> Sums {
        Sums::Narrow(plain(column))
    }
    #[inline(always)]
    fn plus(self, other: u32) -> u32 {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: u32) -> u32 {
        self.wrapping_sub(other)
    }
}

impl Sum for u64 {
    type Cell = AtomicU64;
    fn column(n: usize) -> Vec<AtomicU64> {
        zeroed(n)
    }
    #[inline(always)]
    fn load(cell: &AtomicU64) -> u64 {
        cell.load(Relaxed)
    }
    #[inline(always)]
    fn store(cell: &AtomicU64, sum: u64) {
        cell.store(sum, Relaxed);
    }
    fn sums(column: Vec<AtomicU64>) -> Sums {
        Sums::Wide(column.into_iter().map(AtomicU64::into_inner).collect())
    }
    #[inline(always)]
    fn plus(self, other: u64) -> u64 {
        self.wrapping_add(other)
    }
    #[inline(always)]
    fn minus(self, other: u64) -> u64 {
        self.wrapping_sub(other)
    }
}
