//! One walk over the dominator tree that numbers it in preorder and sums sizes.
//!
//! Children are strung together in lists whose last member leads back up, so that the walk needs no stack and can begin at
//! any node: the node, what is below it, its later siblings, what is above and after. So the preorder is cut into segments
//! at nodes evenly spread over all numbers; each thread walks segments on its own, from one such node to the next.
//! [`super::numbering`] puts them together.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::column::with_room;
use super::dominators::{Dominators, Strength};
use super::numbering::Sum;
use super::{AtomicBits, atomic_column, zeroed};

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
    pub first: Vec<u32>,
    /// The next child of the node's parent + 1; for the last child the parent + 1, 0 for the last topmost node.
    pub next: Vec<AtomicU32>,
    /// The last children.
    last: AtomicBits,
    /// The first topmost node + 1 of each strength.
    tops: [u32; STRENGTHS],
}

/// Memory for the lists of children, a number for every node each. All threads take part in making it, so it is made where
/// the others have nothing to do: fetching so much memory takes about as long as to fill it.
#[derive(Debug)]
pub(crate) struct Room {
    first: Vec<u32>,
    next: Vec<AtomicU32>,
}

impl Room {
    /// For `n` nodes.
    pub fn new(n: usize) -> Room {
        Room {
            first: zeroed(n),
            next: atomic_column(n),
        }
    }
}

impl Thread {
    /// The lists of children by ascending node number.
    pub fn new(dominators: &Dominators, room: Room) -> Thread {
        let n = dominators.len();
        let mut thread = Thread {
            first: room.first,
            next: room.next,
            last: AtomicBits::new(n),
            tops: [0; STRENGTHS],
        };
        thread.string_children(dominators);
        for (node, strength) in dominators.tops().into_iter().rev() {
            let top = &mut thread.tops[strength as usize];
            thread.next[node as usize].store(*top, Relaxed);
            *top = node + 1;
        }
        thread
    }

    /// Each thread strings the children of its own range of parents, so that it alone writes their cells.
    fn string_children(&mut self, dominators: &Dominators) {
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

/// A segment on its way.
struct Walk<S, G> {
    /// The node to visit next.
    at: u32,
    /// The inner nodes that began in this segment and have not ended: number among its inner nodes, and position in it.
    open: Vec<(u32, u32)>,
    segment: Segment<S, G>,
}

/// A run of the preorder.
pub(crate) struct Segment<S, G> {
    /// The node at which it begins.
    start: u32,
    /// Its nodes.
    pub order: Vec<u32>,
    /// Their groups.
    pub groups: Vec<G>,
    /// Their size.
    pub sum: S,
    /// The positions, in the segment, of its inner nodes: those that dominate others than themselves. A bit each, the lowest first.
    pub inner: Vec<u64>,
    /// How many nodes each inner node dominates, itself included; 0 where it does not end in this segment.
    pub counts: Vec<u32>,
    /// The size of these; where the node does not end in this segment, the size of the segment before it.
    pub sums: Vec<S>,
    /// Inner nodes of earlier segments that end here: node, how many nodes and how much size of this segment they dominate.
    pub ended: Vec<(u32, u32, S)>,
    /// The node at which the next segment begins, unless the nodes of a strength end.
    next: Option<u32>,
}

impl<S, G> Segment<S, G> {
    /// Gives back the room that no number went to: this is where the analysis needs most memory.
    fn shrink(&mut self) {
        self.order.shrink_to_fit();
        self.groups.shrink_to_fit();
        self.inner.shrink_to_fit();
        self.counts.shrink_to_fit();
        self.sums.shrink_to_fit();
    }
}

/// Segments of the preorder, and the position at which the nodes of each strength begin, with the end of all.
pub(crate) type Segments<S, G> = (Vec<Segment<S, G>>, [u32; STRENGTHS + 1]);

/// Walks over the tree. `about(node)` is size and group of a node; the sum of all sizes must fit `S`.
pub(crate) fn walk<S: Sum, G: Send>(
    thread: &Thread,
    about: impl Fn(u32) -> (S, G) + Sync,
) -> Segments<S, G> {
    let breaks = thread.breaks();
    let segments = breaks
        .nodes
        .par_iter()
        .with_max_len(1)
        .map(|&start| thread.segment(start, &breaks, &about));
    in_order(&thread.tops, segments.collect())
}

impl Thread {
    /// Visits `start` and what comes after it in preorder, up to the next break.
    fn segment<S: Sum, G>(
        &self,
        start: u32,
        breaks: &Breaks,
        about: &impl Fn(u32) -> (S, G),
    ) -> Segment<S, G> {
        let expected = self.first.len() / breaks.nodes.len();
        let segment = Segment {
            start,
            order: with_room(expected),
            groups: with_room(expected),
            sum: S::default(),
            inner: with_room(expected / 64 + 1),
            counts: with_room(expected / 2),
            sums: with_room(expected / 2),
            ended: Vec::new(),
            next: None,
        };
        let mut walk = Walk {
            at: start,
            open: Vec::new(),
            segment,
        };
        while self.step(&mut walk, about) {
            if breaks.set.contains(walk.at) {
                walk.segment.next = Some(walk.at);
                break;
            }
        }
        walk.segment.shrink();
        walk.segment
    }

    /// Visits one node. Whether there is one after it.
    #[inline(always)]
    fn step<S: Sum, G>(&self, walk: &mut Walk<S, G>, about: &impl Fn(u32) -> (S, G)) -> bool {
        let (at, segment) = (walk.at, &mut walk.segment);
        let here = segment.order.len() as u32;
        let (size, group) = about(at);
        segment.order.push(at);
        segment.groups.push(group);
        if here.is_multiple_of(64) {
            segment.inner.push(0);
        }
        let before = segment.sum;
        segment.sum = before.plus(size);
        let next = if let Some(child) = self.first[at as usize].checked_sub(1) {
            walk.open.push((segment.counts.len() as u32, here));
            if let Some(word) = segment.inner.last_mut() {
                *word |= 1 << (here % 64);
            }
            segment.counts.push(0);
            segment.sums.push(before);
            Some(child)
        } else {
            self.after(walk)
        };
        walk.at = next.unwrap_or(walk.at);
        next.is_some()
    }

    /// The node after the leaf that was visited last. Ends the inner nodes that end with it.
    #[inline(always)]
    fn after<S: Sum, G>(&self, walk: &mut Walk<S, G>) -> Option<u32> {
        let segment = &mut walk.segment;
        let passed = segment.order.len() as u32;
        let mut at = walk.at;
        loop {
            let last = self.last.contains(at);
            at = self.next[at as usize].load(Relaxed).checked_sub(1)?;
            if !last {
                return Some(at);
            }
            let Some((inner, start)) = walk.open.pop() else {
                segment.ended.push((at, passed, segment.sum));
                continue;
            };
            let inner = inner as usize;
            segment.counts[inner] = passed - start;
            segment.sums[inner] = segment.sum.minus(segment.sums[inner]);
        }
    }
}

/// The segments in preorder, those that belong to no topmost node left out, and where the nodes of each strength begin.
fn in_order<S, G>(tops: &[u32; STRENGTHS], segments: Vec<Segment<S, G>>) -> Segments<S, G> {
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
