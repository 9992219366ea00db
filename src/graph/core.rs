//! The core graph: heads of the forest and the references between their trees.
//!
//! Core node 0 is the virtual root; head number `i` (in ascending order) is core node `i + 1`.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::forest::Forest;
use super::input::Implicit;
use super::predecessors::Edge;
use super::{AtomicBits, CHUNK, Ranked, zeroed};

/// Rounds of hanging trees below their only referrer; more find next to nothing on real heaps.
const ROUNDS: usize = 4;
/// Stands for several referrers.
const MANY: u32 = u32::MAX;

/// More references between trees of the forest than 2^32: the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyReferences(pub u64);

/// References between trees, in compressed rows by source and by target.
pub(crate) struct Core {
    /// Which nodes are heads, and their numbers.
    pub heads: Ranked,
    /// Core node -> node, entry 0 unused.
    pub node_of: Vec<u32>,
    /// Row bounds by source: `successors[row[c]..row[c + 1]]`.
    successor_rows: Vec<u32>,
    /// Targets, as core nodes.
    successors: Vec<u32>,
    /// Row bounds by target.
    predecessor_rows: Vec<u32>,
    /// Sources, as nodes (not core nodes: where in a tree a reference starts matters later).
    predecessors: Vec<u32>,
    /// The same as core nodes.
    sources: Vec<u32>,
}

/// Attaches trees that have a single referrer left below it, until that stops paying. `pinned` nodes stay heads.
pub(crate) fn contract(forest: &Forest, pinned: &AtomicBits, edges: &mut Vec<Vec<Edge>>) {
    for _ in 0..ROUNDS {
        let heads = forest.heads.ranked();
        let only = only_referrers(&heads, edges);
        let mut attached = 0;
        for (node, referrer) in heads.members().into_iter().zip(&only) {
            let referrer = referrer.load(Relaxed);
            if referrer != 0 && referrer != MANY && !pinned.contains(node) {
                attached += usize::from(forest.attach(node, referrer - 1));
            }
        }
        forest.drop_inner(edges);
        if attached < heads.len() / 20 {
            return;
        }
    }
}

/// For each head its only referrer + 1, 0 for none, [`MANY`] for several.
fn only_referrers(heads: &Ranked, edges: &[Vec<Edge>]) -> Vec<AtomicU32> {
    let only: Vec<AtomicU32> = zeroed(heads.len());
    edges.par_iter().for_each(|chunk| {
        for &(from, to) in chunk {
            let cell = &only[heads.rank(to) as usize];
            let seen = cell
                .compare_exchange(0, from + 1, Relaxed, Relaxed)
                .unwrap_or_else(|now| now);
            if seen != 0 && seen != from + 1 {
                cell.store(MANY, Relaxed);
            }
        }
    });
    only
}

impl Core {
    /// Builds the rows. `edges` end at heads and start in other trees.
    ///
    /// # Errors
    /// When there are more edges than row bounds can count.
    pub fn new(
        forest: &Forest,
        heads: Ranked,
        edges: Vec<Vec<Edge>>,
    ) -> Result<Core, TooManyReferences> {
        let total: usize = edges.iter().map(Vec::len).sum();
        if u32::try_from(total).is_err() {
            return Err(TooManyReferences(total as u64));
        }
        let mut node_of = vec![u32::MAX];
        node_of.extend(heads.members());
        let edges = CoreEdges::new(forest, &heads, edges);
        // The few targets of most references would be fought for if several threads counted; each side alone is fast.
        // Memory for them is fetched by all.
        let (targets, sources, successors) = (zeroed(total), zeroed(total), zeroed(total));
        let (by_target, by_source) = rayon::join(
            || edges.by_target(node_of.len(), (targets, sources)),
            || edges.by_source(node_of.len(), successors),
        );
        let (predecessor_rows, predecessors, sources) = by_target;
        let (successor_rows, successors) = by_source;
        Ok(Core {
            heads,
            node_of,
            successor_rows,
            successors,
            predecessor_rows,
            predecessors,
            sources,
        })
    }

    /// Number of core nodes, the virtual root included.
    pub fn len(&self) -> usize {
        self.node_of.len()
    }

    /// Number of references.
    pub fn references(&self) -> usize {
        self.successors.len()
    }

    /// The core node of head `node`.
    #[inline]
    pub fn core_of(&self, node: u32) -> u32 {
        self.heads.rank(node) + 1
    }

