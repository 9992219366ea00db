//! Many findings of one kind become few: the large ones stay, the small ones become one row.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::context::Context;
use super::pattern::{Assessment, Finding};
use crate::heap::Snapshot;

/// Findings of one pattern that stay by themselves.
const MOST_SINGLE: usize = 20;

/// The most important first, the same in every run.
pub fn order(a: &Finding, b: &Finding) -> Ordering {
    b.assessment
        .cmp(&a.assessment)
        .then_with(|| b.retained_bytes.cmp(&a.retained_bytes))
        .then_with(|| a.pattern.id.cmp(b.pattern.id))
        .then_with(|| a.object.cmp(&b.object))
}

/// Keeps the large findings of one pattern and puts the others together by their assessment.
pub fn condense(context: &Context<'_, '_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (Reverse(finding.retained_bytes), finding.object));
    let large = findings
        .iter()
        .take(MOST_SINGLE)
        .take_while(|finding| finding.retained_bytes >= context.floor)
        .count();
    let small = findings.split_off(large);
    let small = alike(&small).into_iter();
    findings.extend(small.filter_map(|alike| together(context.heap, &alike)));
    findings
}

/// `findings` by pattern and judgement. What is within a bound and what has none are kept apart: only the former can clear a suspect.
pub fn alike<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Vec<&'f Finding>> {
    let mut all: BTreeMap<(&str, Assessment, bool), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let key = (finding.pattern.id, finding.assessment, finding.bounded);
        all.entry(key).or_default().push(finding);
    }
    all.into_values().collect()
}

/// One finding for all of `alike`: the most that any of them measured, the bytes of all.
pub fn together(heap: &Snapshot<'_>, alike: &[&Finding]) -> Option<Finding> {
    let most = alike.iter().max_by_key(|finding| {
        (
            finding.measured,
            finding.retained_bytes,
            Reverse(finding.object),
        )
    })?;
    let mut all = (*most).clone();
    if alike.len() > 1 {
        all.components = alike.iter().map(|finding| finding.components).sum();
        all.extent = alike
            .iter()
            .flat_map(|finding| finding.extent.iter().copied())
            .collect();
        all.extent = heap.outermost(&all.extent);
        let mut objects = all.extent.clone();
        objects.extend(
            alike
                .iter()
                .filter_map(|finding| finding.object)
                .filter(|&object| heap.as_class(object).is_none()),
        );
        all.retained_bytes = heap.retained_together(&objects);
        all.object = None;
    }
    Some(all)
}
