//! The dominator tree as boxes for the pictures, and as data for the script that moves them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::model::Report;
use super::super::{neutralise, stacks};

/// A box of the pictures. The first of a list is the whole; all others come after their parents.
#[derive(Debug)]
pub(super) struct Node {
    /// Where its parent stands in the list; 0 for the whole itself.
    pub parent: usize,
    /// Made harmless, not escaped.
    pub name: String,
    pub bytes: u64,
    pub objects: u64,
    pub id: Option<String>,
}

/// The `most` largest nodes of the tree, names cut at `longest` characters; nothing when there is no tree.
pub(super) fn nodes(report: &Report, most: usize, longest: usize) -> Vec<Node> {
    let tree = &report.dominator_tree;
    if tree.nodes.is_empty() {
        return Vec::new();
    }
    let mut nodes = vec![Node {
        parent: 0,
        name: "everything reachable".to_owned(),
        bytes: tree.total_bytes,
        objects: 0,
        id: None,
    }];
    let kept = largest(report, most);
    // Where each kept node stands in the picture.
    let mut places: HashMap<usize, usize> = HashMap::new();
    for (i, node) in tree
        .nodes
        .iter()
        .enumerate()
        .filter(|(i, _)| kept.get(*i) == Some(&true))
    {
        let parent = match stacks::parent(node, i) {
            None => 0,
            // Cut with its parent: a child is never larger in a tree that is right.
            Some(parent) => match places.get(&parent) {
                Some(place) => *place,
                None => continue,
            },
        };
        places.insert(i, nodes.len());
        let name = neutralise::plain(&stacks::label(node), true);
        let id = node.object_id.as_ref();
        nodes.push(Node {
            parent,
            name: neutralise::shorten(&name, longest, "…"),
            bytes: node.retained_bytes,
            objects: node.objects,
            id: id.map(|id| neutralise::plain(id, true)),
        });
    }
    nodes
}

/// JSON for a `<script type="application/json">`: names once, and for each node its parent, name, retained bytes,
/// objects, address. `None` when there are no nodes.
pub(super) fn data(nodes: &[Node]) -> Option<String> {
    if nodes.is_empty() {
        return None;
    }
    let mut names = Names::default();
    let rows = nodes.iter().map(|node| {
        let name = names.index(&node.name);
        json!([node.parent, name, node.bytes, node.objects, node.id])
    });
    let rows: Vec<Value> = rows.collect();
    let data = json!({ "names": names.table, "nodes": rows });
    // No end tag and no comment can start inside.
    Some(data.to_string().replace('<', "\\u003c"))
}

/// The `most` largest nodes by retained size; of equals the first.
fn largest(report: &Report, most: usize) -> Vec<bool> {
    let nodes = &report.dominator_tree.nodes;
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by_key(|&i| {
        (
            std::cmp::Reverse(nodes.get(i).map_or(0, |node| node.retained_bytes)),
            i,
        )
    });
    let mut kept = vec![false; nodes.len()];
    for i in order.into_iter().take(most) {
        if let Some(keep) = kept.get_mut(i) {
            *keep = true;
        }
    }
    kept
}

/// Every name once.
#[derive(Debug, Default)]
struct Names {
    table: Vec<String>,
    indexes: HashMap<String, usize>,
}

impl Names {
    fn index(&mut self, name: &str) -> usize {
        let next = self.table.len();
        let index = *self.indexes.entry(name.to_owned()).or_insert(next);
        if index == next {
            self.table.push(name.to_owned());
        }
        index
    }
}
