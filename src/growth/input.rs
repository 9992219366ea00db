//! What a comparison compares.

use super::inventory::Inventory;
use super::model::{GrowthInput, InputKind};

/// What an owner keeps most of, as the suspects of a report say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The owner in one expression.
    pub owner: String,
    /// The class of what it keeps.
    pub class: String,
    /// How many.
    pub objects: u64,
}

/// One input of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// What the report tells of it.
    pub facts: GrowthInput,
    /// Main class of the program.
    pub main_class: Option<String>,
    /// Size of a reference, of an object's header and of an array's header in bytes, and the alignment: bytes are compared where they agree.
    pub layout: Option<[u32; 4]>,
    /// The release of its JVM, such as `17.0.15`.
    pub release: Option<String>,
    /// What it has.
    pub inventory: Inventory,
    /// What its largest owners keep most of.
    pub kept: Vec<Kept>,
    /// It is a report of an earlier version: of its owners only the largest are known.
    pub largest_only: bool,
}

impl Input {
    /// Whether its numbers are not of live objects alone. In a dump garbage is told apart.
    pub(super) fn counts_garbage(&self) -> bool {
        self.facts.kind == InputKind::Histogram && self.facts.live_only == Some(false)
    }
}
