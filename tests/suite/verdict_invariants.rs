//! What the decision must never do, whatever the facts.

use crate::verdict_support::{heap, holder, top};
use hprof_suspects::verdict::decision::{HeapVerdict, Thresholds, decide};
use hprof_suspects::verdict::evidence::{Evidence, Quantity, Resident, given};
use hprof_suspects::verdict::facts::{Assessment, HeapFacts, OutOfMemory, OutOfMemoryKind};
use hprof_suspects::verdict::ledger::ledger;
use hprof_suspects::verdict::observed::Observed;

/// A small generator of facts, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn bytes(&mut self) -> u64 {
        match self.below(8) {
            0 => 0,
            1 => u64::MAX,
            _ => {
                let bits = self.below(36);
                self.below(1 << bits)
            }
        }
    }

    fn facts(&mut self) -> HeapFacts {
        let assessments = [
            Assessment::Unknown,
            Assessment::ByDesign,
            Assessment::AboveBound,
            Assessment::Unbounded,
        ];
        let mut facts = heap(self.bytes(), self.bytes());
        facts.soft_bytes = self.bytes();
        facts.no_path_bytes = self.bytes();
        facts.complete = self.below(4) > 0;
        facts.has_roots = self.below(4) > 0;
        facts.platform_threads = self.bytes();
        facts.classes = self.bytes();
        facts.suspects = (0..self.below(3))
            .map(|_| {
                holder(
                    "a\u{7}`.B\u{202e}.c",
                    self.bytes(),
                    assessments[self.below(4) as usize],
                )
            })
            .collect();
        if self.below(8) == 0 {
            let what = [
                OutOfMemoryKind::HeapSpace,
                OutOfMemoryKind::Metaspace,
                OutOfMemoryKind::Native,
            ][self.below(3) as usize];
            facts.out_of_memory = Some(OutOfMemory {
                thread: "t\n".into(),
                what,
                frame: None,
            });
        }
        facts
    }

    fn evidence(&mut self) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        if self.below(2) == 0 {
            evidence.push(given(
                Quantity::Resident(Resident::Process),
                self.bytes(),
                "--rss",
            ));
        }
        if self.below(2) == 0 {
            evidence.push(given(
                Quantity::Growth(Resident::Process),
                self.bytes(),
                "--growth",
            ));
        }
        if self.below(2) == 0 {
            evidence.push(given(Quantity::Limit, self.bytes(), "--limit"));
        }
        if self.below(2) == 0 {
            let (a, b) = (self.below(4096), self.below(4096));
            evidence.extend(top(&format!(
                "p app 1m {a}Mi\np other 1m 1Mi\np app 1m {b}Mi\np other 1m {a}Mi\n"
            )));
        }
        evidence
    }
}

#[test]
fn what_must_never_happen() {
    for seed in 1..20_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let facts = random.facts();
        let evidence = random.evidence();
        let observed = Observed::new(&evidence, None);
        let entries = ledger(&facts, &observed);
        let decision = decide(&facts, &observed, &entries, &Thresholds::default());
        let context = || format!("seed {seed}: {decision:#?}\n{facts:#?}");
        assert!(
            facts.complete && facts.has_roots || decision.heap != HeapVerdict::RuledOut,
            "damaged, yet ruled out; {}",
            context()
        );
        let oom = facts
            .out_of_memory
            .as_ref()
            .is_some_and(|o| o.what == OutOfMemoryKind::HeapSpace);
        assert!(
            !oom || decision.heap == HeapVerdict::Suspected,
            "{}",
            context()
        );
        let accusable = facts
            .suspects
            .iter()
            .any(|h| h.assessment != Assessment::ByDesign && h.retained_bytes > 0);
        assert!(
            oom || decision.heap != HeapVerdict::Suspected || (facts.has_roots && accusable),
            "nobody to suspect; {}",
            context()
        );
        let texts = decision
            .reasons
            .iter()
            .chain(&decision.next_steps)
            .chain([&decision.headline]);
        for text in texts {
            assert!(
                !text.is_empty()
                    && !text.rounded().chars().any(char::is_control)
                    && !text.contains("\u{202e}"),
                "{text:?}"
            );
        }
        assert!(
            !decision.reasons.is_empty() && !decision.next_steps.is_empty(),
            "{}",
            context()
        );
        for entry in &entries {
            assert!(
                entry.low <= entry.high && !entry.source.is_empty(),
                "{entry:?}"
            );
            assert!(
                entry
                    .bytes
                    .is_none_or(|b| b == entry.low && b == entry.high),
                "{entry:?}"
            );
        }
        // More heap held by one more holder never makes the heap more innocent.
        let mut worse = facts.clone();
        let more = random.bytes().clamp(8 << 20, 1 << 40);
        worse.strong_bytes = worse.strong_bytes.saturating_add(more);
        worse
            .suspects
            .push(holder("worse.W.w", worse.live_bytes(), Assessment::Unknown));
        let after = decide(
            &worse,
            &observed,
            &ledger(&worse, &observed),
            &Thresholds::default(),
        );
        assert!(
            after.heap != HeapVerdict::RuledOut || decision.heap == HeapVerdict::RuledOut,
            "{}\nthen {after:#?}",
            context()
        );
    }
}
