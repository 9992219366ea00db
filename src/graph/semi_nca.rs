//! Immediate dominators with the semi-NCA algorithm.
//!
//! L. Georgiadis, R. E. Tarjan, R. F. Werneck: "Finding Dominators in Practice", JGAA 10 (2006). Nodes are depth-first
//! numbers, 0 the root; every other node's number is larger than its parent's.

/// Computes the immediate dominators.
///
/// `parent[v]` is the depth-first parent of `v` (`parent[0]` is unused); `predecessors(v, visit)` calls `visit` with the
/// number of every predecessor of `v`, in any order, with or without repetitions. Gives the immediate dominator of every
/// node; that of the root is 0.
pub fn immediate_dominators(
    parent: &[u32],
    mut predecessors: impl FnMut(u32, &mut dyn FnMut(u32)),
) -> Vec<u32> {
    let n = parent.len();
    let mut semi: Vec<u32> = (0..n as u32).collect();
    let mut forest = Forest {
        ancestor: parent.to_vec(),
        label: (0..n as u32).collect(),
        path: Vec::new(),
    };
    for v in (1..n as u32).rev() {
        let mut least = parent[v as usize];
        predecessors(v, &mut |u| {
            // A smaller number is an unprocessed node: its own semidominator does not count yet (lemma 1 of the paper).
            least = least.min(if u <= v {
                u
            } else {
                semi[forest.eval(u, v, &semi) as usize]
            });
        });
        semi[v as usize] = least;
    }
    let mut idom = parent.to_vec();
    if n > 0 {
        idom[0] = 0;
    }
    for v in 1..n {
        // The nearest common ancestor of parent and semidominator in the tree built so far.
        while idom[v] > semi[v] {
            idom[v] = idom[idom[v] as usize];
        }
    }
    idom
}

/// The processed part of the depth-first tree with path compression.
struct Forest {
    ancestor: Vec<u32>,
    label: Vec<u32>,
    path: Vec<u32>,
}

impl Forest {
    /// The node with the smallest semidominator on the tree path from `v` up to, but without, the unprocessed nodes.
    /// Nodes larger than `current` are processed.
    fn eval(&mut self, v: u32, current: u32, semi: &[u32]) -> u32 {
        let mut at = v;
        while self.ancestor[at as usize] > current {
            self.path.push(at);
            at = self.ancestor[at as usize];
        }
        // `at` is the topmost processed node. Fold labels downwards.
        let top = self.ancestor[at as usize];
        let mut best = self.label[at as usize];
        while let Some(node) = self.path.pop() {
            let own = self.label[node as usize];
            if semi[best as usize] < semi[own as usize] {
                self.label[node as usize] = best;
            } else {
                best = own;
            }
            self.ancestor[node as usize] = top;
        }
        best
    }
}
