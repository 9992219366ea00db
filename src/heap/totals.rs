//! Objects and bytes, by how strongly they are reachable.

use rayon::prelude::*;

use super::sizes::{ShallowSizes, UNIT};
use super::snapshot::Totals;
use crate::graph::Dominators;

/// Totals of each [`crate::graph::Strength`].
pub fn totals(dominators: &Dominators, sizes: &ShallowSizes, classes: &[u32]) -> [Totals; 6] {
    let join = |mut a: [Totals; 6], b: [Totals; 6]| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a = a.join(b));
        a
    };
    (0..classes.len() as u32)
        .into_par_iter()
        .with_min_len(1 << 14)
        .filter(|&node| dominators.contains(node))
        .fold(<[Totals; 6]>::default, |mut totals, node| {
            totals[dominators.strength(node) as usize]
                .add(sizes.units(node, classes[node as usize]) * UNIT);
            totals
        })
        .reduce(<[Totals; 6]>::default, join)
}
