//! Objects and bytes, by how strongly they are reachable.

use super::class_sizes::Shallow;
use super::snapshot::Totals;
use crate::graph::{Strength, Tree};

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
