//! `hprof-suspects`: from an HPROF heap dump to named leak suspects and a verdict.
//!
//! # Code map
//!
//! One byte travels from the top of this list to the bottom; every module imports only what stands above it
//! (`tests/suite/layering.rs` guards that).
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`input`] | how a dump is opened: mapping, containers, what is not a dump |
//! | [`hprof`] | what the bytes say: header, records, sub-records |
//! | [`graph`] | who holds whom: predecessors, dominators, retained sizes (numbers only) |
//! | [`heap`] | what objects exist: objects, classes, names, threads, shallow sizes |
//! | [`suspects`] | what is suspicious: holders, groups, accumulation points, patterns |
//! | [`growth`] | what grew: the owners of one dump, and how they develop over several |
//! | [`verdict`] | does it matter: the ledger, outside evidence, the decision |
//! | [`collect`] | how an incident is collected: dump and evidence of a running JVM, in one folder |
//! | [`report`] | how it is told: the model and one file per format |

// The code map leads developers to private files too; `cargo doc --document-private-items` resolves them.
#![allow(rustdoc::private_intra_doc_links)]

pub mod analyze;
pub mod cli;
pub mod collect;
pub mod graph;
pub mod growth;
pub mod heap;
pub mod hprof;
pub mod input;
pub mod report;
pub mod suspects;
pub mod verdict;
