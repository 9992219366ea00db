//! What objects exist: from the file's bytes to tables that answer questions about objects.
//!
//! A [`Snapshot`] is built once by [`load::load`], pass by pass (`passes.rs`): [`scan`] finds classes, GC roots and addresses,
//! [`address_index`] turns addresses into object indexes, [`layout`] infers how this JVM lays objects out,
//! [`references`] reads every object once for its class, size and references, and [`crate::graph`] does the rest.

mod address_index;
mod array_classes;
pub(crate) mod bounded_walk;
mod class;
mod class_edges;
mod class_instances;
mod class_sizes;
#[doc(hidden)]
pub mod collections;
mod compat;
mod dominance;
mod entries;
mod field_paths;
pub(crate) mod fields;
mod fillers;
mod gaps;
mod heaps;
mod instances;
mod kept;
mod layout;
mod link;
mod linked;
mod links;
pub(crate) mod load;
mod load_error;
pub(crate) mod locate;
pub(crate) mod names;
pub(crate) mod need;
mod observer;
mod packing;
mod passes;
mod preloaded;
pub(crate) mod privacy;
mod provisional;
mod references;
mod referrer_rows;
mod referrers;
mod roots;
mod scan;
mod shown;
mod sizes;
mod snapshot;
mod stack_chunks;
mod steps;
mod stream;
mod thread;
mod threads;
mod totals;
mod vocabulary;

pub use address_index::ObjectIndex;
pub use class::{Class, ClassIndex, ClassKind, Classes, ReferenceKind};
pub use compat::Compat;
pub use dominance::Runs;
pub use fields::Object;
pub use heaps::{HeapKind, Heaps};
pub use instances::{Found, Instances};
pub use kept::{keep, restore};
pub use layout::Layout;
pub use link::Link;
pub use load::{LoadError, LoadOptions, estimate, load};
pub use need::Need;
pub use observer::{Observer, Pages, Unobserved};
pub use referrer_rows::ReferrerRows;
pub use referrers::referrers_in;
pub use snapshot::Snapshot;
pub use steps::Steps;
pub use thread::{StackFrame, Thread};
pub use totals::Totals;
