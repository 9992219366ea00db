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
//! # Time
//!
//! `benches/phases.rs` measures the phases on a generated heap (`cargo bench --bench phases`); `hprof-suspects -v DUMP` prints
//! wall and processor time and memory of each phase of a real one. With two threads, processor time that falls short of twice
//! the wall time is what ran on one core alone. README has the whole run against its peers.
//!
//! Wall and processor seconds of the large benchmark dump (53 M objects, 24 M of the references in the core graph), one run on an
//! otherwise idle machine with two cores, and what that machine's memory can do: a load from anywhere in a column takes 150 to 170 ns where
//! the next one waits for it and 13 ns for each core where it does not; a page of new memory takes 1.2 to 2.2 ms a MiB.
//!
//! | phase | wall | processor | on one core | where it goes |
//! | --- | --- | --- | --- | --- |
//! | records, scan | 0.56 | 0.98 | 0.1 | every header of the dump is read once, 2.96 GB |
//! | addresses | 0.18 | 0.34 | | |
//! | references | 1.26 | 2.48 | | three independent loads a reference: address, first referrer, class |
//! | sizes | 0.41 | 0.72 | 0.1 | four columns in order |
//! | forest, contraction | 0.97 | 1.84 | 0.1 | two loads a node on the way to its head, compressed |
//! | core graph | 0.30 | 0.47 | 0.1 | rows: two loads a reference on each side |
//! | reachability, semi-NCA, expansion | 0.79 | 1.48 | 0.1 | half of it is memory fetched for the walk |
//! | numbering | 1.11 | 2.07 | 0.1 | four loads a node, of which two wait for each other: 53 M x (2 x 13 + what is not near of 2 x 150 ns) |
//! | classes, topmost objects | 0.34 | 0.60 | 0.1 | |
//! | suspects, details, patterns | 0.87 | 1.51 | 0.2 | |
//!
//! About 1 s of 7 runs on one core. Some 1.4 GB of new memory at 1.2 to 2.2 ms a MiB are 0.9 to 1.5 s of the whole on two cores.
//!
//! What was tried, on machines busy with other work; single runs differ by 10 %:
//!
//! - Retained sizes by peeling leaves with atomic counters, then numbering the tree in a second pass: 0.58 s
//!   with totals and fillers, against 0.31 s of one walk over threaded child lists. Leading the last child back up in the same column that
//!   holds siblings saves the walk a look at the dominators, one cache miss a node.
//! - The walk in segments on two threads ([`walk`]): the phase from 0.45 s to 0.30 s (small), though its processor
//!   time stayed: it waits for memory. Four walks side by side in each thread, so that their waits overlap, were slower: 2.8 s
//!   against 2.1 s (large). Inner nodes numbered by position instead of by node save a random look a node, in the walk and in
//!   every sweep over the tree: retained sizes of classes from 0.58 s to 0.35 s (large).
//! - Rows of the core graph counted with atomic counters, by all threads: 0.40 s (small), since most references share a few
//!   targets. Each side alone on one thread: 0.06 s.
//! - Sources of core references as core nodes beside the source nodes (4 bytes a reference): three of five look-ups of
//!   tree heads gone, reachability, semi-NCA and expansion from 0.31 s to 0.09 s.
//! - References looked up in batches of 64, so that cache misses overlap instead of waiting for a mispredicted branch:
//!   0.50 s to 0.46 s, no more than the noise of single runs.
//! - Addresses remembered in 2 bytes each while the dump is hopped over, instead of a second hop: 0.20 s to 0.08 s.
//! - Huge pages for the columns (`cli::allocator`): 11.8 s to 10.5 s on the large dump (two runs each), 50 MB more memory; nothing to
//!   be seen on the small one.
//! - Freed columns kept for the next ones (`cli::allocator`) instead of going back to the system: clearing fresh pages took 22 % of
//!   all processor time on a Spark driver's dump and takes 3 % now (10 % and 17 % where the host has to find the memory first). jemalloc that
//!   keeps all it ever had was as fast, with half as much memory again. Pages move to where they are needed (`mremap`), or 15 % of the
//!   memory would lie between columns; mapping by mapping, since kernels before 6.17 refuse anything else, and unmap the destination
//!   before they say so. Blocks below 256 KiB stay with glibc, which is kept from hoarding them.
//! - First children of inner nodes only, found by rank: 4 % less memory at the peak, and the walk 15 % slower.
//! - Visited nodes labelled in the memory of their first child instead of a list for each segment: as fast, and 50 to 130 MB less on the
//!   large dump, together with less memory fetched early.
//! - Memory for the walk fetched while semi-NCA keeps one thread busy: 0.5 s of 9.5 s on the large dump.
//! - The sections of the report's details beside the search for suspects; native memory by position in the tree; what is strongly
//!   reachable counted in the order of the objects: the report on the Spark driver's dump from 1.0 s to 0.3 s.
//! - Pages of the dump given back in runs of 16 MiB instead of one unit each, and in the report as well: the resident size at the end
//!   of the large dump from 1,660 to 1,286 MB.
//! - Instructions of processors since 2009 (`.cargo/config.toml`): 3 to 4 %.
//! - Not tried: lists of children in the memory of the dominators (4 bytes an object less at the peak, another sweep to find the
//!   dominators again).

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
pub use column::Column;
pub(crate) use column::{plain, zeroed};
pub use core::TooManyReferences;
pub use dominators::{Dominators, Implicit, Input, Strength, Unrooted};
pub use predecessors::{Edge, Predecessors};
pub use retained::Sizes;
pub use tree::Tree;

/// Number of nodes in a chunk that one thread works on.
pub(crate) const CHUNK: usize = 1 << 14;
