//! What is suspicious: who keeps a lot of memory alive, named by the field that a developer can go and change.
//!
//! 1. [`candidates`] walks the large part of the dominator tree and finds *accumulation points*: places where one large
//!    object splits into many small ones, and classes of which many small objects lie topmost.
//! 2. [`holder`] walks from there towards the GC root, over transparent objects (collections, arrays, loaders), to the nearest owner;
//!    [`thread_holder`] and [`root_holder`] know those that are no fields, [`stack_frames`] whose code a thread runs,
//!    [`thread_locals`] and [`fast_thread_local`] the maps of threads, [`nested`] and
//!    [`generic`] those that only lead on.
//! 3. [`content`] walks the other way, over the same transparent objects, to what is held; [`field_values`] says whose fields it is, [`put_in`] what is
//!    in a library's structure, [`kinds`] of which classes the members of a chain are.
//! 4. [`parts`] pairs each holder with what it holds, [`merge`] makes one suspect of what has the same holder and [`weight`]
//!    says how much it is, [`group`] drops what is below the floor and orders the rest. Where the path meets nobody's own
//!    code, [`referring`] asks who else refers to it; [`siblings`] and [`join`] put owners of the same objects together,
//!    [`via`] says whose field it is, [`views`] who owns what was found through a slice of it, [`registries`] who
//!    owns what the JDK or a library has a list of, [`threads_in`] who has threads without a name.
//! 5. [`collection`] describes the collection around what is held, [`elements`] tells what it holds for each entry, [`opened`] what
//!    the large fields of one large object hold, [`counts`] how many there are; [`accumulation`] says where it splits.
//!
//! Whose code a class is (the JDK's, a library's, the application's) is decided in [`application`].
//!
//! What counts as transparent is decided in [`naming`] and [`transparent`], once; [`own_collection`] adds the collections that an application wrote
//! itself. Known leak patterns are one file each in [`patterns`].

mod accumulation;
mod application;
mod by_field;
mod candidates;
mod clojure;
mod collection;
mod content;
mod copies;
mod counts;
mod elements;
pub(crate) mod families;
mod fast_thread_local;
mod field_values;
mod generic;
mod group;
mod holder;
mod join;
mod kinds;
mod library_fields;
mod merge;
pub(crate) mod naming;
mod nested;
mod one_field;
mod opened;
pub(crate) mod own_collection;
mod owners;
mod parts;
mod passed;
pub mod patterns;
mod place;
mod put_in;
mod referring;
mod registries;
mod root_holder;
mod series;
mod siblings;
mod stack_frames;
pub(crate) mod statics;
mod suspect;
mod tally;
pub(crate) mod thread_holder;
pub(crate) mod thread_locals;
mod threads_in;
mod transparent;
mod via;
mod views;
mod weight;

pub use application::{Application, Basis, Hints, Level};
pub use collection::Collection;
pub use content::Content;
pub use copies::Copies;
pub use group::{Options, Suspects, find};
pub use holder::{Holder, HolderKind};
pub use owners::Owners;
pub use suspect::Suspect;
