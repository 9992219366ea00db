//! The dominator tree as stacks, for flame graphs and profiles.

use super::model::{DominatorTree, TreeNode};
use super::units::count;

/// Frames of one stack at most; what lies deeper is counted at the frame where the stack ends.
const DEEPEST: usize = 200;

/// What was cut away at the top of the tree.
pub const SMALLER: &str = "(smaller objects)";

/// One path of the dominator tree with the bytes that none of its children account for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Names from the topmost object down, not neutralised.
    pub frames: Vec<String>,
    /// Bytes.
    pub bytes: u64,
}

/// Every path with bytes of its own. The bytes of all stacks add up to those of the tree.
pub fn stacks(tree: &DominatorTree) -> Vec<Stack> {
    let own = own_bytes(tree);
    let depths = depths(tree);
    let mut stacks = Vec::new();
    for (i, bytes) in own
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, bytes)| **bytes > 0)
    {
        let mut frames = Vec::new();
        let mut at = Some(i);
        while let Some((index, node)) = at.and_then(|n| Some((n, tree.nodes.get(n)?))) {
            if depths.get(index).is_some_and(|depth| *depth < DEEPEST) {
                frames.push(label(node));
            }
            at = parent(node, index);
        }
        frames.reverse();
        stacks.push(Stack {
            frames,
            bytes: *bytes,
        });
    }
    if own.top > 0 {
        stacks.push(Stack {
            frames: vec![SMALLER.to_owned()],
            bytes: own.top,
        });
    }
    stacks
}

/// Bytes that each node accounts for itself, and those above all nodes.
#[derive(Debug)]
pub struct OwnBytes {
    /// For each node: what it retains less what its children retain.
    pub nodes: Vec<u64>,
    /// What the whole tree has less what the topmost nodes retain.
    pub top: u64,
}

/// Computes [`OwnBytes`]; a tree that contradicts itself (a hand-edited report) saturates at 0.
pub fn own_bytes(tree: &DominatorTree) -> OwnBytes {
    let mut nodes: Vec<u64> = tree.nodes.iter().map(|node| node.retained_bytes).collect();
    let mut top = tree.total_bytes;
    for (i, node) in tree.nodes.iter().enumerate() {
        let target = match parent(node, i) {
            Some(parent) => nodes.get_mut(parent),
            None => Some(&mut top),
        };
        if let Some(bytes) = target {
            *bytes = bytes.saturating_sub(node.retained_bytes);
        }
    }
    OwnBytes { nodes, top }
}

/// The parent of the node at `index`, if it stands before it as it must.
pub fn parent(node: &TreeNode, index: usize) -> Option<usize> {
    node.parent
        .and_then(|parent| usize::try_from(parent).ok())
        .filter(|parent| *parent < index)
}

/// The depth of each node, 0 at the top.
pub fn depths(tree: &DominatorTree) -> Vec<usize> {
    let mut depths: Vec<usize> = Vec::with_capacity(tree.nodes.len());
    for (i, node) in tree.nodes.iter().enumerate() {
        let depth = parent(node, i)
            .and_then(|p| depths.get(p))
            .map_or(0, |d| d + 1);
        depths.push(depth);
    }
    depths
}

/// The name of a node: how it is held, how many it stands for, and their class.
pub fn label(node: &TreeNode) -> String {
    let class = match node.objects {
        0 | 1 => node.class.clone(),
        objects => format!("{} × {}", count(objects), node.class),
    };
    match &node.reference {
        Some(reference) => format!("{reference}: {class}"),
        None => class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(parent: Option<u32>, class: &str, retained_bytes: u64) -> TreeNode {
        TreeNode {
            parent,
            class: class.to_owned(),
            retained_bytes,
            objects: 1,
            ..TreeNode::default()
        }
    }

    #[test]
    fn bytes_of_all_stacks_add_up() {
        let nodes = vec![
            node(None, "a", 60),
            node(Some(0), "b", 50),
            node(Some(0), "c", 4),
            node(None, "d", 30),
        ];
        let tree = DominatorTree {
            total_bytes: 100,
            smallest_bytes: 1,
            nodes,
        };
        let stacks = stacks(&tree);
        let found: Vec<(String, u64)> = stacks
            .iter()
            .map(|s| (s.frames.join(">"), s.bytes))
            .collect();
        let expected = [("a", 6), ("a>b", 50), ("a>c", 4), ("d", 30), (SMALLER, 10)];
        assert_eq!(
            found,
            expected.map(|(frames, bytes)| (frames.to_owned(), bytes))
        );
    }

    #[test]
    fn a_chain_is_cut_at_the_deepest_frame() {
        let nodes = (0..5000)
            .map(|i: u32| node(i.checked_sub(1), "n", u64::from(5000 - i)))
            .collect();
        let tree = DominatorTree {
            total_bytes: 5000,
            smallest_bytes: 1,
            nodes,
        };
        let stacks = stacks(&tree);
        assert!(stacks.iter().all(|s| s.frames.len() <= DEEPEST));
        assert_eq!(stacks.iter().map(|s| s.bytes).sum::<u64>(), 5000);
    }

    #[test]
    fn a_parent_that_does_not_stand_before_its_child_is_ignored() {
        let tree = DominatorTree {
            total_bytes: 5,
            smallest_bytes: 1,
            nodes: vec![node(Some(0), "a", 5)],
        };
        assert_eq!(stacks(&tree).len(), 1);
    }
}
