//! How a report is shown: how much of it, how wide, in which units.

use super::units::Units;

/// How much is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// What a reader in a hurry needs: one screen of text, 10 KB of Markdown.
    #[default]
    Default,
    /// Everything in the report.
    Full,
}

/// Presentation: none of it changes what is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderOptions {
    /// How much.
    pub detail: Detail,
    /// Columns of the terminal; used by text only.
    pub width: usize,
    /// Rows of the terminal, which the default report fits; `None` for files and pipes, where nothing is cut. Used by text only.
    pub rows: Option<usize>,
    /// Whether characters beyond ASCII may be used for bars and trees; used by text only.
    pub unicode: bool,
    /// Whether to colour; used by text only.
    pub colour: bool,
    /// Exact bytes instead of binary units.
    pub exact_bytes: bool,
    /// Rows of each list at full detail and in HTML.
    pub top: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions {
            detail: Detail::Default,
            width: 100,
            rows: None,
            unicode: true,
            colour: false,
            exact_bytes: false,
            top: 20,
        }
    }
}

impl RenderOptions {
    /// How bytes are written.
    pub fn units(&self) -> Units {
        Units {
            exact: self.exact_bytes,
        }
    }
}
