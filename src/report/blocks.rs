//! What a ticket or an answer is made of: blocks and inline spans, written out by each format
//! ([`super::text`], [`super::markdown`], [`super::jira`], [`super::html`]).

pub use super::card::{Card, Path};
pub use super::inline::{Facts, Inline, Span, bold, text};
pub use super::marks::{Bar, BarPart, Mark, Swatch};
use super::table::Table;
use super::units::counted;

/// A part of a ticket or of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The first line, fit for the title of a ticket: no markup around it.
    Title(String),
    /// What must not be overlooked.
    Alarm(Inline),
    /// The heading of a section.
    Heading(String),
    /// What the numbers of a section are based on; it follows the heading. A terminal has it beside the heading, other formats below
    /// it as a sentence.
    About(Inline),
    /// One paragraph.
    Paragraph(Inline),
    /// A list of items of one kind.
    List(Mark, Vec<Inline>),
    /// What the list or table above leaves out.
    Rest(Inline),
    /// Properties with their values.
    Facts(Facts),
    /// A table.
    Table(Table),
    /// A table with what stands below each of its rows.
    Detailed(Table, Vec<Vec<Block>>),
    /// A suspect.
    Card(Box<Card>),
    /// A picture of what is a part of what; formats without pictures leave it out.
    Bar(Bar),
    /// Lines as they are, in a fixed-width font: a stack.
    Lines(Vec<String>),
    /// A part that is folded where the language can.
    Folded(String, Vec<Block>),
}

/// The title of a folded part as a heading, and what stands beside it: `Waste`, `bytes that a change would save`.
pub fn parted(title: &str) -> (&str, &str) {
    let by = || {
        title
            .find(" by ")
            .map(|at| (&title[..at], &title[at + 1..]))
    };
    title.split_once(": ").or_else(by).unwrap_or((title, ""))
}

/// What stands below a row, for formats that fold nothing there.
pub fn unfolded(blocks: &[Block]) -> Vec<Block> {
    let unfold = |block: &Block| match block {
        Block::Folded(title, inside) => {
            let title = Block::List(Mark::Item, vec![text(title)]);
            [&[title], &inside[..]].concat()
        }
        block => vec![block.clone()],
    };
    blocks.iter().flat_map(unfold).collect()
}

/// What stands beside a heading on a terminal, as a sentence: with a capital letter and a full stop.
pub fn sentence_of(about: &Inline) -> Inline {
    let mut sentence = about.clone();
    if let Some(Span::Text(text)) = sentence.first_mut() {
        let mut letters = text.chars();
        let first = letters.next().map(char::to_uppercase);
        *text = first.into_iter().flatten().chain(letters).collect();
    }
    sentence.push(Span::Text(".".to_owned()));
    sentence
}

/// Properties as the items of a list, for formats that have no better way to write them.
pub fn items_of_facts(facts: &Facts) -> Vec<Inline> {
    let item = |(name, value): &(&'static str, Inline)| {
        let mut item = vec![bold(name), Span::Text(": ".to_owned())];
        item.extend(value.iter().cloned());
        item
    };
    facts.iter().map(item).collect()
}

/// A card as blocks of other kinds, for formats that have no better way to write it.
pub fn of_card(card: &Card) -> Vec<Block> {
    let mut head = vec![bold(&format!("{}. {}", card.rank, card.size))];
    head.push(Span::Text(format!(" = {}, held by ", card.shares)));
    head.extend(card.holder.iter().cloned());
    head.push(Span::Text(format!(" ({})", card.kind)));
    let mut blocks = vec![Block::Paragraph(head), Block::Facts(card.facts.clone())];
    blocks.extend(of_path(card, usize::MAX));
    blocks.extend(of_parts(card));
    blocks
}

/// The path of a card, folded; of a longer one than `most` steps both ends.
pub fn of_path(card: &Card, most: usize) -> Option<Block> {
    let path = card.path.as_ref()?;
    let steps = path.steps.iter().map(|step| {
        let (name, address) = (step.name.clone(), step.address.clone());
        let size = Span::Text(format!(" {} ", step.size));
        vec![Span::Code(name), size, Span::Code(address)]
    });
    let mut steps: Vec<Inline> = steps.collect();
    let all = steps.len();
    if all > most {
        let left_out = counted((all - most) as u64, "further step");
        let middle = most / 2..all - most.div_ceil(2);
        steps.splice(middle, [text(&left_out)]);
    }
    let title = format!("Path to suspect {}, from: {}", card.rank, path.from());
    Some(Block::Folded(title, vec![Block::List(Mark::Step, steps)]))
}

/// The lists of a card, folded.
pub fn of_parts(card: &Card) -> impl Iterator<Item = Block> {
    card.parts.iter().map(|part| {
        let title = format!("{} ({})", part.title, part.items.len());
        Block::Folded(title, vec![Block::List(part.mark, part.items.clone())])
    })
}
