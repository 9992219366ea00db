//! What objects exist: from the file's bytes to tables that answer questions about objects.
//!
//! A [`Snapshot`] is built once by [`load::load`], pass by pass (`passes.rs`): [`scan`] finds classes, GC roots and addresses,
//! [`address_index`] turns addresses into object indexes, [`layout`] infers how this JVM lays objects out,
//! [`references`] reads every object once for its class, size and references, and [`crate::graph`] does the rest.

pub mod address_index;
pub mod bounded_walk;
pub mod class;
pub mod class_edges;
pub mod class_sizes;
pub mod collections;
pub mod compat;
pub mod dominance;
pub mod field_paths;
pub mod fields;
pub mod fillers;
pub mod gaps;
pub mod heaps;
pub mod layout;
pub mod links;
pub mod load;
mod load_error;
pub mod locate;
pub mod mirrors;
pub mod names;
pub mod need;
pub mod observer;
pub mod packing;
mod passes;
pub mod privacy;
pub mod provisional;
pub mod references;
pub mod referrers;
pub mod roots;
pub mod scan;
pub mod sizes;
pub mod snapshot;
pub mod stack_chunks;
pub mod stream;
pub mod threads;
pub mod totals;
mod vocabulary;

pub use class::{Class, ClassIndex, ClassKind, Classes, ReferenceKind};
pub use compat::Compat;
pub use dominance::Runs;
pub use fields::Object;
pub use heaps::{HeapKind, Heaps};
pub use layout::Layout;
pub use links::Link;
pub use load::{LoadError, LoadOptions, estimate, load};
pub use need::Need;
pub use observer::{Observer, Pages, Unobserved};
pub use snapshot::{ObjectIndex, Snapshot, Totals};
pub use threads::{StackFrame, Thread};