    /// Where the references of core node `core` lead, as core nodes.
    #[inline]
    pub fn successors(&self, core: u32) -> &[u32] {
        &self.successors[self.successor_rows[core as usize] as usize
            ..self.successor_rows[core as usize + 1] as usize]
    }

    /// Where the references to core node `core` start, as nodes.
    #[inline]
    pub fn predecessors(&self, core: u32) -> &[u32] {
        &self.predecessors[self.predecessor_range(core)]
    }

    /// The same as core nodes, in the same order.
    #[inline]
    pub fn sources(&self, core: u32) -> &[u32] {
        &self.sources[self.predecessor_range(core)]
    }

    /// The row of `core` in the predecessors.
    pub fn predecessor_range(&self, core: u32) -> std::ops::Range<usize> {
        self.predecessor_rows[core as usize] as usize
            ..self.predecessor_rows[core as usize + 1] as usize
    }
}

/// Adds the references that every node has without their being written down (object -> class object), one for each
/// (tree, target) where the tree is not the target's own.
pub(crate) fn add_implicit(forest: &Forest, implicit: &dyn Implicit, edges: &mut Vec<Vec<Edge>>) {
    const CACHED: usize = 64;
    let n = forest.parent.len();
    let found: Vec<Vec<Edge>> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut seen = [(u32::MAX, u32::MAX); CACHED];
            let mut out = Vec::new();
            for node in (chunk * CHUNK) as u32..((chunk + 1) * CHUNK).min(n) as u32 {
                let Some(target) = implicit.target(node) else {
                    continue;
                };
                let pair = (target, forest.head(node));
                let slot = &mut seen[(target ^ target >> 6) as usize % CACHED];
                if *slot != pair {
                    *slot = pair;
                    if pair.1 != target {
                        out.push((node, target));
                    }
                }
            }
            out.shrink_to_fit();
            out
        })
        .filter(|chunk| !chunk.is_empty())
        .collect();
    edges.extend(found);
}

/// References between trees, in chunks as they were found.
struct CoreEdges {
    /// (source node, target core node).
    edges: Vec<Vec<Edge>>,
    /// Source core nodes, parallel to `edges`.
    sources: Vec<Vec<u32>>,
}

impl CoreEdges {
    fn new(forest: &Forest, heads: &Ranked, mut edges: Vec<Vec<Edge>>) -> CoreEdges {
        let sources = edges
            .par_iter_mut()
            .map(|chunk| {
                let look_up = |edge: &mut Edge| {
                    edge.1 = heads.rank(edge.1) + 1;
                    heads.rank(forest.head(edge.0)) + 1
                };
                chunk.iter_mut().map(look_up).collect()
            })
            .collect();
        CoreEdges { edges, sources }
    }

    /// Rows by target of `n` core nodes, in `child_lists` for all references: bounds, source nodes, source core nodes.
    fn by_target(
        &self,
        n: usize,
        child_lists: (Vec<u32>, Vec<u32>),
    ) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let mut rows = row_ends(n, self.edges.iter().flatten().map(|&(_, to)| to));
        let (mut predecessors, mut sources) = child_lists;
        for (edges, cores) in self.edges.iter().zip(&self.sources) {
            for (&(from, to), &source) in edges.iter().zip(cores) {
                let slot = &mut rows[to as usize];
                *slot -= 1;
                predecessors[*slot as usize] = from;
                sources[*slot as usize] = source;
            }
        }
        (rows, predecessors, sources)
    }

    /// Rows by source of `n` core nodes, in `child_lists` for all references: bounds, target core nodes.
    fn by_source(&self, n: usize, child_lists: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
        let mut rows = row_ends(n, self.sources.iter().flatten().copied());
        let mut successors = child_lists;
        for (edges, cores) in self.edges.iter().zip(&self.sources) {
            for (&(_, to), &source) in edges.iter().zip(cores) {
                let slot = &mut rows[source as usize];
                *slot -= 1;
                successors[*slot as usize] = to;
            }
        }
        (rows, successors)
    }
}

/// The ends of the rows of `n` core nodes; filling the rows backwards makes them the starts. One more is the end of all.
fn row_ends(n: usize, owners: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut rows = vec![0u32; n + 1];
    for owner in owners {
        rows[owner as usize] += 1;
    }
    let mut sum = 0;
    for cell in &mut rows {
        sum += *cell;
        *cell = sum;
    }
    rows
}
