//! The phases of an analysis, in their order, for progress and measurements.

/// A phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The file is unpacked.
    Unpacking,
    /// The records of the dump are found.
    Records,
    /// The objects are read for the first time.
    Scan,
    /// Their addresses are sorted.
    Addresses,
    /// Their references are read.
    References,
    /// Shallow sizes are computed.
    Sizes,
    /// Objects with one referrer are put together to trees.
    Forest,
    /// Those trees are contracted.
    Contract,
    /// The graph of the trees is built.
    CoreGraph,
    /// What the GC roots reach is found.
    Reachability,
    /// The dominators of the core graph are found.
    SemiNca,
    /// The dominators of all objects follow from them.
    Expand,
    /// The dominator tree is numbered, retained sizes are summed.
    RetainedSizes,
    /// What the heap says of its JVM is read.
    Facts,
    /// Retained sizes of classes are summed.
    Classes,
    /// The topmost objects are listed.
    TopmostObjects,
    /// The owners are listed, to compare them with another dump's.
    Inventory,
    /// Suspects are looked for.
    Suspects,
    /// Known patterns are compared with them.
    Patterns,
    /// The verdict is found.
    Verdict,
}

impl Phase {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Unpacking => "unpacking",
            Phase::Records => "records",
            Phase::Scan => "scan",
            Phase::Addresses => "addresses",
            Phase::References => "references",
            Phase::Sizes => "sizes",
            Phase::Forest => "forest",
            Phase::Contract => "contract",
            Phase::CoreGraph => "core graph",
            Phase::Reachability => "reachability",
            Phase::SemiNca => "semi-NCA",
            Phase::Expand => "expand",
            Phase::RetainedSizes => "retained sizes",
            Phase::Facts => "facts",
            Phase::Classes => "classes",
            Phase::TopmostObjects => "topmost objects",
            Phase::Inventory => "inventory",
            Phase::Suspects => "suspects",
            Phase::Patterns => "patterns",
            Phase::Verdict => "verdict",
        }
    }
}
