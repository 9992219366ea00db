//! Facts and evidence for the tests of the decision.

use hprof_suspects::sentence::Sentence;
use hprof_suspects::verdict::decision::{Decision, Thresholds, decide};
use hprof_suspects::verdict::evidence::{Document, Evidence, read_document};
use hprof_suspects::verdict::facts::{Assessment, HeapFacts, Holder, Sourced};
use hprof_suspects::verdict::ledger::ledger;
use hprof_suspects::verdict::observed::Observed;
use std::path::Path;

pub const MIB: u64 = 1 << 20;

pub fn heap(live: u64, max: u64) -> HeapFacts {
    HeapFacts {
        strong_bytes: live,
        complete: true,
        has_roots: true,
        max_heap: (max > 0).then(|| Sourced {
            bytes: max,
            source: "java.nio.Bits.MAX_MEMORY".into(),
        }),
        platform_threads: 20,
        classes: 1_500,
        ..HeapFacts::default()
    }
}

pub fn holder(name: &str, retained_bytes: u64, assessment: Assessment) -> Holder {
    Holder {
        name: name.into(),
        retained_bytes,
        application_owned: true,
        jdk: false,
        assessment,
        ..Holder::default()
    }
}

pub fn with(mut facts: HeapFacts, holders: &[Holder]) -> HeapFacts {
    facts.suspects = holders.to_vec();
    facts
}

pub fn decide_with(facts: &HeapFacts, evidence: &[Evidence], container: Option<&str>) -> Decision {
    let observed = Observed::new(evidence, container);
    let ledger = ledger(facts, &observed);
    decide(facts, &observed, &ledger, &Thresholds::default())
}

pub fn alone(facts: &HeapFacts) -> Decision {
    decide_with(facts, &[], None)
}

pub fn top(text: &str) -> Vec<Evidence> {
    let path = Path::new("top.txt");
    let text = format!("POD NAME CPU(cores) MEMORY(bytes)\n{text}");
    read_document(&Document::from_bytes(path, text.as_bytes()), path)
        .unwrap_or_else(|e| panic!("{e}"))
}

/// The sentences, each on its own line.
pub fn lines(sentences: &[Sentence]) -> String {
    Sentence::joined(sentences.iter().cloned(), "\n").rounded()
}
