//! Who holds whom. Numbers only: nodes are `u32`, nothing here knows bytes, names or classes.
//!
//! # Words
//!
//! A node `d` *dominates* `v` when every path from the virtual root to `v` runs through `d`. The *immediate dominator* of
//! `v` is the last such `d` before `v`. A node's *retained size* is the sum of the sizes of all nodes it dominates,
//! itself included: what would be freed if it went away.
//!
//! # How it is computed
//!
//! Most objects of a heap are referenced by exactly one other object, and that one is then their immediate dominator. So
//! the references are never stored: while they are read, [`predecessors`] remembers the *first* referrer of every node, and
//! only where a second, different one turns up is that reference written down. Nodes with one referrer form trees
//! ([`forest`]); what is left, roots of those trees and the references between them ([`core`]), is a graph many times
//! smaller. On it [`reach`] finds what the GC roots reach and how strongly, [`semi_nca`] the dominators, and [`expand`]
//! turns those into the exact immediate dominators of all nodes. [`retained`] sums sizes over the tree and [`tree`] numbers
//! it, so that everything below a node is one run of numbers.
//!
//! Every step is linear or nearly so, iterative, and gives the same result for any number of threads.

pub mod bits;
pub mod core;
pub mod dominators;
pub mod expand;
pub mod forest;
pub mod predecessors;
pub mod reach;
pub mod retained;
pub mod semi_nca;
pub mod tree;

pub use bits::{AtomicBits, Ranked};
pub use dominators::{Dominators, Implicit, Input, Strength, Unrooted};
pub use predecessors::{Edge, Predecessors};
pub use retained::{Retained, Sizes};
pub use tree::Tree;

/// Number of nodes in a chunk that one thread works on.
pub(crate) const CHUNK: usize = 1 << 14;

/// A zeroed column of `n` atomic numbers; its pages are not touched before they are used.
pub fn atomic_column(n: usize) -> Vec<std::sync::atomic::AtomicU32> {
    bytemuck::allocation::zeroed_vec(n)
}

/// The same numbers without atomicity; reuses the memory.
pub(crate) fn plain(cells: Vec<std::sync::atomic::AtomicU32>) -> Vec<u32> {
    cells
        .into_iter()
        .map(std::sync::atomic::AtomicU32::into_inner)
        .collect()
}
