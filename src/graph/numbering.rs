//! Segments of the preorder, which [`super::walk`] makes, put together: what a segment does not know, how much comes before
//! it, is added here.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::column::{Column, Narrow};
use super::retained::{Sum, Sums};
use super::strength::Strength;
use super::walk::{Labels, Segment, ThreadedTree, walk};
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
/// The columns of the segments go as soon as they are joined, and the lists of children give their memory to positions and
/// order: this is where the analysis needs most.
pub(crate) fn number<S: Sum, G: Narrow>(
    thread: ThreadedTree,
    about: impl Fn(u32) -> (S, G) + Sync,
) -> Numbering {
    number_with(thread, None, about)
}

fn number_with<S: Sum, G: Narrow>(
    thread: ThreadedTree,
    labels: Option<Labels>,
    about: impl Fn(u32) -> (S, G) + Sync,
) -> Numbering {
    let ((mut segments, starts), labels) = walk(&thread, labels, about);
    let bases = Bases::new(&segments);
    let (position, order) = thread.into_columns();
    let end = starts[starts.len() - 1];
    let position = positions(position, &bases.by_number(&segments), labels, end);
    let order = in_preorder(order, &position, end as usize);
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
            base += segment.len;
            sum = sum.plus(segment.sum);
            here
        });
        Bases(bases.collect())
    }

    /// Where the segments begin, by their numbers.
    fn by_number<G>(&self, segments: &[Segment<S, G>]) -> Vec<Option<u32>> {
        let numbers = segments.iter().map(|segment| segment.number as usize);
        let mut by_number = vec![None; numbers.max().map_or(0, |most| most + 1)];
        for (segment, &(base, _)) in segments.iter().zip(&self.0) {
            // Of several with one number the first is where all begin.
            by_number[segment.number as usize].get_or_insert(base);
        }
        by_number
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

/// Node -> position + 1, in the memory of the labels. `bases` are the positions where segments begin, by their numbers; nodes
/// of those without belong to no topmost node, nor do those at `end` and behind it.
fn positions(
    labelled: Vec<AtomicU32>,
    bases: &[Option<u32>],
    labels: Labels,
    end: u32,
) -> Vec<u32> {
    let mut cells = plain(labelled);
    cells.par_iter_mut().for_each(|cell| {
        let placed = labels.read(*cell);
        let placed = placed
            .and_then(|(segment, at)| Some(bases.get(segment as usize).copied().flatten()? + at));
        *cell = placed.filter(|&at| at < end).map_or(0, |at| at + 1);
    });
    cells
}

/// Position -> node, of `n` nodes, in the memory of `cells`.
fn in_preorder(cells: Vec<AtomicU32>, position: &[u32], n: usize) -> Vec<u32> {
    position
        .par_chunks(CHUNK)
        .enumerate()
        .for_each(|(chunk, positions)| {
            for (i, &position) in positions.iter().enumerate() {
                if let Some(at) = position.checked_sub(1) {
                    cells[at as usize].store((chunk * CHUNK + i) as u32, Relaxed);
                }
            }
        });
    let mut order = plain(cells);
    order.truncate(n);
    order
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Dominators, Implicit, Input, Predecessors, Unrooted};

    struct None;

    impl Implicit for None {
        fn target(&self, _node: u32) -> Option<u32> {
            Option::None
        }
        fn targets(&self) -> &[u32] {
            &[]
        }
    }

    /// A tree of `n` nodes: chains of 700 that hang on earlier nodes. No path leads to the node `lost`, which is left out with all that
    /// hangs on it.
    fn tree(n: u32, lost: u32) -> ThreadedTree {
        let predecessors = Predecessors::new(n as usize, &[0]);
        for node in (1..n).filter(|&node| node != lost) {
            let above = match node % 700 {
                0 => node / 3,
                _ => node - 1,
            };
            predecessors.add(above, node, &mut Vec::new());
        }
        let mut dominators = Dominators::compute(Input {
            predecessors,
            further: Vec::new(),
            roots: &[0],
            referents: Vec::new(),
            implicit: &None,
            unrooted: Unrooted::LeaveOut,
            phase: &mut |_| {},
        })
        .expect("few references");
        let child_lists = dominators.take_child_lists();
        ThreadedTree::new(&dominators, child_lists)
    }

    /// Segments that grow longer than their labels can count are cut, and the numbers are the same.
    #[test]
    fn segments_are_cut_where_labels_end() {
        let n = 50_000;
        let about = |node: u32| (u64::from(node % 13), (node % 7) as u16);
        // Nobody but the first node, and a node with many below it.
        for lost in [0, n / 3] {
            let whole = number(tree(n, lost), about);
            let Sums::Wide(sums) = whole.sums else {
                panic!("sums of 64 bits");
            };
            // The last ones are those of trees with more nodes than can be made here.
            let labels = [
                Labels::short(10),
                Labels::short(6),
                Labels::short(1),
                Labels::WHOLE,
            ];
            for bits in labels {
                let cut = number_with(tree(n, lost), Some(bits), about);
                assert_eq!(cut.order, whole.order, "{bits:?}");
                assert_eq!(cut.position, whole.position, "{bits:?}");
                assert_eq!(cut.counts, whole.counts, "{bits:?}");
                let Sums::Wide(cut) = cut.sums else {
                    panic!("sums of 64 bits");
                };
                assert_eq!(cut, sums, "{bits:?}");
            }
            assert_eq!(whole.order.len() < n as usize, lost > 0);
        }
    }
}
