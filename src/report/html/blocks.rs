//! Blocks as a page of their own: `html/blocks.html` (a template) with the style of reports and no scripts.

use minijinja::{Value, context};

use super::super::blocks::{Block, Card, Facts, Inline, Mark, Span, Swatch};
use super::super::blocks::{of_parts, of_path, parted, sentence_of, text};
use super::super::inline::is_address;
use super::super::table::{Number, Table};
use super::super::units::{Units, count, unbroken};
use super::super::{describe, neutralise};
use super::{growth, path, picture};

const TEMPLATE: &str = include_str!("blocks.html");

/// Steps of a path in a list.
const STEPS_ON_PAGE: usize = 100;

/// The blocks as one page that loads and runs nothing.
///
/// # Errors
///
/// When the template fails, which no blocks are known to cause.
pub fn blocks(blocks: &[Block]) -> Result<String, minijinja::Error> {
    let mut env = super::environment()?;
    env.add_template("blocks.html", TEMPLATE)?;
    let title = blocks.iter().find_map(|block| match block {
        Block::Title(title) => Some(title.as_str()),
        _ => None,
    });
    env.get_template("blocks.html")?.render(context! {
        csp => Value::from_safe_string(super::policy(None)),
        css => Value::from_safe_string(super::CSS.to_owned()),
        title => title,
        blocks => values(blocks),
    })
}

/// The blocks as the template takes them.
pub fn values(blocks: &[Block]) -> Vec<Value> {
    blocks.iter().map(|inside| block(inside, "Table")).collect()
}

/// The blocks as sections of a page, each with its heading: other formats fold some of them.
pub(super) fn sections(blocks: Vec<Block>) -> Vec<Value> {
    let mut sections: Vec<(String, Vec<Block>)> = Vec::new();
    for block in blocks {
        match block {
            Block::Heading(title) => sections.push((title, Vec::new())),
            Block::Folded(title, mut inside) => {
                let (name, about) = parted(&title);
                if !about.is_empty() {
                    inside.insert(0, Block::About(text(about)));
                }
                sections.push((name.to_owned(), inside));
            }
            block => {
                if let Some((_, inside)) = sections.last_mut() {
                    inside.push(block);
                }
            }
        }
    }
    let section = |(name, inside): &(String, Vec<Block>)| {
        let blocks: Vec<Value> = inside.iter().map(|inside| block(inside, name)).collect();
        context! { id => id(name), name => name, blocks => blocks }
    };
    sections.iter().map(section).collect()
}

