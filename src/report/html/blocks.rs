//! Blocks as a page of their own: `html/blocks.html` (a template) with the style of reports and no scripts.

use minijinja::{Value, context};

use super::super::blocks::{Block, Inline, Span, items_of_facts};
use super::super::neutralise;
use super::super::units::Units;

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
    let items = |items: &[Inline]| items.iter().map(|item| inline(item)).collect::<Vec<_>>();
    match block {
        Block::Title(title) => context! { kind => "title", text => title },
        Block::Alarm(text) => context! { kind => "alarm", text => inline(text) },
        Block::Heading(title) => context! { kind => "heading", text => title, id => id(title) },
        Block::Paragraph(text) => context! { kind => "paragraph", text => inline(text) },
        Block::Bullets(list) => context! { kind => "bullets", items => items(list) },
        Block::Steps(list) => context! { kind => "steps", items => items(list) },
        Block::Facts(facts) => context! {
            kind => "bullets",
            items => items(&items_of_facts(facts)),
        },
        Block::Table(table) => context! {
            kind => "table",
            head => table.columns(),
            rows => table.rows().iter().map(|row| items(row)).collect::<Vec<_>>(),
        },
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

/// Running text as HTML.
pub(super) fn inline(spans: &[Span]) -> Value {
    let spans = spans.iter().map(|span| match span {
        Span::Text(text) => neutralise::html(text),
        Span::Code(name) => format!("<code>{}</code>", neutralise::html(name)),
        Span::Bold(text) => format!("<b>{}</b>", neutralise::html(text)),
        Span::Bytes(bytes) => Units::default().bytes(*bytes),
    });
    Value::from_safe_string(spans.collect())
}
