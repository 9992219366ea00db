//! Collections of the JDK and of libraries: how many elements they have, which, and how many fit. This is the only place that
//! knows how a collection keeps its elements.

mod linked;
mod read;
mod resolve;
mod shapes;

pub use read::Pair;
pub use resolve::{Shapes, is_copy, simple};
pub use shapes::{Elements, Room, SHAPES, Shape, Size};
