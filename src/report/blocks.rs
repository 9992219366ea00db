//! What a ticket or an answer is made of: blocks and inline spans, written out by each format
//! ([`super::text`], [`super::markdown`], [`super::jira`], [`super::html`]).

use super::table::Table;
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
    /// Properties with their values.
    Facts(Vec<(&'static str, Inline)>),
    /// A table.
    Table(Table),
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

/// Properties as the items of a list, for formats that have no better way to write them.
pub fn items_of_facts(facts: &[(&'static str, Inline)]) -> Vec<Inline> {
    let item = |(name, value): &(&'static str, Inline)| {
        let mut item = vec![bold(name), Span::Text(": ".to_owned())];
        item.extend(value.iter().cloned());
        item
    };
    facts.iter().map(item).collect()
}
