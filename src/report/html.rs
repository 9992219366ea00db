//! `--format html`: one page that loads nothing, with pictures where people would rather look than read.
//!
//! The page is `html/report.html` (a template), its style `html/report.css`, its behaviour `html/report.js`. All three are
//! inline; the Content-Security-Policy names them by hash and forbids everything else.

mod blocks;
mod growth;
mod path;
mod picture;
mod tree;

pub use blocks::{blocks, values};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Output, State, Value, context};
use sha2::{Digest, Sha256};

use super::blocks::Block;
use super::model::Report;
use super::options::{Detail, RenderOptions};
use super::outline::{self, Words, appendix};
use super::units;
use super::{describe, neutralise};

const HEAD: &str = include_str!("html/head.html");
const WRITTEN: &str = include_str!("html/written.html");
const TEMPLATE: &str = include_str!("html/report.html");
pub(crate) const CSS: &str = include_str!("html/report.css");
const JS: &str = include_str!("html/report.js");

/// Bytes of the default report at most.
pub const LARGEST: usize = 500_000;

/// How much a page holds.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// Rows of each list.
    rows: usize,
    /// Boxes of the pictures.
    nodes: usize,
    /// Boxes of each picture that are there without scripts.
    still: usize,
    /// Longest name in characters.
    name: usize,
}

/// Writes a part of a report that other formats write as well.
type Part = fn(&mut Vec<Block>, &Report, &Words);

/// The sections before the pictures of the dominator tree, and those after.
const MEMORY: [Part; 3] = [outline::ledger::blocks, appendix::process, outline::cleared];
const DETAILS: [Part; 5] = [
    appendix::classes,
    appendix::dominators,
    appendix::details,
    outline::warnings,
    outline::read,
];

/// The path of a suspect takes as much of the page as so many boxes.
const BOXES_A_PATH: usize = 10;

/// From generous to tight: the first whose page is small enough is used.
const LEVELS: [Level; 3] = [
    Level {
        rows: 200,
        nodes: 3000,
        still: 300,
        name: 600,
    },
    Level {
        rows: 60,
        nodes: 1000,
        still: 150,
        name: 300,
    },
    Level {
        rows: 15,
        nodes: 300,
        still: 40,
        name: 100,
    },
];

/// The report as one HTML page.
///
/// # Errors
///
/// When the template fails, which no report is known to cause.
pub fn render(report: &Report, options: &RenderOptions) -> Result<String, minijinja::Error> {
    let mut env = environment()?;
    env.add_template("report.html", TEMPLATE)?;
    if options.detail == Detail::Full {
        return page(
            &env,
            report,
            options,
            Level {
                rows: usize::MAX,
                nodes: 20_000,
                still: 300,
                name: neutralise::LONGEST,
            },
        );
    }
    let mut out = String::new();
    for level in LEVELS {
        out = page(&env, report, options, level)?;
        if out.len() <= LARGEST {
            break;
        }
    }
    Ok(out)
}

/// What every page is made with: its head, and names made harmless.
pub(crate) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut env = Environment::new();
    env.set_formatter(format_value);
    env.add_template("head.html", HEAD)?;
    env.add_template("written.html", WRITTEN)?;
    Ok(env)
}

/// Escapes for HTML whatever is not marked safe, and makes harmful characters visible first.
fn format_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => out
            .write_str(&neutralise::html(text))
            .map_err(minijinja::Error::from),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn page(
    env: &Environment<'_>,
    report: &Report,
    options: &RenderOptions,
    level: Level,
) -> Result<String, minijinja::Error> {
    let units = options.units();
    let nodes = tree::nodes(report, level.nodes, level.name);
    let headline = units::unbroken(&describe::headline(report, units).replace('`', ""));
    let drawn = level.still / BOXES_A_PATH;
    let words = Words::for_page(options, level.rows, drawn, level.name);
    let blocks_of = |parts: &[Part]| {
        let mut blocks = Vec::new();
        parts
            .iter()
            .for_each(|write| write(&mut blocks, report, &words));
        blocks
    };
    let written = |part: Part| values(&blocks_of(&[part]));
    let sections = |parts: &[Part]| blocks::sections(blocks_of(parts));
    let (dump, growth) = (&report.dump, report.growth.as_ref());
    env.get_template("report.html")?.render(context! {
        csp => Value::from_safe_string(policy(Some(JS))),
        css => Value::from_safe_string(CSS.to_owned()),
        js => Value::from_safe_string(JS.to_owned()),
        title => headline,
        file => dump.file_name.clone(),
        captured_at => dump.captured_at.clone(),
        verdict => describe::verdict(report.verdict.heap),
        verdict_class => report.verdict.heap.as_str(),
        confidence => outline::confidence(report, units),
        alarms => written(outline::alarms),
        growth => sections(&[outline::growth::blocks]),
        growth_picture => growth.map(|growth| Value::from_safe_string(growth::picture(growth, units))),
        reasons => written(outline::reasons),
        holders => sections(&[outline::suspects::blocks]).first(),
        memory => sections(&MEMORY),
        details => sections(&DETAILS),
        tree => tree::data(&nodes).map(Value::from_safe_string),
        icicle => Value::from_safe_string(picture::icicle(&nodes, level.still, units)),
        treemap => Value::from_safe_string(picture::treemap(&nodes, level.still, units)),
    })
}

/// Nothing is loaded, sent or run but the style and the `script` of this page.
pub(crate) fn policy(script: Option<&str>) -> String {
    let scripts = script.map_or("'none'".to_owned(), |script| format!("'{}'", hash(script)));
    format!(
        "default-src 'none'; style-src '{}'; script-src {scripts}; base-uri 'none'; form-action 'none'",
        hash(CSS)
    )
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
