//! From referrers to immediate dominators: the steps of this layer in order.

use rayon::prelude::*;

use super::child_lists::ChildLists;
use super::core::{self, Core, TooManyReferences};
use super::expand;
use super::forest::Forest;
use super::input::Input;
use super::reach::{self, Reach};
use super::semi_nca;
use super::strength::Strength;
use super::{AtomicBits, Ranked};
use crate::phase::Phase;

/// The immediate dominator of every node, how strongly it is reachable, and a path to it.
#[derive(Debug, Default)]
pub struct Dominators {
    /// Immediate dominator + 1, 0 for the virtual root (and for nodes left out).
    pub(super) idom: Vec<u32>,
    /// Strength of every core node as a number, `reach::UNREACHED` for what was left out. For the numbering of the tree only.
    pub(super) strength: Vec<u8>,
    pub(super) heads: Ranked,
    pub(super) path_source: Vec<u32>,
    /// Made early for the numbering of the tree.
    pub(super) child_lists: ChildLists,
}

impl Dominators {
    /// Computes everything. Linear in nodes and references, but for the inverse Ackermann of path compression.
    ///
    /// # Errors
    /// When there are more references than can be numbered.
    pub fn compute(input: Input<'_>) -> Result<Dominators, TooManyReferences> {
        let Input {
            predecessors,
            further: mut edges,
            roots,
            referents,
            implicit,
            unrooted,
            phase,
        } = input;
        phase(Phase::Forest);
        let n = predecessors.len();
        let pinned = AtomicBits::new(n);
        for &node in implicit.targets().iter().chain(roots) {
            pinned.insert(node);
        }
        referents.par_iter().for_each(|&(_, referent, _)| {
            pinned.insert(referent);
        });
        let forest = Forest::new(predecessors, &pinned, &mut edges);
        phase(Phase::Contract);
        core::contract(&forest, &pinned, &mut edges);
        drop(pinned);
        core::add_implicit(&forest, implicit, &mut edges);
        phase(Phase::CoreGraph);
        let core = Core::new(&forest, forest.heads.ranked(), edges)?;
        phase(Phase::Reachability);
        let entries: Vec<u32> = roots.iter().map(|&root| core.core_of(root)).collect();
        let referents = referents
            .into_iter()
            .map(|(from, to, strength)| {
                (core.core_of(forest.head(from)), core.core_of(to), strength)
            })
            .collect();
        let reach = reach::search(&core, &entries, referents, unrooted);
        let path_source = reach::path_sources(&core, &reach);
        phase(Phase::SemiNca);
        // That is the work of one thread. The others fetch memory for what comes next.
        let (core_idom, child_lists) = rayon::join(
            || core_dominators(&core, &reach),
            || ChildLists::beside(core.references(), n),
        );
        phase(Phase::Expand);
        let idom = expand::expand(&core, forest, &reach, &core_idom, implicit);
        Ok(Dominators {
            idom,
            strength: reach.strength,
            heads: core.heads,
            path_source,
            child_lists,
        })
    }

    /// Memory for the numbering of the tree, which is made here once.
    pub(crate) fn take_child_lists(&mut self) -> ChildLists {
        std::mem::take(&mut self.child_lists).whole(self.len())
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.idom.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.idom.is_empty()
    }

    /// The immediate dominator of `node`, `None` for the virtual root.
    #[inline]
    pub fn immediate(&self, node: u32) -> Option<u32> {
        self.idom[node as usize].checked_sub(1)
    }

    /// The nodes that only the virtual root dominates, ascending, with how strongly they are reachable. What no path leads
    /// to is left out where the input said so.
    pub fn tops(&self) -> Vec<(u32, Strength)> {
        let heads = self.heads.members().into_iter();
        heads
            .zip(&self.strength[1..])
            .filter_map(|(node, &strength)| {
                let strength = Strength::from_number(strength)?;
                self.immediate(node).is_none().then_some((node, strength))
            })
            .collect()
    }

    /// The nodes that the immediate dominator need not refer to itself, ascending: several others refer to them, or nobody. To all
    /// others it does.
    pub fn joints(&self) -> impl Iterator<Item = u32> + '_ {
        self.heads.iter()
    }

    /// Whether `node` is one of the [`Dominators::joints`].
    #[inline]
    pub fn is_joint(&self, node: u32) -> bool {
        self.heads.contains(node)
    }

    /// The topmost of the nodes that no path leads to and that were left out, ascending.
    pub(crate) fn left_out(&self) -> Vec<u32> {
        let heads = self.heads.members().into_iter();
        heads
            .zip(&self.strength[1..])
            .filter(|&(node, &strength)| {
                Strength::from_number(strength).is_none() && self.immediate(node).is_none()
            })
            .map(|(node, _)| node)
            .collect()
    }

    /// The node before `node` on a path from a GC root (or from where its search began); it refers to `node`.
    pub fn path_predecessor(&self, node: u32) -> Option<u32> {
        if self.heads.contains(node) {
            self.path_source[self.heads.rank(node) as usize + 1].checked_sub(1)
        } else {
            self.immediate(node)
        }
    }

    /// A path to `node`, from where its search began down to itself.
    pub fn path(&self, node: u32) -> Vec<u32> {
        let mut path = vec![node];
        let mut at = node;
        while let Some(before) = self.path_predecessor(at) {
            path.push(before);
            at = before;
        }
        path.reverse();
        path
    }
}

/// Immediate dominators of core nodes, by core node; 0 is the virtual root. References count only between nodes of the
/// same strength: what a weaker node refers to is held by something stronger anyway.
fn core_dominators(core: &Core, reach: &Reach) -> Vec<u32> {
    let n = core.len();
    const NONE: u32 = u32::MAX;
    let mut number = vec![NONE; n];
    let (mut vertex, mut parent) = (vec![0u32], vec![0u32]);
    number[0] = 0;
    let mut stack: Vec<(u32, u32)> = Vec::new();
    for &entry in &reach.entries {
        if number[entry as usize] != NONE {
            continue;
        }
        number[entry as usize] = vertex.len() as u32;
        vertex.push(entry);
        parent.push(0);
        stack.push((entry, 0));
        while let Some((node, next)) = stack.last_mut() {
            let node = *node;
            let Some(&to) = core.successors(node).get(*next as usize) else {
                stack.pop();
                continue;
            };
            *next += 1;
            if number[to as usize] == NONE
                && reach.strength[to as usize] == reach.strength[node as usize]
            {
                number[to as usize] = vertex.len() as u32;
                parent.push(number[node as usize]);
                vertex.push(to);
                stack.push((to, 0));
            }
        }
    }
    let mut entered = vec![false; n];
    for &entry in &reach.entries {
        entered[entry as usize] = true;
    }
    let idom = semi_nca::immediate_dominators(&parent, |v, visit| {
        let node = vertex[v as usize];
        if entered[node as usize] {
            return visit(0);
        }
        for &source in core.sources(node) {
            if reach.strength[source as usize] == reach.strength[node as usize] {
                visit(number[source as usize]);
            }
        }
    });
    let mut out = vec![0; n];
    for (v, &dominator) in idom.iter().enumerate() {
        out[vertex[v] as usize] = vertex[dominator as usize];
    }
    out
}
