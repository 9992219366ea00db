//! Who comes into question: the application's holders, and which of them fit what grew.

use super::Thresholds;
use super::case::Case;
use super::contradictions;
use super::holders::{self, Fit, is_constant};
use super::ran_out::ran_out_of;
use super::share::at_least;
use crate::verdict::budget::Budget;
use crate::verdict::facts::{Assessment, Course, HeapFacts, Holder, HolderGrowth, MeasuredGrowth};
use crate::verdict::ledger::Entry;
use crate::verdict::observed::Observed;

/// Holders that are named together.
pub(super) const TOGETHER: usize = 3;
/// The smallest share of the whole with which a holder is one of several.
const PART: f64 = 0.10;
/// A holder that is this share of the growth explains nearly all of it.
const NEARLY_ALL: f64 = 0.75;
/// Beside such a holder another one is accused only if it is at least this share of the growth.
const BESIDE: f64 = 0.25;

impl<'a> Case<'a> {
    /// The case, with the holders that come into question.
    pub fn new(
        heap: &'a HeapFacts,
        observed: &'a Observed,
        ledger: &'a [Entry],
        limits: &'a Thresholds,
    ) -> Self {
        let holders = holders::holders(heap);
        let max = observed.max_heap_of(heap);
        let mut case = Case {
            heap,
            observed,
            limits,
            ledger,
            live: heap.live_bytes(),
            growth: observed
                .growth
                .as_ref()
                .map(|growth| growth.bytes)
                .or(heap.growth.as_ref().and_then(|growth| growth.outside))
                .and_then(|bytes| u64::try_from(bytes).ok())
                .filter(|g| *g >= limits.growth_bytes),
            // What was measured to be constant is cleared.
            holder: holders
                .iter()
                .find(|holder| !is_constant(heap, holder))
                .copied(),
            holders,
            ran_out: ran_out_of(heap, max.as_ref(), limits),
            owners: Vec::new(),
            grown: Vec::new(),
            fit: Fit::default(),
            budget: Budget::new(heap, observed, ledger),
            contradictions: contradictions::of(heap, observed),
            max,
        };
        case.owners = owners_of_most(&case);
        case.grown = grown(&case);
        if let Some(growth) = case.growth_to_explain() {
            case.fit = fit(&case, growth);
        }
        case
    }

    /// Earlier inputs show that the live heap did not grow, or no longer, or by too little for what grew outside.
    pub fn heap_did_not_grow(&self) -> bool {
        let Some(growth) = self.heap.growth.as_ref().filter(|_| self.grown.is_empty()) else {
            return false;
        };
        match growth.intervals {
            0 => self.is_as_histograms(growth) || self.is_as_last_histogram(growth),
            _ => grew_little(self, growth),
        }
    }

    /// The live heap is as large as the last class histogram says, and nothing outside grew: what became more before no longer does.
    fn is_as_last_histogram(&self, growth: &MeasuredGrowth) -> bool {
        let grows = growth.holders.iter().any(|it| it.course.is_growing());
        growth.same_as_last_histogram.is_some() && self.growth_to_explain().is_none() && !grows
    }

    /// The live heap is as large as earlier class histograms say, to within little of what grew outside.
    fn is_as_histograms(&self, growth: &MeasuredGrowth) -> bool {
        let most = self
            .growth_to_explain()
            .map(|outside| (outside as f64 * self.limits.small_of_observed) as u64);
        let differs = growth.same_as_histograms;
        differs.is_some_and(|differs| most.is_none_or(|most| differs <= most))
    }
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

/// Compares the holders with `growth` bytes.
pub(super) fn fit<'a>(case: &Case<'a>, growth: u64) -> Fit<'a> {
    let most = (growth as f64 * (1.0 + case.limits.fits)) as u64;
    let negligible = case.negligible();
    let comes_into_question = |holder: &&Holder| {
        let bytes = holder.retained_bytes;
        bytes <= most && bytes > negligible && at_least(bytes, PART, growth)
    };
    // What is within its bound may have filled up meanwhile.
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
    let first = fitting.first().map_or(0, |holder| holder.retained_bytes);
    if at_least(first, NEARLY_ALL, growth) {
        fitting.retain(|holder| at_least(holder.retained_bytes, BESIDE, growth));
    }
    let sum = |holders: &[&Holder]| {
        let bytes = holders.iter().map(|holder| holder.retained_bytes);
        bytes.fold(0, u64::saturating_add)
    };
    let all = sum(&fitting);
    let share = case.limits.holder_of_growth;
    let mut fit = Fit {
        sum: all,
        together: all <= most,
        explains: false,
        only_bounded: fitting
            .iter()
            .all(|holder| holder.assessment == Assessment::ByDesign),
        fitting,
    };
    // What is full is no leak, though it may be what grew.
    let suspected = fit.suspected();
    let first = suspected.first();
    let alone = first.is_some_and(|holder| at_least(holder.retained_bytes, share, growth));
    fit.explains = alone || fit.together && at_least(sum(&suspected), share, growth);
    fit
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
    let inside = u64::try_from(growth.grew_bytes).unwrap_or(0);
    let inside = inside.saturating_sub(warmed_up(growth));
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
    bytes(growth.grew_bytes) < next_to_nothing(case) || grows_no_longer(case, growth)
}

/// Growth of the live heap that is noise.
fn next_to_nothing(case: &Case<'_>) -> u64 {
    case.limits.inside_growth_bytes.max(case.live / 100)
}

/// Whether the live heap grew, and by next to nothing in the last interval, or in one interval by what has stopped since; no owner grows.
/// Caches that are full by now did grow before.
pub(super) fn grows_no_longer(case: &Case<'_>, growth: &MeasuredGrowth) -> bool {
    let grows = growth.holders.iter().any(|it| it.course.is_growing());
    let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
    let since = match growth.intervals {
        1 => Some(bytes(growth.grew_bytes).saturating_sub(warmed_up(growth))),
        _ => growth.grew_last_bytes.map(bytes),
    };
    let some = bytes(growth.grew_bytes) >= next_to_nothing(case);
    some && !grows && since.is_some_and(|bytes| bytes < next_to_nothing(case))
}

/// Bytes by which owners grew that no longer do.
fn warmed_up(growth: &MeasuredGrowth) -> u64 {
    let warmed = growth.holders.iter();
    let warmed = warmed.filter(|it| it.course == Course::WarmedUp);
    let bytes = warmed.map(|it| u64::try_from(it.grew_bytes).unwrap_or(0));
    bytes.fold(0, u64::saturating_add)
}