/// A title as the name of a place on the page.
fn id(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

/// A block; a table in it is called `name`.
fn block(block: &Block, name: &str) -> Value {
    match block {
        Block::Title(title) => context! { kind => "title", text => title },
        Block::Alarm(text) => context! { kind => "alarm", text => inline(text) },
        Block::Heading(title) => context! { kind => "heading", text => title, id => id(title) },
        Block::About(about) => {
            context! { kind => "about", text => inline(&sentence_of(about)) }
        }
        Block::Paragraph(text) => context! { kind => "paragraph", text => inline(text) },
        Block::List(mark, list) => items(*mark, list),
        Block::Rest(rest) => context! { kind => "rest", text => inline(rest) },
        Block::Facts(facts) => context! { kind => "facts", rows => rows_of_facts(facts) },
        Block::Card(card) => card_value(card),
        Block::Table(table) => table_value(table, &[], name),
        Block::Detailed(table, below) => table_value(table, below, name),
        Block::Bar(bar) => context! { kind => "bar", picture => safe(picture::bar(bar)) },
        Block::Lines(lines) => context! { kind => "lines", lines => lines },
        Block::Folded(title, blocks) => {
            context! { kind => "folded", text => title, blocks => values(blocks) }
        }
    }
}

fn items(mark: Mark, list: &[Inline]) -> Value {
    let swatch = |i: usize| match mark {
        Mark::Part(parts) if i < parts => Some(Swatch::Part(i)),
        Mark::Part(_) => Some(Swatch::Rest),
        _ => None,
    };
    let item = |(i, item): (usize, &Inline)| {
        let swatch = swatch(i).map(picture::swatch).unwrap_or_default();
        safe(swatch + &html(item))
    };
    context! {
        kind => if mark == Mark::Step { "steps" } else { "list" },
        plain => matches!(mark, Mark::Part(_)),
        items => list.iter().enumerate().map(item).collect::<Vec<_>>(),
    }
}

/// A value that is a name and nothing else can be copied.
fn rows_of_facts(facts: &Facts) -> Vec<Value> {
    let row = |(name, value): &(&'static str, Inline)| {
        let is_name = matches!(value.as_slice(), [Span::Code(_)]);
        context! { name => *name, value => inline(value), is_name => is_name }
    };
    facts.iter().map(row).collect()
}

/// A suspect with pictures of its share, of what it keeps by class and of the path to it.
fn card_value(card: &Card) -> Value {
    let severity = describe::severity(card.severity);
    let drawn = card.path.as_ref().filter(|path| path.drawn);
    let steps = of_path(card, STEPS_ON_PAGE);
    context! {
        kind => "card",
        rank => card.rank,
        size => &card.size,
        exact => count(card.bytes),
        holder => inline(&card.holder),
        about => &card.kind,
        shares => &card.shares,
        meter => safe(picture::meter(&card.shares, severity, card.share)),
        inside => card.inside.as_ref().map(|bar| safe(picture::bar(bar))),
        facts => values(&[Block::Facts(card.facts.clone())]),
        picture => drawn.map(|path| safe(path::picture(path))),
        path => steps.map(|steps| values(&[steps])),
        parts => values(&of_parts(card).collect::<Vec<_>>()),
    }
}

fn table_value(table: &Table, below: &[Vec<Block>], name: &str) -> Value {
    let rows = table.rows().iter().enumerate().map(|(i, row)| {
        let swatch = table.swatches().get(i).copied().flatten();
        let swatch = swatch.map(picture::swatch);
        let course = table.courses().get(i);
        let numbers = table.numbers().get(i).map_or(&[][..], Vec::as_slice);
        let cells = row.iter().enumerate();
        context! {
            cells => cells.map(|(i, row)| cell(row, numbers.get(i))).collect::<Vec<_>>(),
            swatch => swatch.map(safe),
            course => course.map(|course| safe(growth::line(course))),
            below => below.get(i).map(|below| values(below)),
        }
    });
    let over_time = !table.courses().is_empty();
    let sortable = !table.numbers().is_empty();
    context! {
        kind => "table",
        name => name,
        head => table.columns(),
        rows => rows.collect::<Vec<_>>(),
        class => match (sortable, over_time, table.swatches().is_empty()) {
            (true, ..) => "sortable",
            (_, true, _) => "over-time",
            (.., true) => "rows",
            (.., false) => "ledger",
        },
        sortable => sortable,
        over_time => over_time,
    }
}

/// A cell with the number that it is sorted by. An address can be copied.
fn cell(cell: &Inline, number: Option<&Number>) -> Value {
    let is_address = matches!(cell.as_slice(), [Span::Code(name)] if is_address(name));
    context! {
        text => inline(cell),
        value => number.map(|number| number.value()),
        exact => number.and_then(|number| match number {
            Number::Bytes(bytes) => Some(format!("{} bytes", count(*bytes))),
            _ => None,
        }),
        is_address => is_address,
    }
}

/// What is HTML already.
fn safe(html: String) -> Value {
    Value::from_safe_string(html)
}

/// Running text as HTML.
pub(super) fn inline(spans: &[Span]) -> Value {
    safe(html(spans))
}

fn html(spans: &[Span]) -> String {
    let text = |text: &str| neutralise::html(&unbroken(text));
    let spans = spans.iter().map(|span| match span {
        Span::Text(words) => text(words),
        Span::Code(name) => format!("<code>{}</code>", neutralise::html(name)),
        Span::Bold(words) => format!("<b>{}</b>", text(words)),
        Span::Bytes(bytes) => text(&Units::default().bytes(*bytes)),
    });
    spans.collect()
}
