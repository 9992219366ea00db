//! Blocks as a page of their own: `html/blocks.html` (a template) with the style of reports and no scripts.

use minijinja::{Value, context};

use super::super::blocks::{Block, Inline, Mark, Span, Swatch, sentence_of};
use super::super::neutralise;
use super::super::table::Table;
use super::super::units::{Units, count, unbroken};
use super::{growth, picture};

const TEMPLATE: &str = include_str!("blocks.html");

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
    blocks.iter().map(block).collect()
}

/// A title as the name of a place on the page.
fn id(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

fn block(block: &Block) -> Value {
    match block {
        Block::Title(title) => context! { kind => "title", text => title },
        Block::Alarm(text) => context! { kind => "alarm", text => inline(text) },
        Block::Heading(title) => context! { kind => "heading", text => title, id => id(title) },
        Block::About(about) => {
            context! { kind => "about", text => inline(&sentence_of(about)) }
        }
        Block::Paragraph(text) => context! { kind => "paragraph", text => inline(text) },
        Block::List(mark, list) => items(*mark, list),
        Block::Rest(more, how) => context! { kind => "rest", more => count(*more), how => how },
        Block::Facts(facts) => context! { kind => "facts", rows => rows_of_facts(facts) },
        Block::Table(table) => table_value(table),
        Block::Bar(bar) => context! { kind => "bar", picture => safe(picture::bar(bar)) },
        Block::Lines(lines) => context! { kind => "lines", lines => lines },
        // Blocks inside are never folded themselves: the depth is one.
        Block::Folded(title, blocks) => {
            let (name, about) = title.split_once(": ").unwrap_or((title, ""));
            context! {
                kind => "folded",
                text => title,
                id => id(name),
                name => name,
                about => about,
                blocks => values(blocks),
            }
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
fn rows_of_facts(facts: &[(&'static str, Inline)]) -> Vec<Value> {
    let row = |(name, value): &(&'static str, Inline)| {
        let is_name = matches!(value.as_slice(), [Span::Code(_)]);
        context! { name => *name, value => inline(value), is_name => is_name }
    };
    facts.iter().map(row).collect()
}

fn table_value(table: &Table) -> Value {
    let rows = table.rows().iter().enumerate().map(|(i, row)| {
        let swatch = table.swatches().get(i).copied().flatten();
        let swatch = swatch.map(picture::swatch);
        let course = table.courses().get(i);
        context! {
            cells => row.iter().map(|cell| inline(cell)).collect::<Vec<_>>(),
            swatch => swatch.map(safe),
            course => course.map(|course| safe(growth::line(course))),
        }
    });
    let over_time = !table.courses().is_empty();
    context! {
        kind => "table",
        head => table.columns(),
        rows => rows.collect::<Vec<_>>(),
        class => match (over_time, table.swatches().is_empty()) {
            (true, _) => "over-time",
            (false, true) => "rows",
            (false, false) => "ledger",
        },
        over_time => over_time,
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
