//! `hprof-suspects` reads a heap dump of a JVM (HPROF), names who keeps its memory, and says whether the Java heap is the source of a memory
//! problem.
//!
//! ```
//! use hprof_suspects::{Dump, Options, report};
//!
//! let dump = Dump::open("testdata/sample.hprof.gz")?;
//! let heap = dump.analyze(&Options::default())?;
//! for object in heap.dominators().into_iter().take(10) {
//!     println!("{:#x} {} retains {} bytes", heap.address(object), heap.class(object).name, heap.retained(object));
//! }
//! println!("{}", report(&heap).verdict.headline);
//! # Ok::<(), hprof_suspects::DumpError>(())
//! ```
//!
//! A [`Report`] is plain data. [`render`] writes it as text, Markdown, HTML and in further [formats](Format).
//!
//! # Code map
//!
//! Data moves from the top of this list to the bottom. Every module imports only what stands above it, and `tests/suite/layering.rs`
//! checks that. Modules that this documentation does not list are the insides of the program; they change without notice.
//!
//! | module | content |
//! | --- | --- |
//! | [`numbers`], [`mod@sentence`], [`phase`] | how numbers and sentences are written, what an analysis is at; every module may use them |
//! | `kept` | columns of numbers in a file; every module may use it |
//! | [`platform`] | what differs between operating systems; every module may use it |
//! | [`input`] | how a dump is opened: mapping, containers, what is not a dump |
//! | [`hprof`] | the file format: header, records, sub-records |
//! | [`graph`] | who refers to whom: predecessors, dominators, retained sizes, as numbers only |
//! | [`heap`] | the objects: classes, names, threads, shallow sizes |
//! | [`suspects`] | holders, groups of alike objects, known leak patterns |
//! | [`growth`] | the owners of one dump, and how they develop over several |
//! | [`verdict`] | the ledger of the process's memory, evidence from outside, the decision |
//! | [`collect`] | collecting dump and evidence of a running JVM in one folder |
//! | [`mod@report`] | the report as data, and one file for each output format |
//! | [`fleet`] | many saved reports together |
//! | [`analyze`] | from the analysed heap to a report |
//! | `export` | tables in Parquet |
//! | [`dump`] | the three calls above |
//! | [`cli`] | the command line |

// What data can reach is an error, never a panic. Tests may panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented
    )
)]
// The code map leads developers to private files too; `cargo doc --document-private-items` resolves them.
#![allow(rustdoc::private_intra_doc_links)]

#[doc(hidden)]
pub mod analyze;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod collect;
pub mod dump;
#[doc(hidden)]
#[cfg(feature = "export")]
pub mod export;
#[doc(hidden)]
pub mod fleet;
#[doc(hidden)]
pub mod graph;
pub mod growth;
pub mod heap;
pub mod hprof;
pub mod input;
mod kept;
pub mod labels;
#[doc(hidden)]
pub mod numbers;
mod packed;
#[doc(hidden)]
pub mod phase;
#[doc(hidden)]
pub mod platform;
pub mod report;
pub mod sentence;
#[doc(hidden)]
pub mod suspects;
pub mod verdict;

pub use dump::{Analyzed, Dump, DumpError, Options, report};
pub use heap::Snapshot;
pub use report::{Format, RenderOptions, Report, render};
