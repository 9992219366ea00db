//! The tools as an agent sees them: names, descriptions, arguments.

use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use serde_json::{Map, Value, json};

/// One argument: name, type, description, whether it must be given.
type Argument = (&'static str, &'static str, &'static str, bool);

const OFFSET: Argument = (
    "offset",
    "integer",
    "rows to pass over: next_offset of the page before",
    false,
);
const LIMIT: Argument = (
    "limit",
    "integer",
    "rows of the page, 20 by default, at most 200",
    false,
);
const ADDRESS: Argument = (
    "address",
    "string",
    "address of an object as answers give it, such as 0x7851e9c00",
    true,
);

/// All tools: name, description, arguments.
const TOOLS: &[(&str, &str, &[Argument])] = &[
    (
        "report",
        "The verdict on the Java heap (suspected, ruled out, inconclusive) with its reasons and next steps, the suspects in a line each, the memory of the process",
        &[],
    ),
    (
        "suspects",
        "Who keeps memory alive: holder, content, path from the GC root, pattern, advice, other owners",
        &[OFFSET, LIMIT],
    ),
    (
        "object",
        "One object: class, sizes, fields, elements, dominator, what it dominates; with referrers=true also who refers to it (one pass over the dump)",
        &[
            ADDRESS,
            ("referrers", "boolean", "also who refers to it", false),
            LIMIT,
        ],
    ),
    (
        "path",
        "What keeps an object alive: paths from GC roots, each through another referrer",
        &[
            ADDRESS,
            (
                "paths",
                "integer",
                "paths at most, 1 by default; more than one take a pass over the dump",
                false,
            ),
        ],
    ),
    (
        "dominators",
        "A level of the dominator tree: what would be freed with what; the topmost objects, or those below one object, alone or by class, package or loader",
        &[
            (
                "under",
                "string",
                "address of the object below which to look; without it the topmost ones",
                false,
            ),
            (
                "by",
                "string",
                "object (default), class, package or loader",
                false,
            ),
            OFFSET,
            LIMIT,
        ],
    ),
    (
        "histogram",
        "Classes with number of objects, shallow and retained sizes",
        &[
            (
                "class",
                "string",
                "regular expression that names of classes must match",
                false,
            ),
            (
                "sort",
                "string",
                "retained (default), shallow or objects",
                false,
            ),
            OFFSET,
            LIMIT,
        ],
    ),
    (
        "instances",
        "The objects of a class, those that retain most first",
        &[
            (
                "class",
                "string",
                "name of the class as histogram gives it",
                true,
            ),
            OFFSET,
            LIMIT,
        ],
    ),
    (
        "threads",
        "Threads with state, stack, retained size and largest local variable",
        &[
            (
                "name",
                "string",
                "regular expression that names must match; digits and identifiers in names are shown as *",
                false,
            ),
            (
                "frames",
                "integer",
                "frames of each stack, 8 by default",
                false,
            ),
            OFFSET,
            LIMIT,
        ],
    ),
    (
        "compare",
        "What grew since the earlier inputs that the server was started with",
        &[OFFSET, LIMIT],
    ),
];

/// All tools.
pub fn all() -> Vec<Tool> {
    TOOLS
        .iter()
        .map(|(name, about, arguments)| tool(name, about, arguments))
        .collect()
}

/// The names of the arguments of a tool; `None` where there is no such tool.
pub fn arguments(name: &str) -> Option<Vec<&'static str>> {
    let (_, _, arguments) = TOOLS.iter().find(|(tool, _, _)| *tool == name)?;
    Some(arguments.iter().map(|(name, ..)| *name).collect())
}

/// The names of all tools.
pub fn names() -> String {
    let names: Vec<&str> = TOOLS.iter().map(|(name, ..)| *name).collect();
    names.join(", ")
}

fn tool(name: &'static str, about: &'static str, arguments: &[Argument]) -> Tool {
    let properties: Map<String, Value> = arguments
        .iter()
        .map(|(name, kind, about, _)| {
            (
                (*name).to_owned(),
                json!({ "type": kind, "description": about }),
            )
        })
        .collect();
    let needed: Vec<&str> = arguments
        .iter()
        .filter(|argument| argument.3)
        .map(|argument| argument.0)
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), json!(needed));
    schema.insert("additionalProperties".to_owned(), json!(false));
    let hints = ToolAnnotations::new()
        .read_only(true)
        .idempotent(true)
        .open_world(false);
    Tool::new(name, about, Arc::new(schema)).with_annotations(hints)
}
