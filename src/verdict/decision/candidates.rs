//! Who comes into question: the application's holders, and which of them fit what grew.

use super::case::{Case, at_least};
use crate::verdict::facts::{Assessment, Course, HeapFacts, Holder, HolderGrowth, MeasuredGrowth};

/// Holders that are named together.
pub(super) const TOGETHER: usize = 3;
/// The smallest share of the whole with which a holder is one of several.
const PART: f64 = 0.10;

/// The application's holders, largest first, each once; what a pattern clears is not among them, unless it is too large for the heap
/// when it is full.
pub(super) fn holders(heap: &HeapFacts) -> Vec<&Holder> {
    // The largest holder may be a suspect, too.
    let largest = heap.largest_holder.iter().filter(|largest| {
        let mut suspects = heap.suspects.iter();
        !suspects.any(|suspect| {
            suspect.name == largest.name && suspect.retained_bytes == largest.retained_bytes
        })
    });
    let all = heap.suspects.iter().chain(largest).chain(&heap.cleared);
    let mut found: Vec<&Holder> = all
        .filter(|holder| holder.application_owned && holder.assessment != Assessment::ByDesign)
        .collect();
    found.sort_by_key(|holder| std::cmp::Reverse(holder.retained_bytes));
    found
}

/// Whether earlier inputs show that `holder` does not grow.
pub(super) fn is_constant(heap: &HeapFacts, holder: &Holder) -> bool {
    let Some(growth) = heap.growth.as_ref() else {
        return false;
    };
    let course = growth
        .holders
        .iter()
        .find(|known| known.name == holder.name);
    course.is_some_and(|known| {
        let measured = growth.intervals > 0 || known.by_class;
        measured && !known.course.is_growing()
    })
}

/// The holders that keep most of the live heap, one or several; empty where they do not.
pub(super) fn owners_of_most<'a>(case: &Case<'a>) -> Vec<&'a Holder> {
    let mut sum = 0u64;
    let mut owners = Vec::new();
    let part = |holder: &&&Holder| at_least(holder.retained_bytes, PART, case.live);
    for holder in case.holders.iter().filter(part).take(TOGETHER) {
        owners.push(*holder);
        sum = sum.saturating_add(holder.retained_bytes);
        if at_least(sum, case.limits.dominating, case.live) {
            return owners;
        }
    }
    Vec::new()
}

/// How the holders compare with the growth that was observed outside.
#[derive(Debug, Default)]
pub(super) struct Fit<'a> {
    /// Those that may be what grew: no larger than that, and not negligible. Largest first.
    pub fitting: Vec<&'a Holder>,
    /// Bytes of `fitting` together.
    pub sum: u64,
    /// They may all be new: together they are no larger than what grew.
    pub together: bool,
    /// Together, or one of them, explains the growth.
    pub explains: bool,
    /// Nothing but components within their bounds are among them.
    pub only_bounded: bool,
}

/// Compares the holders with `growth` bytes.
pub(super) fn fit<'a>(case: &Case<'a>, growth: u64) -> Fit<'a> {
    let most = (growth as f64 * (1.0 + case.limits.fits)) as u64;
    let negligible = case.negligible();
    let comes_into_question = |holder: &&Holder| {
        let bytes = holder.retained_bytes;
        bytes <= most && bytes > negligible && at_least(bytes, PART, growth)
    };
    // What is within its bound and not full may have filled up meanwhile.
    let cleared = case.heap.cleared.iter();
    let cleared = cleared.filter(|holder| holder.assessment == Assessment::ByDesign);
    let mut fitting: Vec<&Holder> = case
        .holders
        .iter()
        .copied()
        .chain(cleared)
        .filter(|holder| !is_constant(case.heap, holder))
        .filter(comes_into_question)
        .collect();
    fitting.sort_by_key(|holder| std::cmp::Reverse(holder.retained_bytes));
    let sum = |holders: &[&Holder]| {
        let bytes = holders.iter().map(|holder| holder.retained_bytes);
        bytes.fold(0, u64::saturating_add)
    };
    let all = sum(&fitting);
    let share = case.limits.holder_of_growth;
    let alone = fitting
        .first()
        .is_some_and(|holder| at_least(holder.retained_bytes, share, growth));
    Fit {
        sum: all,
        together: all <= most,
        explains: alone || (all <= most && at_least(all, share, growth)),
        only_bounded: fitting
            .iter()
            .all(|holder| holder.assessment == Assessment::ByDesign),
        fitting,
    }
}

/// The owners that grew from dump to dump and explain at least half of the growth, the one that grew most first; empty where they do not.
/// What filled a bound or stopped growing is no part of the growth that is to be explained.
pub(super) fn grown<'a>(case: &Case<'a>) -> Vec<&'a HolderGrowth> {
    let Some(growth) = case.heap.growth.as_ref() else {
        return Vec::new();
    };
    let bytes = |holder: &HolderGrowth| u64::try_from(holder.grew_bytes).unwrap_or(0);
    let sum = |holders: &mut dyn Iterator<Item = &HolderGrowth>| {
        holders.map(bytes).fold(0, u64::saturating_add)
    };
    let grows =
        |holder: &&HolderGrowth| holder.course.is_growing() && holder.grew_last && !holder.at_bound;
    let mut found: Vec<&HolderGrowth> = growth.holders.iter().filter(grows).collect();
    found.sort_by_key(|holder| std::cmp::Reverse(holder.grew_bytes));
    let most = found.first().map_or(0, |holder| bytes(holder));
    found.retain(|holder| at_least(bytes(holder), PART, most));
    let all = sum(&mut found.iter().copied());
    let mut warmed = growth
        .holders
        .iter()
        .filter(|it| it.course == Course::WarmedUp);
    let inside = u64::try_from(growth.grew_bytes).unwrap_or(0);
    let inside = inside.saturating_sub(sum(&mut warmed));
    let whole = case.growth.unwrap_or(inside.max(1));
    match all >= case.limits.inside_growth_bytes
        && at_least(all, case.limits.holder_of_growth, whole)
    {
        true => found,
        false => Vec::new(),
    }
}

/// Whether the live heap grew by too little for what grew outside; where that is not known, by next to nothing in the last interval, and
/// no owner grows.
pub(super) fn grew_little(case: &Case<'_>, growth: &MeasuredGrowth) -> bool {
    let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
    if let Some(outside) = case.growth_to_explain() {
        return bytes(growth.grew_bytes) as f64 <= case.limits.small_of_observed * outside as f64;
    }
    // Caches that are full by now did grow before.
    let grows = growth.holders.iter().any(|it| it.course.is_growing());
    let last = growth
        .grew_last_bytes
        .filter(|_| growth.intervals > 1 && !grows);
    bytes(last.unwrap_or(growth.grew_bytes).min(growth.grew_bytes))
        < case.limits.inside_growth_bytes.max(case.live / 100)
}
