//! Sentences with sizes, made ready for reading.

use crate::report::Report;
use crate::verdict::sentence;

/// Settles every sentence of `report` that may name sizes, with the exact reading in `report.exact`.
pub fn settle(report: &mut Report) {
    let exact = &mut report.exact;
    let mut one = |text: &mut String| *text = sentence::settle(text, exact);
    report.verdict.judged_against.iter_mut().for_each(&mut one);
    report.heap.max_bytes_source.iter_mut().for_each(&mut one);
    for entry in &mut report.ledger {
        one(&mut entry.source);
        entry.note.iter_mut().for_each(&mut one);
    }
    for evidence in &mut report.evidence {
        one(&mut evidence.text);
        evidence.contradiction.iter_mut().for_each(&mut one);
    }
    for suspect in &mut report.suspects {
        suspect.notes.iter_mut().for_each(&mut one);
    }
    for cleared in &mut report.checked_and_cleared {
        one(&mut cleared.text);
    }
    for finding in report
        .waste
        .iter_mut()
        .flat_map(|waste| &mut waste.findings)
    {
        one(&mut finding.title);
    }
    report
        .warnings
        .iter_mut()
        .for_each(|warning| one(&mut warning.message));
}
