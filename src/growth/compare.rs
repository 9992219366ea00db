//! Compares the inventories of several inputs.

use super::course::{self, Point};
use super::inventory::Inventory;
use super::model::{ClassCourse, Growth, GrowthInput, Identity, InputKind, ObservedSeries};
use super::owners::{self, Rows};
use super::program::are_of_one_program;
use super::series::Series;
use super::{across, classes, difference, groups};

/// One input of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// What the report tells of it.
    pub facts: GrowthInput,
    /// Main class of the program.
    pub main_class: Option<String>,
    /// Size of a reference, of an object's header and of an array's header in bytes, and the alignment: bytes are compared where they agree.
    pub layout: Option<[u32; 4]>,
    /// What it has.
    pub inventory: Inventory,
    /// It is a report of an earlier version: of its owners only the largest are known.
    pub largest_only: bool,
}

/// What an owner's growth is a share of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole {
    /// Bytes by which the live heap grew.
    pub heap: Option<i64>,
    /// Bytes by which what was measured outside grew.
    pub observed: Option<i64>,
}

impl Whole {
    /// `grew` of a growth that was seen, 0 to 1 or more.
    pub fn share(grew: Option<i64>, of: Option<i64>) -> Option<f64> {
        let of = of.filter(|&of| of > 0)?;
        Some(grew? as f64 / of as f64)
    }
}

impl Input {
    /// Whether its numbers are not of live objects alone. In a dump garbage is told apart.
    pub(super) fn counts_garbage(&self) -> bool {
        self.facts.kind == InputKind::Histogram && self.facts.live_only == Some(false)
    }
}

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
    let holders = owners::holders(&series, &rows, whole, across);
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
        threads: groups::courses(&series, "thread"),
        class_loaders: groups::courses(&series, "class_loader"),
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
            }
        }
    }

    fn add(&mut self, number: usize, input: &'i Input) {
        self.process = self.process.or(input.facts.process.as_deref());
        self.layout = self.layout.or(input.layout);
        self.max_bytes = self.max_bytes.or(input.facts.max_bytes);
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

/// The course of a row of bytes and objects over the judged inputs; a row that says nothing there has none.
pub(super) fn course_of(points: &[Point], at_bound: bool) -> Option<super::model::Course> {
    (points.len() > 1).then(|| course::course(points, at_bound))
}

/// The order in which classes are listed: by growth, then by name.
pub(super) fn by_growth(rows: &mut [(i64, ClassCourse)]) {
    rows.sort_by(|(a, of_a), (b, of_b)| {
        b.cmp(a)
            .then_with(|| (&of_a.class, &of_a.loader).cmp(&(&of_b.class, &of_b.loader)))
    });
}
