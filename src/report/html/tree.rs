//! The dominator tree as data for the picture.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::model::Report;
use super::super::{neutralise, stacks};

/// JSON for a `<script type="application/json">`: names once, and for each node its parent, name, retained bytes,
/// objects, address. Node 0 is the whole. `None` when there is no tree.
pub(super) fn data(report: &Report, most: usize, longest: usize) -> Option<String> {
    let tree = &report.dominator_tree;
    if tree.nodes.is_empty() {
        return None;
    }
    let mut names = Names::default();
    let whole = names.index("everything reachable");
    let mut nodes = vec![json!([0, whole, tree.total_bytes, 0, null])];
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
        let name =
            neutralise::shorten(&neutralise::plain(&stacks::label(node), true), longest, "…");
        let id: Value = node
            .object_id
            .as_ref()
            .map(|id| neutralise::plain(id, true))
            .into();
        nodes.push(json!([
            parent,
            names.index(&name),
            node.retained_bytes,
            node.objects,
            id
        ]));
    }
    let data = json!({ "names": names.table, "nodes": nodes });
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
