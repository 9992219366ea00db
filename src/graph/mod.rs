//! Who refers to whom, as numbers only: nodes are `u32`, nothing here knows bytes, names or classes.
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
//! turns those into the exact immediate dominators of all nodes. [`tree`] numbers the tree, so that everything below a
//! node is one run of numbers, and sums sizes over it.
//!
//! Every step is linear or nearly so, iterative, and gives the same result for any number of threads.
//!
//! # Memory
//!
//! What is resident when, in bytes an object unless said otherwise. The class column and the shallow sizes belong to the heap
//! layer: 4 and 2 while references are read, then 2 and 2 (4 and 2 where there are more than 65,536 classes). The bitmap of addresses
//! takes 8 bytes for 32 possible addresses, 2 an object as a rule.
//!
//! | phase | resident |
//! | --- | --- |
//! | scan | addresses seen: 2 |
//! | references | class 4, size 2, first referrer 4, references beyond the first: 8 each |
//! | forest, contraction | class 2, size 2, first referrer 4, head 4; references inside a tree are dropped (of 14.1 M on the small benchmark dump 4.0 M are written down, 3.3 M are left) |
//! | core graph | the same; a reference 8, 4 (source tree) and 12 (source node, source tree, target); then 12 |
//! | reachability, dominators | the same; a few bytes a head (1.2 % of the objects of that dump) |
//! | semi-NCA | one thread's work; meanwhile the others fetch memory for the next child (4), where few references are left for the first child too (4) |
//! | numbering | class 2, size 2, dominator 4, first child (then label) 4, next child 4; segments: class 2, inner nodes (about half) 8: about 22 |
//! | finished | class 2, size 2, dominator 4, order 4, position 4, class by position 2, inner nodes 8: about 22 |
//!
//! docs/performance.md has the time of each phase and what was tried.

mod bits;
mod child_lists;
mod column;
mod core;
mod dominators;
mod expand;
mod forest;
mod input;
pub(crate) mod kept;
pub(crate) mod numbering;
pub(crate) mod predecessors;
mod reach;
mod retained;
mod semi_nca;
mod strength;
mod tree;
pub(crate) mod walk;

pub use bits::{AtomicBits, Ranked};
pub use column::Column;
pub(crate) use column::{plain, zeroed};
pub use core::TooManyReferences;
pub use dominators::Dominators;
pub use input::{Implicit, Input, Unrooted};
pub use predecessors::{Edge, Predecessors};
pub use retained::Sizes;
pub use strength::Strength;
pub use tree::Tree;

/// Number of nodes in a chunk that one thread works on.
pub(crate) const CHUNK: usize = 1 << 14;
