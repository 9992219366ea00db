//! Compares the inventories of several inputs.

use super::course::{self, Point};
use super::inventory::Inventory;
use super::model::{ClassCourse, Growth, GrowthInput, InputKind, ObservedSeries};
use super::owners::{self, Rows};
use super::program::are_of_one_program;
use super::series::Series;
use super::{classes, groups};

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
    /// Memory that was measured outside at the same time: what, bytes.
    pub observed: Option<(String, u64)>,
    /// Signatures of owners that are at a bound of theirs.
    pub at_bound: Vec<String>,
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
    let holders = owners::holders(&series, &rows, grew_bytes);
    Growth {
        inputs: inputs.iter().map(|input| input.facts.clone()).collect(),
        observed: observed(inputs),
        judged: series.judged.iter().map(|&i| i as u32).collect(),
        live_bytes: live,
        grew_bytes,
        seconds: seconds(inputs, &series.judged),
        holders,
        classes: classes::courses(&series),
        threads: groups::courses(&series, "thread"),
        class_loaders: groups::courses(&series, "class_loader"),
        direct_bytes: inputs
            .iter()
            .map(|input| input.inventory.direct_bytes)
            .collect(),
        notes: super::notes::notes(inputs, &same, &series.judged),
    }
}

/// The last run of usable inputs of one process that has two or more. An input that does not say of which process it is counts to that
/// of its neighbours.
fn judged(inputs: &[Input], usable: &[bool]) -> Vec<usize> {
    let mut runs: Vec<(Option<&str>, Vec<usize>)> = Vec::new();
    for (i, input) in inputs.iter().enumerate().filter(|(i, _)| usable[*i]) {
        let process = input.facts.process.as_deref();
        let known = runs.iter_mut().rev().find(|(of, _)| match (*of, process) {
            (Some(of), Some(process)) => of == process,
            _ => true,
        });
        match known {
            Some((of, run)) => {
                *of = of.or(process);
                run.push(i);
            }
            None => runs.push((process, vec![i])),
        }
    }
    let several = runs
        .into_iter()
        .map(|(_, run)| run)
        .filter(|run| run.len() > 1);
    several
        .max_by_key(|run| run.last().copied())
        .unwrap_or_default()
}

/// Seconds between the first and the last of the judged inputs.
fn seconds(inputs: &[Input], judged: &[usize]) -> Option<u64> {
    let time =
        |i: &usize| humantime::parse_rfc3339_weak(inputs[*i].facts.captured_at.as_deref()?).ok();
    let (first, last) = (time(judged.first()?)?, time(judged.last()?)?);
    last.duration_since(first)
        .ok()
        .map(|duration| duration.as_secs())
}

/// What was measured outside, where most inputs say the same kind of thing.
fn observed(inputs: &[Input]) -> Option<ObservedSeries> {
    let of = inputs
        .iter()
        .rev()
        .find_map(|input| Some(&input.observed.as_ref()?.0))?;
    let bytes = |input: &Input| {
        input
            .observed
            .as_ref()
            .filter(|(what, _)| what == of)
            .map(|(_, bytes)| *bytes)
    };
    Some(ObservedSeries {
        of: of.clone(),
        bytes: inputs.iter().map(bytes).collect(),
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
