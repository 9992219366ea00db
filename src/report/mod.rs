//! The report as data, and one file for each output format.
//!
//! Renderers see [`model::Report`] and nothing else: no dump, no graph, no clock. A new format is one file here and one
//! line in [`formats`]. Markup languages write [`blocks`]: those of a report's [`outline`], and those of the command line's other
//! answers, which are tables of their own.

#[doc(hidden)]
pub mod blocks;
mod card;
pub(crate) mod describe;
pub(crate) mod difference;
pub(crate) mod drawing;
pub(crate) mod folded;
pub(crate) mod formats;
pub(crate) mod html;
mod inline;
pub(crate) mod jira;
pub mod json;
pub(crate) mod ledger_view;
#[doc(hidden)]
pub mod markdown;
mod marks;
pub mod model;
#[doc(hidden)]
pub mod neutralise;
mod options;
mod outline;
#[doc(hidden)]
pub mod output;
pub mod pprof;
pub(crate) mod slack;
pub(crate) mod stacks;
pub(crate) mod svg;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod wrap;

pub use crate::numbers as units;
pub use formats::{Format, Parts, RenderError, render};
pub use model::Report;
pub use options::{Detail, RenderOptions};
