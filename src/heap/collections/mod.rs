//! Collections of the JDK and of libraries: how each keeps its elements, and how many fit. This table is the only place that knows;
//! `entries.rs` reads collections by it.

mod resolve;
mod shapes;

pub use resolve::{Shapes, is_copy, simple};
pub(super) use shapes::{BY_TWOS, Node};
pub use shapes::{Elements, Room, SHAPES, Shape, Size};
