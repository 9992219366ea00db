//! What a comparison compares.

use super::inventory::Inventory;
use super::model::{GrowthInput, InputKind};
use super::names::normal;

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

impl Kept {
    /// What `field` of `class` keeps most of, with names as owners have them; `None` where no field keeps it.
    pub fn by(class: &str, field: Option<&str>, content: &str, objects: u64) -> Option<Kept> {
        Some(Kept {
            owner: format!("{}.{}", normal(class), field?),
            class: normal(content),
            objects,
        })
    }
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
    /// The objects of `class`; `None` where it lists none of that name.
    pub(super) fn objects_of(&self, class: &str) -> Option<u64> {
        let rows = self.inventory.classes.iter();
        let objects = rows.filter(|row| row.class == class).map(|row| row.objects);
        objects.reduce(u64::saturating_add)
    }

    /// Whether its numbers are not of live objects alone. In a dump garbage is counted apart.
    pub(super) fn counts_garbage(&self) -> bool {
        self.facts.kind == InputKind::Histogram && self.facts.live_only == Some(false)
    }
}
