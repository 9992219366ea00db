//! What the dominators are computed from.

use super::predecessors::{Edge, Predecessors};
use super::strength::Strength;
use crate::phase::Phase;

/// What becomes of nodes that no GC root leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrooted {
    /// They are not part of the tree.
    LeaveOut,
    /// They hang below representatives and have [`Strength::NoPath`].
    Keep,
    /// One of each group that nothing else leads to counts as a GC root: for graphs whose roots are lost.
    ProvisionalRoots,
}

/// References that every node has and that are not worth writing down: object -> class object.
pub trait Implicit: Sync {
    /// The target of `node`'s reference, unless that is a GC root or missing.
    fn target(&self, node: u32) -> Option<u32>;
    /// All nodes that may be targets, ascending.
    fn targets(&self) -> &[u32];
}

/// What the graph is made of.
pub struct Input<'a> {
    /// First referrers; knows the GC roots too.
    pub predecessors: Predecessors,
    /// The references beyond the first to each node.
    pub further: Vec<Vec<Edge>>,
    /// The GC roots, ascending, without repetitions.
    pub roots: &'a [u32],
    /// (reference object, referent, how strongly it holds).
    pub referents: Vec<(u32, u32, Strength)>,
    /// References that are not written down.
    pub implicit: &'a dyn Implicit,
    /// What becomes of nodes that no path leads to.
    pub unrooted: Unrooted,
    /// Called with each phase when it begins.
    pub phase: &'a mut dyn FnMut(Phase),
}
