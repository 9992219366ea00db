//! What the decision must never do, whatever the facts.

use crate::verdict_support::{MIB, decide_with, heap, holder, lines, top};
use hprof_suspects::numbers::Human;
use hprof_suspects::verdict::budget::Budget;
use hprof_suspects::verdict::decision::{Confidence, Decision, HeapVerdict, Thresholds, decide};
use hprof_suspects::verdict::evidence::{Evidence, Quantity, Resident, given};
use hprof_suspects::verdict::facts::{Assessment, HeapFacts, OutOfMemory, OutOfMemoryKind};
use hprof_suspects::verdict::ledger::{Entry, ledger};
use hprof_suspects::verdict::observed::Observed;

/// A small generator of facts, so that a failure can be repeated from its seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
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
                OutOfMemoryKind::Array,
                OutOfMemoryKind::Linking,
                OutOfMemoryKind::Metaspace,
                OutOfMemoryKind::Native,
            ][self.below(5) as usize];
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

/// What fills the heap, what grew, or what nothing bounds: without one of them nobody is suspected, and growth that one look at the
/// heap cannot follow gives no high confidence.
fn convicts_only_with_cause(
    facts: &HeapFacts,
    observed: &Observed,
    decision: &Decision,
    context: &dyn Fn() -> String,
) {
    if decision.heap != HeapVerdict::Suspected {
        return;
    }
    let max = observed.max_heap_of(facts);
    let share = |bytes: u64, share: f64| {
        max.as_ref()
            .is_some_and(|max| bytes as f64 >= share * max.low as f64)
    };
    let exhausted = share(facts.live_bytes(), 0.8) || facts.out_of_memory.is_some();
    let grew = observed
        .growth
        .as_ref()
        .is_some_and(|g| g.bytes >= 32 << 20)
        || observed
            .largest_other_growth()
            .is_some_and(|(_, g)| g >= 32 << 20);
    let unbounded = facts.suspects.iter().any(|h| {
        matches!(h.assessment, Assessment::Unbounded | Assessment::AboveBound)
            && share(h.retained_bytes, 0.1)
    });
    assert!(exhausted || grew || unbounded, "no cause; {}", context());
    assert!(
        exhausted || decision.confidence != Confidence::High,
        "one dump does not show growth; {}",
        context()
    );
}

/// Sizes in `text`: `1,024 MiB`.
pub fn sizes(text: &str) -> Vec<String> {
    let text = text.replace("..", " ");
    let mut found = Vec::new();
    let split: Vec<&str> = text.split([' ', '\n']).collect();
    for pair in split.windows(2) {
        let unit = pair[1].trim_end_matches([';', ')', ',', ':']);
        let number = pair[0].trim_start_matches('(');
        let is_number = number
            .chars()
            .all(|c| c.is_ascii_digit() || ",.".contains(c));
        if is_number && !number.is_empty() && ["B", "KiB", "MiB", "GiB", "TiB"].contains(&unit) {
            found.push(format!("{number} {unit}"));
        }
    }
    found
}

