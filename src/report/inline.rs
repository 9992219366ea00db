//! Running text of blocks and tables.

use super::units::Units;
pub use crate::sentence::Span;

/// Running text.
pub type Inline = Vec<Span>;

/// Ordinary text alone.
pub fn text(text: &str) -> Inline {
    vec![Span::Text(text.to_owned())]
}

/// Emphasised text.
pub fn bold(text: &str) -> Span {
    Span::Bold(text.to_owned())
}

/// Running text without its emphasis.
pub fn words(spans: &[Span]) -> String {
    let word = |span: &Span| match span {
        Span::Text(text) | Span::Code(text) | Span::Bold(text) => text.clone(),
        Span::Bytes(bytes) => Units::default().bytes(*bytes),
    };
    spans.iter().map(word).collect()
}
