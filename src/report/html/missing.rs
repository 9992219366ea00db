//! What of each list is not on the page, in a line below its table: whoever searches a table knows what was not searched.

use minijinja::{Value, context};

use super::super::model::Report;
use super::super::units::{Units, count, counted};

/// A line for each list of `report` whose page shows `rows` rows at most, and for `threads` without a row; nothing for a list that is
/// there as a whole.
pub(super) fn lists(report: &Report, rows: usize, threads: u64, units: Units) -> Value {
    context! {
        classes => classes(report, rows),
        dominators => dominators(report, rows, units),
        threads => (threads > 0).then(|| not_here(&counted(threads, "more thread"))),
        locals => more(report.thread_locals.len(), rows, "ThreadLocal"),
        loaders => loaders(report, rows),
    }
}

fn not_here(what: &str) -> String {
    format!("Not on this page: {what}.")
}

fn more(all: usize, rows: usize, what: &str) -> Option<String> {
    let left = all.saturating_sub(rows);
    (left > 0).then(|| not_here(&counted(left as u64, &format!("more {what}"))))
}

/// Classes are cut by `--top` before they are cut by the page.
fn classes(report: &Report, rows: usize) -> Option<String> {
    let (all, here) = (report.heap.classes, report.classes.len().min(rows) as u64);
    (all > here).then(|| {
        let left = count(all - here);
        format!(
            "Not on this page: {left} of {} classes, all smaller. --top N puts more on it.",
            count(all)
        )
    })
}

/// How many there are is not known: what they keep is.
fn dominators(report: &Report, rows: usize, units: Units) -> Option<String> {
    let here = report.dominators.iter().take(rows);
    let kept = here.fold(0, |sum: u64, row| sum.saturating_add(row.retained_bytes));
    let left = report.heap.reachable_bytes().saturating_sub(kept);
    (left > 0).then(|| {
        let left = units.bytes(left);
        format!(
            "Not on this page: smaller objects, which keep {left} in all. --top N puts more on it."
        )
    })
}

/// A row may stand for several loaders.
fn loaders(report: &Report, rows: usize) -> Option<String> {
    let left = report.class_loaders.iter().skip(rows).map(|row| row.count);
    let left = left.fold(0, u64::saturating_add);
    (left > 0).then(|| not_here(&counted(left, "more class loader")))
}
