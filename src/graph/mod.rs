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
//! turns those into the exact immediate dominators of all nodes. [`tree`] numbers the tree, so that everything below a
//! node is one run of numbers, and sums sizes over it.
//!
//! Every step is linear or nearly so, iterative, and gives the same result for any number of threads.
//!
//! # Memory
//!
//! What is resident when, in bytes an object unless said otherwise (the class column and the shallow sizes belong to the
//! heap layer: 4 and 2; the bitmap of addresses takes 8 bytes for 32 possible addresses, 2 an object as a rule):
//!
//! | phase | resident |
//! | --- | --- |
//! | scan | addresses seen: 2 |
//! | references | class 4, size 2, first referrer 4, references beyond the first: 8 each |
//! | forest, contraction | the same and head 4; references inside a tree are dropped (of 14.1 M on the small benchmark dump 4.0 M are written down, 3.3 M are left) |
//! | core graph | class 4, size 2, referrer 4, head 4; a reference 8 and 12 (source node, source tree, target); then 12 |
//! | reachability, dominators | the same; a few bytes a head (1.2 % of the objects of that dump) |
//! | numbering | class 4, size 2, dominator 4, first child 4, next child 4, order 4, inner nodes (about half) 8: the peak, about 26 |
//! | finished | class 4, size 2, dominator 4, order 4, position 4, inner nodes 8: about 22 |
//!
//! # Time
//!
//! `benches/phases.rs` measures the phases on a generated heap (`cargo bench --bench phases`); `hprof-suspects -v DUMP` prints
//! wall and processor time and memory of each phase of a real one. On one thread alone run the walk that numbers the tree,
//! reachability, semi-NCA with the depth-first search before it, and hanging trees below their only referrer. Their
//! share of wall time has not been measured on an idle machine yet, and neither has the whole against its peers. The seconds
//! below are processor seconds on the small benchmark dump (8.9 M objects), on a machine busy with other work.
//!
//! What was tried:
//!
//! - Retained sizes by peeling leaves with atomic counters, then numbering the tree in a second pass: 0.58 s
//!   with totals and fillers, against 0.31 s of the one walk over threaded child lists. Leading the last child back up in the same column that
//!   holds siblings saves the walk a look at the dominators, one cache miss a node.
//! - Sources of core references as core nodes beside the source nodes (4 bytes a reference): three of five look-ups of
//!   tree heads gone, reachability, semi-NCA and expansion from 0.31 s to 0.09 s.
//! - References looked up in batches of 64, so that cache misses overlap instead of waiting for a mispredicted branch:
//!   0.50 s to 0.46 s, no more than the noise of single runs.
//! - Addresses remembered in 2 bytes each while the dump is hopped over, instead of a second hop: 0.20 s to 0.08 s.
//! - Huge pages for the columns (`glibc.malloc.hugetlb=1`): 3 % less processor time in one run, 9 %
//!   more in the next, 8 MB more memory.
//! - glibc raises the size from which on blocks are mapped when such blocks are freed, and so keeps the references of finished
//!   phases: pinning it (`cli::allocator`) lowered the resident peak of the large benchmark dump from 1760 to 1476 MB (one run each).

pub mod bits;
pub mod column;
pub mod core;
pub mod dominators;
pub mod expand;
pub mod forest;
pub(crate) mod numbering;
pub mod predecessors;
pub mod reach;
pub mod retained;
pub mod semi_nca;
pub mod tree;
pub(crate) mod walk;

pub use bits::{AtomicBits, Ranked};
pub use column::{Column, atomic_column};
pub(crate) use column::{plain, zeroed};
pub use core::TooManyReferences;
pub use dominators::{Dominators, Implicit, Input, Strength, Unrooted};
pub use predecessors::{Edge, Predecessors};
pub use retained::Sizes;
pub use tree::Tree;

/// Number of nodes in a chunk that one thread works on.
pub(crate) const CHUNK: usize = 1 << 14;
