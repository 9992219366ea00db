//! `dominators`: the dominator tree, level by level.

use super::commands::DominatorsArgs;
use super::exit::{Exit, Failure};
use super::open;
use super::page::Page;
use super::view::{self, Answer, AnswerWriter, or_empty};
use crate::analyze::explore;
use crate::analyze::explore::dominators::{self, DominatorNodes, Node, Query};
use crate::report::table::{Align, Table};
use crate::report::units::{count, percent, share};

/// Deepest indentation.
const DEEPEST: usize = 30;

/// Prints the tree.
pub fn run(args: &DominatorsArgs) -> Result<Exit, Failure> {
    let writer = AnswerWriter::new(&args.view, &args.dump)?;
    let input = open::open(&args.dump, &args.reading)?;
    let snapshot = open::load_input(&input, &args.reading)?;
    let under = args
        .under
        .map(|address| open::find(&snapshot, address))
        .transpose()?;
    let query = Query {
        under,
        depth: args.depth,
        top: args.top,
        by: args.by.into(),
    };
    let tree = dominators::dominators(&snapshot, query);
    let complete = open::is_complete(&input, &snapshot);
    let under = under.map(|object| snapshot.address(object));
    let answer = Answer {
        subject: "Dominator tree of",
        json: &|| view::json_of_dump(&tree, complete),
        tsv: &|| tsv(&tree),
        page: &|page| self::page(&tree, under, page),
    };
    writer.write(&answer, &input, complete)?;
    Ok(Exit::Analysed.strict(args.strict.strict, complete))
}

fn tsv(tree: &DominatorNodes) -> String {
    let header = [
        "depth",
        "name",
        "thread",
        "address",
        "reference",
        "objects",
        "shallow_bytes",
        "retained_bytes",
        "retained_objects",
    ];
    let row = |node: &Node| {
        [
            node.depth.to_string(),
            node.name.clone().unwrap_or_else(|| "(rest)".to_owned()),
            or_empty(&node.thread),
            or_empty(&node.object_id),
            or_empty(&node.reference),
            node.objects.to_string(),
            node.shallow_bytes.to_string(),
            node.retained_bytes.to_string(),
            node.retained_objects.to_string(),
        ]
    };
    view::tsv(header, tree.nodes.iter().map(row))
}

fn page(tree: &DominatorNodes, under: Option<u64>, page: &mut Page) {
    let of = match under {
        Some(address) => format!("what is dominated by {address:#x}"),
        None => "what has a path from a GC root".to_owned(),
    };
    page.line(format!("100 % is {of}: {}", page.bytes(tree.total_bytes)));
    let mut table = Table::new(
        &[
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Left,
        ],
        &[2, 3],
    );
    table.head(["Retained", "Share", "Objects", "Shallow", "Dominator"]);
    for node in &tree.nodes {
        table.row([
            page.bytes(node.retained_bytes),
            share(node.retained_bytes, tree.total_bytes).map_or(String::new(), percent),
            count(node.retained_objects),
            page.bytes(node.shallow_bytes),
            title(node, page),
        ]);
    }
    page.table(table);
    if tree.cut {
        page.line("There is more: ask for less --depth or --top, or for a part with --under.");
    }
}

fn title(node: &Node, page: &Page) -> String {
    let indent = "  ".repeat((node.depth as usize).min(DEEPEST));
    let Some(name) = &node.name else {
        return format!("{indent}({} more)", count(node.objects));
    };
    let name = page.name(&explore::title(name, node.thread.as_deref()));
    let reference = node
        .reference
        .as_ref()
        .map(|reference| format!("{}: ", page.name(reference)));
    let reference = reference.unwrap_or_default();
    match &node.object_id {
        Some(address) => format!("{indent}{address} {reference}{name}"),
        None => format!("{indent}{name} ({})", count(node.objects)),
    }
}
