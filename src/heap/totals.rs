//! Objects and bytes, by how strongly they are reachable.

use super::class_sizes::Shallow;
use crate::graph::{Strength, Tree};

/// Objects and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Totals {
    /// Number of objects.
    pub objects: u64,
    /// Their shallow sizes in bytes.
    pub bytes: u64,
}

impl Totals {
    /// Takes in one object of `bytes`.
    pub fn add(&mut self, bytes: u64) {
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// The sum of both.
    pub fn join(self, other: Totals) -> Totals {
        Totals {
            objects: self.objects + other.objects,
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// Numbers about references.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReferenceTotals {
    /// References of objects that are not null.
    pub references: u64,
    /// Those to identifiers that are not in the dump.
    pub dangling: u64,
}

/// Totals of each [`Strength`].
pub fn totals(tree: &Tree, sizes: &Shallow<'_>) -> [Totals; 6] {
    Strength::ALL.map(|strength| Totals {
        objects: tree.count_of(strength),
        bytes: tree
            .tops(strength)
            .map(|top| tree.retained(top, sizes))
            .fold(0, u64::saturating_add),
    })
}
