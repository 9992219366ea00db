//! The report as data, and one file for each output format.
//!
//! Renderers see [`model::Report`] and nothing else: no dump, no graph, no clock. A new format is one file here and one
//! line in [`formats`]. Markup languages write [`blocks`]: those of a report's [`outline`], and those of the command line's other
//! answers, which are tables of their own.

pub mod blocks;
pub mod describe;
pub mod difference;
pub(crate) mod drawing;
pub mod folded;
pub mod formats;
pub mod html;
mod inline;
pub mod jira;
pub mod json;
pub mod ledger_view;
pub mod markdown;
pub mod model;
pub mod neutralise;
mod options;
mod outline;
pub mod output;
pub mod pprof;
pub mod slack;
pub mod stacks;
pub mod svg;
pub mod table;
pub mod text;
pub mod wrap;

pub use crate::numbers as units;
pub use formats::{Format, Parts, RenderError, render};
pub use model::Report;
pub use options::{Detail, RenderOptions};
