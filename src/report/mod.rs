//! How it is told: the report model and one file per output format.
//!
//! Renderers see [`model::Report`] and nothing else: no dump, no graph, no clock.

pub mod model;

pub use model::Report;
