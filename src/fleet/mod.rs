//! Many reports together: which holder recurs in which service, since which build.
//!
//! A cause is a signature: it is exact, so that reports are put together by equality and nothing has to be guessed. [`read`] takes
//! of each saved report the few numbers that are needed, `gather` puts them together, [`model`] is the result as plain data, and one
//! file writes each format. Reports hold no contents, so a fleet of them may be put together where dumps may not go.

mod blocks;
mod causes;
mod courses;
mod describe;
mod formats;
mod gather;
mod html;
mod metrics;
mod model;
mod outcome;
mod read;
mod saved;
mod text;
mod view;

pub use causes::summarise;
pub use formats::{FleetFormat, RenderError, render};
pub use gather::{Gathered, Record, gather};
pub use model::*;
pub use outcome::{Condition, compare};
pub use read::{Entry, Found, Kept, Refusal, Sighting, find};
pub use view::View;
