//! Trees of nodes with one referrer.
//!
//! A *head* is a node that has several referrers, none, or is an entry (a GC root, or what a weak reference refers to).
//! Every other node hangs below its only referrer, so it belongs to the tree of exactly one head.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::predecessors::{ENTRY, Edge, Predecessors};
use super::{AtomicBits, CHUNK, zeroed};

/// Value in `head` of a node on, or below, a ring of nodes that only refer to each other.
const RING: u32 = u32::MAX;

/// The forest while it is being built.
pub(crate) struct Forest {
    /// Referrer + 1 of a node that is no head; of a head 0.
    pub parent: Vec<AtomicU32>,
    /// Head + 1 of a node that is no head, possibly out of date: see [`Forest::head`].
    head: Vec<AtomicU32>,
    /// The heads.
    pub heads: AtomicBits,
}

impl Forest {
    /// Builds the trees. `pinned` nodes become heads whatever their referrers. References that end at heads are left in
    /// `edges`, those inside a tree are dropped.
    pub fn new(
        predecessors: Predecessors,
        pinned: &AtomicBits,
        edges: &mut Vec<Vec<Edge>>,
    ) -> Forest {
        let n = predecessors.len();
        let heads = pinned.duplicate();
        edges.par_iter().flatten_iter().for_each(|&(_, to)| {
            heads.insert(to);
        });
        let first = predecessors.first;
        let firsts: Vec<Vec<Edge>> = first
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, cells)| detach_heads(chunk * CHUNK, cells, &heads))
            .filter(|edges| !edges.is_empty())
            .collect();
        edges.extend(firsts);
        let forest = Forest {
            parent: first,
            head: zeroed(n),
            heads,
        };
        forest.find_heads();
        forest.open_rings();
        forest.drop_inner(edges);
        forest
    }

    /// The head of the tree that `node` is in.
    #[inline]
    pub fn head(&self, node: u32) -> u32 {
        let mut at = node;
        while !self.heads.contains(at) {
            at = self.head[at as usize].load(Relaxed) - 1;
        }
        at
    }

    /// The same, and later questions about `node` are answered faster.
    fn head_compressed(&self, node: u32) -> u32 {
        let head = self.head(node);
        let mut at = node;
        while !self.heads.contains(at) {
            at = self.head[at as usize].swap(head + 1, Relaxed) - 1;
        }
        head
    }

    /// Attaches the tree of head `node` below `referrer`, its only referrer outside its own tree. Does nothing if the
    /// referrer is in that very tree.
    pub fn attach(&self, node: u32, referrer: u32) -> bool {
        let head = self.head_compressed(referrer);
        if head == node {
            return false;
        }
        self.heads.remove(node);
        self.parent[node as usize].store(referrer + 1, Relaxed);
        self.head[node as usize].store(head + 1, Relaxed);
        true
    }

    /// Drops references that end at a head from within its own tree: they are no way in.
    pub fn drop_inner(&self, edges: &mut Vec<Vec<Edge>>) {
        edges.par_iter_mut().for_each(|chunk| {
            chunk.retain(|&(from, to)| self.heads.contains(to) && self.head_compressed(from) != to);
            chunk.shrink_to_fit();
        });
        edges.retain(|chunk| !chunk.is_empty());
    }

    fn find_heads(&self) {
        let n = self.parent.len();
        (0..n.div_ceil(CHUNK))
            .into_par_iter()
            .for_each_init(Vec::new, |path, chunk| {
                for node in chunk * CHUNK..((chunk + 1) * CHUNK).min(n) {
                    self.find_head(node as u32, path);
                }
            });
    }

    /// Walks up from `node` to the first node whose head is known and notes it on the way. Brent's method notices rings.
    fn find_head(&self, node: u32, path: &mut Vec<u32>) {
        path.clear();
        let (mut at, mut mark, mut next_mark) = (node, node, 64);
        let head = loop {
            if self.heads.contains(at) {
                break at + 1;
            }
            let known = self.head[at as usize].load(Relaxed);
            if known != 0 {
                break known;
            }
            path.push(at);
            at = self.parent[at as usize].load(Relaxed) - 1;
            if at == mark {
                break RING;
            }
            if path.len() == next_mark {
                (mark, next_mark) = (at, next_mark * 2);
            }
        };
        for &passed in path.iter() {
            self.head[passed as usize].store(head, Relaxed);
        }
    }

    /// Nodes on a ring that nothing outside refers to have no head. The smallest of each ring becomes one.
    fn open_rings(&self) {
        let lost: Vec<u32> = self
            .head
            .par_iter()
            .enumerate()
            .filter(|(_, head)| head.load(Relaxed) == RING)
            .map(|(node, _)| node as u32)
            .collect();
        if lost.is_empty() {
            return;
        }
        // 0: not seen; otherwise the walk that saw the node first. Only ring members are walked, so a map is small.
        let mut seen: rustc_hash::FxHashMap<u32, u32> = rustc_hash::FxHashMap::default();
        for &start in &lost {
            let mut at = start;
            while !seen.contains_key(&at) {
                seen.insert(at, start);
                at = self.parent[at as usize].load(Relaxed) - 1;
            }
            if seen[&at] == start {
                self.open_ring(at);
            }
        }
        for &node in &lost {
            self.head[node as usize].store(0, Relaxed);
        }
        let mut path = Vec::new();
        for &node in &lost {
            self.find_head(node, &mut path);
        }
    }

    fn open_ring(&self, member: u32) {
        let (mut at, mut smallest) = (member, member);
        loop {
            // A ring that was opened before ends at its head, which has no parent.
            let Some(parent) = self.parent[at as usize].load(Relaxed).checked_sub(1) else {
                return;
            };
            at = parent;
            smallest = smallest.min(at);
            if at == member {
                break;
            }
        }
        self.heads.insert(smallest);
        self.parent[smallest as usize].store(0, Relaxed);
    }
}

/// Turns nodes without a referrer into heads and takes the first referrer of every head away, as a reference.
fn detach_heads(start: usize, cells: &[AtomicU32], heads: &AtomicBits) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (i, cell) in cells.iter().enumerate() {
        let node = (start + i) as u32;
        match cell.load(Relaxed) {
            0 => {
                heads.insert(node);
            }
            ENTRY => {
                heads.insert(node);
                cell.store(0, Relaxed);
            }
            first if heads.contains(node) => {
                edges.push((first - 1, node));
                cell.store(0, Relaxed);
            }
            _ => {}
        }
    }
    edges
}
