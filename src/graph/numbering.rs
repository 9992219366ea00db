//! Segments of the preorder, which [`super::walk`] makes, put together: what a segment does not know, how much comes before
//! it, is added here.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::column::{Column, Narrow};
use super::dominators::Strength;
use super::retained::Sums;
use super::walk::{Segment, Thread, walk};
use super::{AtomicBits, CHUNK, Ranked, plain, zeroed};

/// The numbers of all nodes.
pub(crate) struct Numbering {
    /// Position -> node.
    pub order: Vec<u32>,
    /// Node -> position + 1, 0 for nodes that are not in the tree.
    pub position: Vec<u32>,
    /// Positions of inner nodes; their numbers in this set are those of the next two columns.
    pub inner: Ranked,
    /// Number of nodes that each inner node dominates, itself included.
    pub counts: Vec<u32>,
    /// The size of these.
    pub sums: Sums,
    /// Position -> group.
    pub groups: Column,
    /// Position where the nodes of each strength begin, and the end.
    pub starts: [u32; Strength::ALL.len() + 1],
}

/// Walks over the tree and numbers it. `about(node)` is size and group of a node; the sum of all sizes must fit `S`.
///
/// The columns of the segments go as soon as they are joined, and the lists of children give their memory to the numbers: this
/// is where the analysis needs most.
pub(crate) fn number<S: Sum, G: Narrow>(
    thread: Thread,
    about: impl Fn(u32) -> (S, G) + Sync,
) -> Numbering {
    let (mut segments, starts) = walk(&thread, about);
    let bases = Bases::new(&segments);
    let Thread { first, next, .. } = thread;
    let mut order = plain(next);
    order.truncate(starts[starts.len() - 1] as usize);
    join(
        &mut order,
        columns(&mut segments, |segment| &mut segment.order),
    );
    let position = positions(first, &order);
    let inner = inner_nodes(
        columns(&mut segments, |segment| &mut segment.inner),
        &bases,
        order.len(),
    );
    let mut groups = zeroed(order.len());
    join(
        &mut groups,
        columns(&mut segments, |segment| &mut segment.groups),
    );
    let mut counts = zeroed(inner.len());
    join(
        &mut counts,
        columns(&mut segments, |segment| &mut segment.counts),
    );
    let mut sums: Vec<S> = zeroed(inner.len());
    join(
        &mut sums,
        columns(&mut segments, |segment| &mut segment.sums),
    );
    for (segment, &(base, sum)) in segments.iter().zip(&bases.0) {
        for &(node, passed, size) in &segment.ended {
            let start = position[node as usize] - 1;
            let cell = inner.rank(start) as usize;
            let before = bases.before(start).plus(sums[cell]);
            counts[cell] = base + passed - start;
            sums[cell] = sum.plus(size).minus(before);
        }
    }
    Numbering {
        order,
        position,
        inner,
        counts,
        sums: S::sums(sums),
        groups: G::column(groups),
        starts,
    }
}

/// How many nodes and how much size come before each segment.
struct Bases<S>(Vec<(u32, S)>);

impl<S: Sum> Bases<S> {
    fn new<G>(segments: &[Segment<S, G>]) -> Bases<S> {
        let (mut base, mut sum) = (0, S::default());
        let bases = segments.iter().map(|segment| {
            let here = (base, sum);
            base += segment.order.len() as u32;
            sum = sum.plus(segment.sum);
            here
        });
        Bases(bases.collect())
    }

    /// The size before the segment that `position` lies in.
    fn before(&self, position: u32) -> S {
        let after = self.0.partition_point(|&(base, _)| base <= position);
        self.0[after - 1].1
    }
}

/// Takes one column out of all segments.
fn columns<S, G, T>(
    segments: &mut [Segment<S, G>],
    column: impl Fn(&mut Segment<S, G>) -> &mut Vec<T>,
) -> Vec<Vec<T>> {
    segments
        .iter_mut()
        .map(|segment| std::mem::take(column(segment)))
        .collect()
}

/// Puts `parts` one after the other into `whole`, which is as long as all of them.
fn join<T: Copy + Send + Sync>(whole: &mut [T], parts: Vec<Vec<T>>) {
    let mut rest = whole;
    let mut places = Vec::with_capacity(parts.len());
    for part in parts {
        let (place, after) = rest.split_at_mut(part.len());
        places.push((place, part));
        rest = after;
    }
    places
        .into_par_iter()
        .for_each(|(place, part)| place.copy_from_slice(&part));
}

/// Node -> position + 1, in the memory of `cells`.
fn positions(mut cells: Vec<u32>, order: &[u32]) -> Vec<u32> {
    cells.par_chunks_mut(CHUNK).for_each(|cells| cells.fill(0));
    let cells: Vec<AtomicU32> = cells.into_iter().map(AtomicU32::new).collect();
    order
        .par_chunks(CHUNK)
        .enumerate()
        .for_each(|(chunk, nodes)| {
            for (i, &node) in nodes.iter().enumerate() {
                cells[node as usize].store((chunk * CHUNK + i) as u32 + 1, Relaxed);
            }
        });
    plain(cells)
}

/// The set of the positions of inner nodes, out of the bits of each segment.
fn inner_nodes<S: Sync>(parts: Vec<Vec<u64>>, bases: &Bases<S>, n: usize) -> Ranked {
    let set = AtomicBits::new(n);
    parts
        .par_iter()
        .zip(&bases.0)
        .for_each(|(part, (base, _))| {
            for (i, &word) in part.iter().enumerate() {
                let mut rest = word;
                while rest != 0 {
                    set.insert(base + (i as u32 * 64 + rest.trailing_zeros()));
                    rest &= rest - 1;
                }
            }
        });
    set.ranked()
}

/// A number of units as wide as need be. Running totals wrap around no earlier than their type is too narrow for the total.
pub(crate) trait Sum: bytemuck::Zeroable + Copy + Default + Send + Sync {
    /// The finished column.
    fn sums(column: Vec<Self>) -> Sums;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

impl Sum for u32 {
    fn sums(column: Vec<u32>) -> Sums {
        Sums::Narrow(column)
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
    fn sums(column: Vec<u64>) -> Sums {
        Sums::Wide(column)
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
