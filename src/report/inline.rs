//! Running text of blocks and tables.

use super::units::Units;
pub use crate::sentence::Span;

/// Running text.
pub type Inline = Vec<Span>;
/// Properties with their values.
pub type Facts = Vec<(&'static str, Inline)>;

/// Ordinary text alone.
pub fn text(text: &str) -> Inline {
    vec![Span::Text(text.to_owned())]
}

/// Emphasised text.
pub fn bold(text: &str) -> Span {
    Span::Bold(text.to_owned())
}

/// Whether `text` is the address of an object.
pub fn is_address(text: &str) -> bool {
    let digits = text.strip_prefix("0x");
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Running text without its emphasis.
pub fn words(spans: &[Span]) -> String {
    let word = |span: &Span| match span {
        Span::Text(text) | Span::Code(text) | Span::Bold(text) => text.clone(),
        Span::Bytes(bytes) => Units::default().bytes(*bytes),
    };
    spans.iter().map(word).collect()
}
