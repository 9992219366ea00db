//! `--format html`: one page that loads nothing, with pictures where people would rather look than read.
//!
//! The page is `html/report.html` (a template), its style `html/report.css`, its behaviour `html/report.js`. All three are
//! inline; the Content-Security-Policy names them by hash and forbids everything else.

mod blocks;
mod growth;
mod missing;
mod path;
mod picture;
mod threads;
mod tree;
mod view;

pub use blocks::{blocks, values};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Environment, Output, State, Value, context};
use sha2::{Digest, Sha256};

use super::blocks::Block;
use super::model::Report;
use super::options::{Detail, RenderOptions};
use super::outline::{self, Words};
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
    let units = options.units();
    env.add_filter("bytes", move |bytes: u64| units.bytes(bytes));
    env.add_filter("count", units::count);
    env.add_filter("share", |part: u64, whole: u64| {
        units::share(part, whole).map_or_else(String::new, units::percent)
    });
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
    let limits = threads::Limits {
        rows: level.rows,
        name: level.name,
    };
    let (threads, more_threads) = threads::rows(&report.threads, limits, units);
    let missing = missing::lists(report, level.rows, more_threads, units);
    let report = &view::shortened(report, level.rows, level.name, units);
    let nodes = tree::nodes(report, level.nodes, level.name);
    let headline = units::unbroken(&describe::headline(report, units).replace('`', ""));
    let words = Words::for_page(options, level.rows, level.name);
    let written = |write: fn(&mut Vec<Block>, &Report, &Words)| {
        let mut blocks = Vec::new();
        write(&mut blocks, report, &words);
        blocks::values(&blocks)
    };
    let growth = report.growth.as_ref();
    env.get_template("report.html")?.render(context! {
        r => Value::from(Serde(report)),
        csp => Value::from_safe_string(policy(Some(JS))),
        css => Value::from_safe_string(CSS.to_owned()),
        js => Value::from_safe_string(JS.to_owned()),
        title => headline,
        verdict => describe::verdict(report.verdict.heap),
        alarms => written(outline::alarms),
        process => written(outline::appendix::process),
        cleared => written(outline::cleared),
        further => written(outline::appendix::further),
        warnings => written(outline::warnings),
        read => written(outline::read),
        growth => written(outline::growth::blocks),
        growth_picture => growth.map(|growth| Value::from_safe_string(growth::picture(growth, units))),
        reasons => written(outline::reasons),
        heading => written(outline::suspects::heading),
        suspects => view::suspects(report, level.still / BOXES_A_PATH, &words),
        more_suspects => written(outline::suspects::rest),
        ledger => written(outline::ledger::blocks),
        threads => threads,
        missing => missing,
        thread_locals => view::thread_locals(report),
        reachable => report.heap.reachable_bytes(),
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
