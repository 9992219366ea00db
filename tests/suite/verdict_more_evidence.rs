//! What more evidence must never do to a right answer, and sums that add up.

use hprof_suspects::verdict::decision::HeapVerdict;
use hprof_suspects::verdict::evidence::{Evidence, Quantity, given};
use hprof_suspects::verdict::facts::{Assessment, HeapFacts};

use crate::verdict_invariants::{Random, sizes, strength};
use crate::verdict_support::{MIB, decide_with, heap, holder, top};

/// What is true of a JVM, and evidence of it: first what was observed, then more of the same.
struct World {
    facts: HeapFacts,
    right: HeapVerdict,
    observed: Vec<Evidence>,
    more: Vec<Evidence>,
}

/// Resident memory before and after, in MiB, of the JVM's container and of another one.
fn two_looks(app: (u64, u64), side: (u64, u64)) -> Vec<Evidence> {
    let look = |app: u64, side: u64| format!("p app 1m {app}Mi\np side 1m {side}Mi\n");
    top(&format!("{}{}", look(app.0, side.0), look(app.1, side.1)))
}

impl World {
    /// The sidecar grew; a holder grew with the JVM; or direct memory did.
    fn any(random: &mut Random) -> World {
        let max = 256 + random.below(1_800);
        let live = 20 + random.below(max / 3);
        let grew = 64 + random.below(max / 3);
        let before = live + 100 + random.below(200);
        let mut facts = heap(live * MIB, max * MIB);
        let (right, app, side) = match random.below(3) {
            0 => (HeapVerdict::RuledOut, before, 100 + grew + 900),
            1 => {
                let held = grew * (60 + random.below(40)) / 100;
                facts = heap((live + held) * MIB, max * MIB);
                let assessment = [Assessment::Unknown, Assessment::Unbounded];
                let assessment = assessment[random.below(2) as usize];
                facts
                    .suspects
                    .push(holder("a.B.events", held * MIB, assessment));
                (HeapVerdict::Suspected, before + grew, 100)
            }
            _ => (HeapVerdict::RuledOut, before + grew, 100),
        };
        let native = right == HeapVerdict::RuledOut && app > before;
        let committed = facts.live_bytes() + random.below(32) * MIB;
        let mut observed = two_looks((before, app), (100, side));
        // That native memory grew is not known without tracking.
        if native {
            for (name, mib, growth) in [("Other", grew + 20, grew), ("Code", 30, 0)] {
                let name = || name.to_owned();
                observed.push(given(Quantity::NativeCommitted(name()), mib * MIB, "nmt"));
                observed.push(given(Quantity::NativeGrowth(name()), growth * MIB, "nmt"));
            }
        }
        let more = vec![
            given(Quantity::MaxHeap, max * MIB, "VM.flags"),
            given(Quantity::HeapCommitted, committed, "GC.heap_info"),
            given(
                Quantity::HeapAfterFullCollection,
                facts.live_bytes(),
                "gc.log",
            ),
            given(Quantity::Limit, (max + 8_000) * MIB, "--limit"),
        ];
        World {
            facts,
            right,
            observed,
            more,
        }
    }
}

/// Evidence that fits the truth never turns a right answer into a wrong or a weaker one, in whatever order it comes.
#[test]
fn more_evidence_never_weakens_a_right_answer() {
    let mut right = 0;
    for seed in 1..3_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut world = World::any(&mut random);
        let mut before = decide_with(&world.facts, &world.observed, Some("app"));
        assert_eq!(before.heap, world.right, "seed {seed}: {before:#?}");
        while !world.more.is_empty() {
            let next = random.below(world.more.len() as u64) as usize;
            world.observed.push(world.more.swap_remove(next));
            let after = decide_with(&world.facts, &world.observed, Some("app"));
            assert!(
                after.heap == world.right
                    && strength(after.confidence) >= strength(before.confidence),
                "seed {seed}: {before:#?}\nthen {after:#?}"
            );
            right += 1;
            before = after;
        }
    }
    assert!(right > 10_000, "{right}");
}

/// Numbers before `MiB` in a sentence.
fn mib_in(text: &str) -> Vec<u64> {
    let sizes = sizes(text).into_iter();
    let mib = sizes.filter_map(|size| size.strip_suffix(" MiB").map(|n| n.replace(',', "")));
    mib.filter_map(|n| n.parse().ok()).collect()
}

/// The sums that a sentence names are those of the numbers in it, but for rounding.
#[test]
fn the_sums_that_are_told_add_up() {
    let mut sums = 0;
    for seed in 1..2_000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let parts: Vec<u64> = (0..2 + random.below(2))
            .map(|_| 30 + random.below(60))
            .collect();
        let growth = parts.iter().sum::<u64>() + random.below(30);
        let mut facts = heap((parts.iter().sum::<u64>() + 20) * MIB, 2_048 * MIB);
        for (i, mib) in parts.iter().enumerate() {
            facts
                .suspects
                .push(holder(&format!("a.B.f{i}"), mib * MIB, Assessment::Unknown));
        }
        let evidence = two_looks((300, 300 + growth), (100, 100));
        let decision = decide_with(&facts, &evidence, Some("app"));
        for reason in &decision.reasons {
            let text = reason.rounded();
            let Some((listed, together)) = text.split_once("; together ") else {
                continue;
            };
            let (_, listed) = listed.split_once(": ").expect("a list");
            let sum: u64 = mib_in(listed).iter().sum();
            let told = mib_in(&format!("{together} "))[0];
            assert!(sum.abs_diff(told) <= 2, "seed {seed}: {text}");
            sums += 1;
        }
    }
    assert!(sums > 500, "{sums}");
}
