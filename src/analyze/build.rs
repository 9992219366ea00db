//! From what was found to the report: every field is filled here, once.

use super::{Findings, evidence, native, option_map, overview, suspects, verdict};
use crate::report::Report;
use crate::report::model::Tool;

/// The report of `findings`.
pub fn report(findings: &Findings<'_, '_>) -> Report {
    let Findings {
        snapshot,
        file,
        options,
        read,
        details,
        decided,
        ..
    } = findings;
    let heap = overview::heap(snapshot, &read.facts, details);
    let verdict = verdict::section(decided, &findings.suspects);
    let (suspects, largest_holders) = suspects::rows(findings, &heap);
    let more = findings.suspects.list.len() - suspects.len() - largest_holders.len();
    let mut warnings = overview::warnings(snapshot, file);
    warnings.extend(native::warnings(snapshot, read));
    warnings.extend(evidence::notes(&decided.observed));
    Report {
        tool: Tool {
            options: option_map(snapshot, options),
            values_shown: snapshot.values_shown(),
            ..Tool::default()
        },
        dump: overview::dump(snapshot, file),
        labels: overview::labels(&options.labels, snapshot.values_shown()),
        jvm: overview::jvm(snapshot, &read.jvm, findings.owners.application()),
        heap,
        verdict,
        ledger: decided.ledger.iter().map(verdict::entry).collect(),
        off_heap: native::owners(read),
        evidence: evidence::rows(options, &decided.observed),
        suspects,
        largest_holders,
        more_suspects: more as u64,
        growth: findings.growth.clone(),
        inventory: findings.inventory.clone(),
        checked_and_cleared: findings.cleared.clone(),
        classes: findings.classes.clone(),
        dominators: findings.dominators.clone(),
        dominator_tree: findings.tree.clone(),
        threads: details.threads.rows.clone(),
        thread_locals: details.threads.thread_locals.clone(),
        class_loaders: details.loaders.rows.clone(),
        duplicate_classes: details.duplicates.clone(),
        class_families: details.families.clone(),
        references: Some(details.references.clone()),
        waste: details.waste.clone(),
        warnings,
        ..Report::default()
    }
}
