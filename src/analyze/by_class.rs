//! Objects by class: those of one strength, and the largest classes.

use foldhash::HashMap;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::graph::Strength;
use crate::heap::{ClassIndex, Snapshot, Totals};
use crate::report::model::ClassCount;

/// Rows of a table of the largest classes.
const LARGEST: usize = 10;

/// Objects that are reachable with `strength`, by class number.
pub fn of_strength(snapshot: &Snapshot<'_>, strength: Strength) -> FxHashMap<u32, Totals> {
    let positions = snapshot.positions_of(strength).into_par_iter();
    positions
        .with_min_len(1 << 14)
        .fold(
            FxHashMap::default,
            |mut sums: FxHashMap<u32, Totals>, at| {
                let (object, class) = snapshot.at(at);
                let totals = sums.entry(class.0).or_default();
                totals.add(snapshot.shallow_of(object, class));
                sums
            },
        )
        .reduce(FxHashMap::default, |mut a, b| {
            for (class, totals) in b {
                let sum = a.entry(class).or_default();
                *sum = sum.join(totals);
            }
            a
        })
}

/// The largest classes by bytes; classes of one name are one row.
pub fn largest_classes(
    snapshot: &Snapshot<'_>,
    classes: impl IntoIterator<Item = (u32, Totals)>,
) -> Vec<ClassCount> {
    let mut by_name: HashMap<&str, Totals> = HashMap::default();
    for (class, totals) in classes {
        let name = snapshot.classes().get(ClassIndex(class)).name.as_str();
        let sum = by_name.entry(name).or_default();
        *sum = sum.join(totals);
    }
    let mut rows: Vec<ClassCount> = by_name
        .into_iter()
        .filter(|(_, totals)| totals.objects > 0)
        .map(|(class, totals)| ClassCount {
            class: class.to_owned(),
            objects: totals.objects,
            bytes: totals.bytes,
        })
        .collect();
    rows.sort_unstable_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.class.cmp(&b.class)));
    rows.truncate(LARGEST);
    rows
}
