//! A writer of HPROF heap dumps that shares no code with the reader under test (`src/hprof`).
//!
//! Two levels:
//!
//! * [`raw`]: records and sub-records byte by byte. Everything can be said, also what is wrong: any identifier
//!   size, any field value, lengths and counts that lie.
//! * [`Heap`]: classes, objects, threads and roots by name; the writer assigns addresses the way a JVM with the chosen
//!   [`Layout`] would, so a test knows the true shallow size of every object.
//!
//! ```ignore
//! let mut heap = Heap::new();
//! let user = heap.class("com.acme.User").app().field("name", Kind::Object).done();
//! let cache = heap.class("com.acme.Cache").app().static_field("CACHE", Value::Null).done();
//! let entry = heap.instance(user);
//! let list = heap.array_list(&[entry]);
//! heap.set_static(cache, "CACHE", list);
//! let dump = heap.write();
//! ```
//!
//! The numbers of the tags are spelled out here a second time on purpose: a typing error in one place shows.

// A library for the other tests: a part that no test uses at the moment is no defect.
#![allow(dead_code, unused_imports)]

mod class_builder;
mod collections;
mod emit;
mod heap;
mod jdk;
mod layout;
mod names;
mod options;
pub mod raw;
mod references;
mod self_test;
mod sub_records;
mod threads;
mod value;

pub use class_builder::ClassBuilder;
pub use emit::Written;
pub use heap::{Class, Heap, Obj};
pub use layout::Layout;
pub use options::{Framing, Names, Options, RootsPlace};
pub use raw::RawDump;
pub use references::Strength;
pub use sub_records::{ClassDump, SubRecords};
pub use threads::{Root, ThreadHandle};
pub use value::{Kind, Value};
