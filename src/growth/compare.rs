//! Compares the inventories of several inputs.

use super::input::Input;
use super::model::{Growth, Identity, ObservedSeries};
use super::owners::{self, Whole};
use super::program::are_of_one_program;
use super::rows::Rows;
use super::series::Series;
use super::{across, classes, content, difference, groups, jvm};
use crate::suspects::HolderKind;

/// Compares `inputs`, oldest first.
pub fn compare(inputs: &[Input]) -> Growth {
    let Some(last) = inputs.last() else {
        return Growth::default();
    };
    let same: Vec<bool> = inputs
        .iter()
        .map(|input| are_of_one_program(input, last))
        .collect();
    let usable: Vec<bool> = inputs
        .iter()
        .zip(&same)
        .map(|(input, same)| *same && input.facts.complete)
        .collect();
    let judged = judged(inputs, &usable);
    let series = Series::new(inputs, &usable, judged);
    let observed = observed(inputs);
    let outside = observed
        .as_ref()
        .and_then(|of| series.difference(&of.bytes));
    let live: Vec<Option<u64>> = inputs.iter().map(|input| input.facts.live_bytes).collect();
    // With garbage in some of them, the numbers of the others are compared.
    let counted = inputs.iter().zip(&live);
    let counted = counted.map(|(input, live)| live.filter(|_| !input.counts_garbage()));
    let counted: Vec<Option<u64>> = counted.collect();
    let grew_bytes = match inputs.iter().any(Input::counts_garbage) {
        true => series.known_difference(&counted),
        false => series.difference(&counted),
    };
    let rows = Rows::new(&series);
    let whole = Whole {
        heap: grew_bytes,
        observed: outside,
    };
    let across = across::pair(&series);
    let mut holders = owners::holders(&series, &rows, whole);
    content::name(&series, &mut holders);
    if let Some(across) = across {
        holders = across::compared(&series, &rows, whole, across, holders);
    }
    Growth {
        identity: identity(&series),
        across,
        inputs: inputs.iter().map(|input| input.facts.clone()).collect(),
        observed,
        judged: series.judged.iter().map(|&i| i as u32).collect(),
        interval_bytes: series.intervals(&live),
        live_bytes: live,
        grew_bytes,
        seconds: series.seconds(),
        bytes_per_hour: series.per_hour(grew_bytes),
        observed_grew_bytes: outside,
        holders,
        classes: classes::courses(&series),
        threads: groups::courses(&series, HolderKind::Thread),
        class_loaders: groups::courses(&series, HolderKind::ClassLoader),
        direct_bytes: inputs
            .iter()
            .map(|input| input.inventory.direct_bytes)
            .collect(),
        difference: difference::difference(&series),
        notes: super::notes::notes(inputs, &same, &series.judged, across),
    }
}

/// Inputs of one process, as far as they tell.
#[derive(Default)]
struct Run<'i> {
    process: Option<&'i str>,
    layout: Option<[u32; 4]>,
    max_bytes: Option<u64>,
    latest: Option<&'i Input>,
    inputs: Vec<usize>,
}

impl<'i> Run<'i> {
    /// Whether `input` may be of this process: what neither has decides nothing, and a process keeps its layout and its maximum.
    fn may_have(&self, input: &'i Input) -> bool {
        let process = self.process.zip(input.facts.process.as_deref());
        let layout = self.layout.zip(input.layout);
        let most = self.max_bytes.zip(input.facts.max_bytes);
        match process {
            Some((known, process)) => known == process,
            None => {
                layout.is_none_or(|(known, layout)| known == layout)
                    && most.is_none_or(|(known, most)| known == most)
                    && self
                        .latest
                        .is_none_or(|latest| jvm::may_be_one(latest, input))
            }
        }
    }

    fn add(&mut self, number: usize, input: &'i Input) {
        self.process = self.process.or(input.facts.process.as_deref());
        self.layout = self.layout.or(input.layout);
        self.max_bytes = self.max_bytes.or(input.facts.max_bytes);
        self.latest = Some(input);
        self.inputs.push(number);
    }
}

/// The last run of usable inputs of one process that has two or more. An input that does not say of which process it is counts to that
/// of its neighbours.
fn judged(inputs: &[Input], usable: &[bool]) -> Vec<usize> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for (i, input) in inputs.iter().enumerate().filter(|(i, _)| usable[*i]) {
        match runs.iter_mut().rev().find(|run| run.may_have(input)) {
            Some(run) => run.add(i, input),
            None => {
                let mut run = Run::default();
                run.add(i, input);
                runs.push(run);
            }
        }
    }
    let several = runs
        .into_iter()
        .map(|run| run.inputs)
        .filter(|run| run.len() > 1);
    several
        .max_by_key(|run| run.last().copied())
        .unwrap_or_default()
}

/// How it is known that the judged inputs are of one process.
fn identity(series: &Series<'_>) -> Option<Identity> {
    let says = |&i: &usize| series.inputs[i].facts.process.is_some();
    let several = series.judged.len() > 1;
    several.then(|| match series.judged.iter().all(says) {
        true => Identity::Told,
        false => Identity::Assumed,
    })
}

/// What was measured outside, where most inputs say the same kind of thing.
fn observed(inputs: &[Input]) -> Option<ObservedSeries> {
    let outside = |input: &'_ Input| input.inventory.observed.clone();
    let of = inputs.iter().rev().find_map(outside)?.of;
    let bytes = |input: &Input| outside(input).filter(|it| it.of == of).map(|it| it.bytes);
    Some(ObservedSeries {
        bytes: inputs.iter().map(bytes).collect(),
        of,
    })
}
