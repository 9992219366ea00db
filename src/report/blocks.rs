//! What a ticket or an answer is made of: blocks and inline spans, written out by each markup language
//! ([`super::markdown`], [`super::jira`], [`super::html`]).

pub use crate::sentence::Span;

/// Running text.
pub type Inline = Vec<Span>;

/// A part of a ticket or of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The first line, fit for the title of a ticket: no markup around it.
    Title(String),
    /// What must not be overlooked.
    Alarm(Inline),
    /// The heading of a section.
    Heading(String),
    /// One paragraph.
    Paragraph(Inline),
    /// A list.
    Bullets(Vec<Inline>),
    /// A list in order.
    Steps(Vec<Inline>),
    /// A table; the columns of numbers are those whose flag is true.
    Table(Vec<(&'static str, bool)>, Vec<Vec<Inline>>),
    /// Lines as they are, in a fixed-width font: a stack.
    Lines(Vec<String>),
    /// A part that is folded where the language can.
    Folded(String, Vec<Block>),
}

/// Ordinary text alone.
pub fn text(text: &str) -> Inline {
    vec![Span::Text(text.to_owned())]
}

/// Emphasised text.
pub fn bold(text: &str) -> Span {
    Span::Bold(text.to_owned())
}
