//! The dominator tree cut to its large parts.

use serde::{Deserialize, Serialize};

/// The dominator tree without its small parts, stored flat so that no depth of it needs recursion.
///
/// What was cut away below a node is its `retained_bytes` less those of its children and less `self_bytes`; what was
/// cut away at the top is `total_bytes` less the topmost nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DominatorTree {
    /// Bytes of the whole tree: everything to which a path leads from a GC root, by whatever references.
    pub total_bytes: u64,
    /// Nodes that retain less than this many bytes were left out.
    pub smallest_bytes: u64,
    /// Every node after its parent; siblings by retained size, largest first.
    pub nodes: Vec<TreeNode>,
}

/// One object of the dominator tree, or several siblings of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TreeNode {
    /// Index of the parent in [`DominatorTree::nodes`], always smaller than the node's own; `None` at the top.
    pub parent: Option<u32>,
    /// Class of the object or objects; for a class object `class com.acme.Foo`, for a thread its class and name.
    pub class: String,
    /// Field or index through which the parent holds it, when there is one such reference.
    pub reference: Option<String>,
    /// Address; `None` when the node stands for several objects.
    pub object_id: Option<String>,
    /// Objects the node stands for.
    pub objects: u64,
    /// Bytes retained.
    pub retained_bytes: u64,
    /// Bytes of the object or objects themselves (shallow), and of the arrays and entries between them and the nodes below.
    pub self_bytes: u64,
}
