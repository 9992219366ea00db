//! How a fleet is shown.

use std::path::PathBuf;

use crate::numbers::Units;

/// How a fleet is shown.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Columns of text.
    pub width: usize,
    /// Whether text may have characters beyond ASCII.
    pub unicode: bool,
    /// How bytes are written.
    pub units: Units,
    /// The folder that links to reports begin at.
    pub folder: PathBuf,
}
