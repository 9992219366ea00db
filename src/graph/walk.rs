//! One walk over the dominator tree that numbers it in preorder and sums sizes.
//!
//! Children are strung together in lists whose last member leads back up, so that the walk needs no stack and can begin at
//! any node: the node, what is below it, its later siblings, what is above and after. So the preorder is cut into segments
//! at nodes evenly spread over all numbers; each thread walks segments on its own, from one such node to the next.
//! [`super::numbering`] puts them together.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::AtomicBits;
use super::child_lists::ChildLists;
use super::dominators::Dominators;
use super::retained::Sum;
use super::strength::Strength;

/// Parts of the parents that threads string children to independently. Each part reads all dominators once.
const MOST_PARTS: usize = 8;
/// Segments for each thread, so that all end at about the same time whatever their lengths.
const SEGMENTS: usize = 16;
/// Nodes that are worth a segment.
const SMALLEST: usize = 1 << 14;
/// Most nodes whose labels have a number of their segment beside the position in it.
const MOST_LABELLED: usize = 1 << 31;
/// Number of strengths.
const STRENGTHS: usize = Strength::ALL.len();

/// The dominator tree as a threaded tree: each node leads to the next one of a walk, without a stack.
pub(crate) struct ThreadedTree {
    /// The first child + 1 of a node, 0 for leaves; once the node is visited its label.
    first: Vec<AtomicU32>,
    /// The next child of the node's parent + 1; for the last child the parent + 1, 0 for the last topmost node.
    next: Vec<AtomicU32>,
    /// The last children.
    last: AtomicBits,
    /// The first topmost node + 1 of each strength, then that of the nodes that are left out: those are walked over as well, so that
    /// every node is labelled.
    tops: [u32; STRENGTHS + 1],
}

impl ThreadedTree {
    /// The lists of children by ascending node number.
    pub fn new(dominators: &Dominators, child_lists: ChildLists) -> ThreadedTree {
        let n = dominators.len();
        let mut thread = ThreadedTree {
            first: child_lists.first,
            next: child_lists.next,
            last: AtomicBits::new(n),
            tops: [0; STRENGTHS + 1],
        };
        thread.string_children(dominators);
        let left_out = dominators.left_out().into_iter();
        let left_out = left_out.map(|node| (node, STRENGTHS));
        let tops = dominators.tops().into_iter();
        let tops = tops.map(|(node, strength)| (node, strength as usize));
        for (node, list) in tops.chain(left_out).rev() {
            let top = &mut thread.tops[list];
            thread.next[node as usize].store(*top, Relaxed);
            *top = node + 1;
        }
        thread
    }

    /// The memory of two numbers for every node: the labels, and what is of no use any more.
    pub fn into_columns(self) -> (Vec<AtomicU32>, Vec<AtomicU32>) {
        (self.first, self.next)
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
                    let mut after = std::mem::replace(cell.get_mut(), node + 1);
                    if after == 0 {
                        last.insert(node);
                        after = above + 1;
                    }
                    next[node as usize].store(after, Relaxed);
                }
            }
        });
    }

    /// Where segments begin: the first topmost nodes, and nodes in between where there are enough for several threads. Beyond what
    /// several segments can be labelled with, the former only.
    fn breaks(&self) -> Breaks {
        let n = self.first.len();
        let most = match rayon::current_num_threads() {
            _ if n > MOST_LABELLED => 1,
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
    /// Added to the position in a label.
    base: u32,
}

/// A run of the preorder.
pub(crate) struct Segment<S, G> {
    /// The node at which it begins.
    start: u32,
    /// Its number, as the labels of its nodes have it.
    pub number: u32,
    /// How many nodes it has.
    pub len: u32,
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
        self.groups.shrink_to_fit();
        self.inner.shrink_to_fit();
        self.counts.shrink_to_fit();
        self.sums.shrink_to_fit();
    }
}

/// What a visited node is labelled with, in the memory of its first child: the number of its segment in the upper bits, its
/// position in the segment in the lower ones, plus 1. So no list of the nodes of a segment is needed. Where that takes more bits than
/// there are, segments follow each other on one thread, and a label has the position among all nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels {
    /// Bits of the position.
    bits: u32,
}

impl Labels {
    /// Of positions among all nodes.
    pub const WHOLE: Labels = Labels { bits: 32 };

    /// For `nodes` nodes and `segments` segments, and further ones where segments grow too long for their bits.
    fn new(segments: usize, nodes: usize) -> Labels {
        if nodes > MOST_LABELLED {
            return Labels::WHOLE;
        }
        // Half of the numbers are enough for the further ones: each begins after so many nodes that fill its bits.
        let numbers = (2 * (segments + 1)).next_power_of_two();
        Labels {
            bits: 32 - numbers.trailing_zeros(),
        }
    }

    /// Most nodes of a segment.
    fn longest(self) -> u32 {
        1u32.checked_shl(self.bits).unwrap_or(u32::MAX)
    }

    fn is_whole(self) -> bool {
        self.bits == Labels::WHOLE.bits
    }

    /// Labels with so few bits for positions that segments are cut.
    #[cfg(test)]
    pub fn short(bits: u32) -> Labels {
        Labels { bits }
    }