/// Every size of the title is in the reasons, or is a line of the ledger.
fn title_is_in_the_reasons(
    facts: &HeapFacts,
    decision: &Decision,
    entries: &[Entry],
    context: &dyn Fn() -> String,
) {
    let reasons = lines(&decision.reasons);
    let known = sizes(&reasons);
    let harmless: Vec<String> = facts
        .by_design
        .iter()
        .map(|(_, bytes)| Human(*bytes).to_string())
        .collect();
    for size in sizes(&decision.headline.rounded()) {
        let in_ledger = entries.iter().any(|entry| {
            let bytes = entry.bytes.unwrap_or(entry.low).unsigned_abs();
            Human(bytes).to_string() == size
        });
        assert!(
            in_ledger || known.contains(&size) || harmless.contains(&size),
            "{size} of the title is nowhere else; {}",
            context()
        );
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
        let named = facts
            .suspects
            .iter()
            .any(|h| h.assessment != Assessment::ByDesign && h.retained_bytes > 0);
        let oom = facts.out_of_memory.is_some();
        assert!(
            oom || decision.heap != HeapVerdict::Suspected || (facts.has_roots && named),
            "nobody to suspect; {}",
            context()
        );
        convicts_only_with_cause(&facts, &observed, &decision, &context);
        title_is_in_the_reasons(&facts, &decision, &entries, &context);
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

pub fn strength(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::Low => 0,
        Confidence::Medium => 1,
        Confidence::High => 2,
    }
}

/// A heap that is whole, of a plausible size, with up to three holders in it.
fn plausible(random: &mut Random) -> HeapFacts {
    let max = (64 + random.below(4_000)) * MIB;
    let live = random.below(max * 3 / 4) + MIB;
    let mut facts = heap(live, max);
    let mut left = live;
    for i in 0..random.below(4) {
        let bytes = random.below(left.max(1));
        left -= bytes;
        let assessment = match random.below(3) {
            0 => Assessment::Unbounded,
            _ => Assessment::Unknown,
        };
        facts
            .suspects
            .push(holder(&format!("a.B.f{i}"), bytes, assessment));
    }
    facts
}

/// To know which container is the JVM's never weakens the answer that another one grew.
#[test]
fn the_name_of_the_container_never_weakens_the_answer() {
    let mut compared = 0;
    for seed in 1..5_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let facts = plausible(&mut random);
        let other = 64 + random.below(4_000);
        let own = random.below(other / 4);
        let before = 100 + random.below(2_000);
        let text = format!(
            "p app 1m {before}Mi\np side 1m 100Mi\np app 1m {}Mi\np side 1m {}Mi\n",
            before + own,
            100 + other
        );
        let unknown = decide_with(&facts, &top(&text), None);
        let known = decide_with(&facts, &top(&text), Some("app"));
        assert_eq!(known.heap, HeapVerdict::RuledOut, "seed {seed}: {known:#?}");
        assert!(known.headline.contains("`side` grew"), "{}", known.headline);
        assert!(
            known.next_steps[0].contains("`side`"),
            "{:?}",
            known.next_steps
        );
        if unknown.heap == HeapVerdict::RuledOut {
            compared += 1;
            assert!(
                strength(known.confidence) >= strength(unknown.confidence),
                "seed {seed}: {unknown:#?}\n{known:#?}"
            );
        }
    }
    assert!(compared > 100, "{compared}");
}

/// What Native Memory Tracking adds never turns a heap that is ruled out into one that is not.
#[test]
fn tracking_never_weakens_the_answer() {
    let mut ruled_out = 0;
    for seed in 1..5_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let facts = plausible(&mut random);
        let max = facts.max_heap.as_ref().map_or(0, |max| max.bytes);
        let committed = facts.live_bytes() + random.below(max - facts.live_bytes());
        let other = random.below(2_000) * MIB;
        let mut evidence = vec![given(
            Quantity::Resident(Resident::Process),
            committed + other + random.below(500) * MIB,
            "--rss",
        )];
        let without = decide_with(&facts, &evidence, None);
        for (name, bytes) in [
            ("Total", committed + other),
            ("Java Heap", committed),
            ("Other", other),
        ] {
            let quantity = Quantity::NativeCommitted(name.to_owned());
            evidence.push(given(quantity, bytes, "nmt.txt"));
        }
        let with = decide_with(&facts, &evidence, None);
        if without.heap == HeapVerdict::RuledOut {
            ruled_out += 1;
            assert!(
                with.heap == HeapVerdict::RuledOut
                    && strength(with.confidence) >= strength(without.confidence),
                "seed {seed}: {without:#?}\n{with:#?}"
            );
        }
    }
    assert!(ruled_out > 100, "{ruled_out}");
}

/// The sums of the budget are the sums of its parts.
#[test]
fn the_budget_adds_up() {
    for seed in 1..2_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let facts = plausible(&mut random);
        let limit = (64 + random.below(5_000)) * MIB;
        let evidence = [given(Quantity::Limit, limit, "--limit")];
        let observed = Observed::new(&evidence, None);
        let entries = ledger(&facts, &observed);
        let budget = Budget::new(&facts, &observed, &entries).expect("a maximum is known");
        let (low, high) = budget.native();
        let parts = || budget.ordinary.iter().chain([&budget.asked_for]);
        assert_eq!(low, parts().map(|part| part.low).sum::<u64>());
        assert_eq!(high, parts().map(|part| part.high).sum::<u64>());
        assert!(parts().all(|part| part.low <= part.high));
        if let Some(fits) = budget.fitting_max() {
            assert!(fits + high <= limit, "seed {seed}: {budget:?}");
        }
        let decision = decide_with(&facts, &evidence, None);
        assert_eq!(
            decision.headline.contains("cannot fit"),
            budget.exceeded().is_some(),
            "{}",
            decision.headline
        );
    }
}
