//! Texts of evidence with lines, numbers and bytes changed at random: they are read or refused, without a panic or an overflow. The fuzz
//! target `evidence` does the same with a fuzzer; this needs none. `EVIDENCE_ROUNDS=1000` changes each text as often.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hprof_suspects::verdict::evidence::{Document, Order, arrange, read_source};
use hprof_suspects::verdict::observed::{Known, Observed};

use crate::support::project;

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Numbers and words at the edges of what formats allow.
const ODD: [&[u8]; 14] = [
    b"18446744073709551615",
    b"9223372036854775807",
    b"99999999999999999999999",
    b"-1",
    b"0",
    b"1e309",
    b"NaN",
    b"16777216T",
    b"9999999Gi",
    b"",
    b"{",
    b"\"",
    b"2026-11-29T23:59:60+9999",
    b"\xf0\x9f\x92\xa9",
];

/// Replaces a number, a line or some bytes of `text`.
fn change(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(text.len());
    match random.below(6) {
        0 => {
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            let start = at + text[at..].iter().position(is_digit).unwrap_or(0);
            let digits = text[start..].iter().take_while(|b| is_digit(b)).count();
            let odd = ODD[random.below(ODD.len())];
            text.splice(start..start + digits, odd.iter().copied());
        }
        1 => {
            let end = (at + random.below(40)).min(text.len());
            text.drain(at..end);
        }
        2 => text.insert(at, random.below(256) as u8),
        3 => {
            let line = other
                .split(|b| *b == b'\n')
                .nth(random.below(30))
                .unwrap_or_default();
            let start = text[..at]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |at| at + 1);
            text.splice(start..start, line.iter().copied().chain([b'\n']));
        }
        4 => {
            let start = text[..at]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |at| at + 1);
            let end = text[at..]
                .iter()
                .position(|b| *b == b'\n')
                .map_or(text.len(), |end| at + end + 1);
            let line: Vec<u8> = text[start..end].to_vec();
            match random.below(2) {
                0 => drop(text.drain(start..end)),
                _ => drop(text.splice(start..start, line)),
            }
        }
        _ => text.truncate(at),
    }
}

fn read(path: &Path, text: &[u8]) {
    let Ok(source) = read_source(&Document::from_bytes(path, text), path) else {
        return;
    };
    let Ok(sources) = arrange(vec![source.clone(), source], Order::Clear) else {
        return;
    };
    let facts: Vec<_> = sources
        .into_iter()
        .flat_map(|source| source.facts)
        .collect();
    let known = Known {
        pod: Some("web-1"),
        live_bytes: 1 << 20,
        ..Known::default()
    };
    let observed = Observed::of(&facts, &known);
    let amounts = facts
        .iter()
        .filter(|fact| !fact.quantity.name().contains("growth"));
    for fact in amounts {
        assert!(fact.bytes >= 0, "{fact:?}");
    }
    assert!(observed.notes.len() <= 100);
}

#[test]
fn changed_texts_are_read_or_refused() {
    let rounds = std::env::var("EVIDENCE_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok());
    let rounds: usize = rounds.unwrap_or(5);
    let mut seeds = Vec::new();
    let mut folders = vec![project().join("testdata/evidence-texts")];
    folders.extend(
        [project().join("../shared/evidence")]
            .into_iter()
            .filter(|f| f.is_dir()),
    );
    for folder in folders {
        let entries = fs::read_dir(folder).expect("texts").flatten();
        let files = entries
            .map(|e| e.path())
            .filter(|p| p.extension().is_none_or(|e| e != "gz"));
        seeds.extend(files.filter_map(|path| Some((fs::read(&path).ok()?, path))));
    }
    seeds.sort_by(|(_, a), (_, b)| a.cmp(b));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (began, mut read_texts, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    for at in 0..seeds.len() * rounds {
        let (seed, path) = &seeds[at % seeds.len()];
        let (other, _) = &seeds[random.below(seeds.len())];
        let mut text = seed.clone();
        text.truncate(64 << 10);
        for _ in 0..=random.below(8) {
            if !text.is_empty() {
                change(&mut text, other, &mut random);
            }
        }
        let start = Instant::now();
        let done = std::panic::catch_unwind(|| read(path, &text));
        assert!(
            done.is_ok(),
            "{}, text {at}:\n{}",
            path.display(),
            String::from_utf8_lossy(&text)
        );
        slowest = slowest.max(start.elapsed());
        read_texts += 1;
    }
    println!(
        "{read_texts} texts in {:?}, the slowest in {slowest:?}",
        began.elapsed()
    );
    assert!(read_texts >= 100 * rounds);
}