    fn of(self, segment: u32, position: u32) -> u32 {
        (segment.checked_shl(self.bits).unwrap_or(0) | position) + 1
    }

    /// Segment and position in it; `None` for a node that was not visited.
    #[inline]
    pub fn read(self, label: u32) -> Option<(u32, u32)> {
        let label = label.checked_sub(1)?;
        Some(match self.is_whole() {
            true => (0, label),
            false => (label >> self.bits, label & (self.longest() - 1)),
        })
    }
}

/// Segments of the preorder, and the position at which the nodes of each strength begin, with the end of all.
pub(crate) type Segments<S, G> = (Vec<Segment<S, G>>, [u32; STRENGTHS + 1]);

/// Walks over the tree and labels its nodes, with `labels` or those that suit it. `about(node)` is size and group of a node; the
/// sum of all sizes must fit `S`.
pub(crate) fn walk<S: Sum, G: Send>(
    thread: &ThreadedTree,
    labels: Option<Labels>,
    about: impl Fn(u32) -> (S, G) + Sync,
) -> (Segments<S, G>, Labels) {
    let breaks = thread.breaks();
    let labels = labels.unwrap_or_else(|| Labels::new(breaks.nodes.len(), thread.first.len()));
    if labels.is_whole() {
        let segments = thread.one_after_the_other(labels, &breaks, &about);
        return (in_order(&thread.tops[..STRENGTHS], segments), labels);
    }
    let further = AtomicU32::new(breaks.nodes.len() as u32);
    let segments: Vec<Vec<Segment<S, G>>> = breaks
        .nodes
        .par_iter()
        .enumerate()
        .with_max_len(1)
        .map(|(number, &start)| {
            let (mut number, mut start) = (number as u32, start);
            let mut segments = Vec::new();
            loop {
                let segment = thread.segment((number, start), (labels, 0), &breaks, &about);
                let cut = segment.next.filter(|&next| !breaks.set.contains(next));
                segments.push(segment);
                let Some(next) = cut else { return segments };
                (number, start) = (further.fetch_add(1, Relaxed), next);
            }
        })
        .collect();
    let segments = segments.into_iter().flatten().collect();
    (in_order(&thread.tops[..STRENGTHS], segments), labels)
}

impl ThreadedTree {
    /// The segments in preorder, those that are left out at the end. All have the number 0, which is that of the whole.
    fn one_after_the_other<S: Sum, G>(
        &self,
        labels: Labels,
        breaks: &Breaks,
        about: &impl Fn(u32) -> (S, G),
    ) -> Vec<Segment<S, G>> {
        let mut segments: Vec<Segment<S, G>> = Vec::new();
        let mut base = 0;
        for top in self.tops.iter().filter_map(|top| top.checked_sub(1)) {
            let mut next = Some(top);
            while let Some(start) = next {
                let segment = self.segment((0, start), (labels, base), breaks, about);
                base += segment.len;
                next = segment.next;
                segments.push(segment);
            }
        }
        segments
    }

    /// Visits `start` and what comes after it in preorder, up to the next break or until the labels are used up.
    fn segment<S: Sum, G>(
        &self,
        (number, start): (u32, u32),
        (labels, base): (Labels, u32),
        breaks: &Breaks,
        about: &impl Fn(u32) -> (S, G),
    ) -> Segment<S, G> {
        let expected = self.first.len() / breaks.nodes.len();
        let segment = Segment {
            start,
            number,
            len: 0,
            groups: Vec::with_capacity(expected),
            sum: S::default(),
            inner: Vec::with_capacity(expected / 64 + 1),
            counts: Vec::with_capacity(expected / 2),
            sums: Vec::with_capacity(expected / 2),
            ended: Vec::new(),
            next: None,
        };
        let mut walk = Walk {
            at: start,
            open: Vec::new(),
            segment,
            base,
        };
        while self.step(&mut walk, labels, about) {
            if breaks.set.contains(walk.at) || walk.segment.len == labels.longest() {
                walk.segment.next = Some(walk.at);
                break;
            }
        }
        walk.segment.shrink();
        walk.segment
    }

    /// Visits one node. Whether there is one after it.
    #[inline(always)]
    fn step<S: Sum, G>(
        &self,
        walk: &mut Walk<S, G>,
        labels: Labels,
        about: &impl Fn(u32) -> (S, G),
    ) -> bool {
        let (at, segment) = (walk.at, &mut walk.segment);
        let here = segment.len;
        let (size, group) = about(at);
        segment.len += 1;
        segment.groups.push(group);
        if here.is_multiple_of(64) {
            segment.inner.push(0);
        }
        let before = segment.sum;
        segment.sum = before.plus(size);
        let cell = &self.first[at as usize];
        let first = cell.load(Relaxed);
        cell.store(labels.of(segment.number, walk.base + here), Relaxed);
        let next = if let Some(child) = first.checked_sub(1) {
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
        let passed = segment.len;
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
fn in_order<S, G>(tops: &[u32], segments: Vec<Segment<S, G>>) -> Segments<S, G> {
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
            position += segment.len;
            next = segment.next;
            ordered.push(segment);
        }
    }
    begins[STRENGTHS] = position;
    (ordered, begins)
}
