//! Bytes that a change of the program would save. Reads the contents of all objects, so it runs only when asked for.
//!
//! Findings say how much, of what class, and which field holds most of it. Contents get into the report only when values are to be shown.

mod arrays;
mod collections;
mod duplicates;
mod owner;
mod queues;
mod regions;
mod scan;

use std::collections::BTreeMap;

use super::explore::object::contents;
use crate::graph::Strength;
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};
use crate::report::model::{Waste, WasteFinding};
use crate::suspects::Owners;
use crate::verdict::jvm_facts::JvmFacts;

/// Findings that save less, in bytes, are left out: caches of the JDK itself are about as large.
const FLOOR: u64 = 16 << 10;
/// Findings that are reported.
const MOST: usize = 30;
/// Objects of a finding whose owner is looked for, about.
const SAMPLE: usize = 5_000;
/// Texts that are reported of a finding, where contents may be shown.
const EXAMPLES: usize = 3;
/// Copies that are looked at for them.
const LOOKED_AT: usize = SAMPLE;
/// Longest example in characters.
const LONGEST_EXAMPLE: usize = 80;

/// Something that need not be: what kind of finding it belongs to, and what it costs.
#[derive(Clone, Copy, Debug)]
struct Hit {
    kind: &'static str,
    class: ClassIndex,
    object: ObjectIndex,
    bytes: u64,
}

/// Hits of one kind and class.
#[derive(Default)]
struct Sum {
    objects: u64,
    bytes: u64,
    sample: Sample,
}

/// Every so-manieth hit, so that any number of them takes the same room.
struct Sample {
    step: u64,
    seen: u64,
    kept: Vec<(ObjectIndex, u64)>,
}

impl Default for Sample {
    fn default() -> Sample {
        Sample {
            step: 1,
            seen: 0,
            kept: Vec::new(),
        }
    }
}

impl Sample {
    fn add(&mut self, object: ObjectIndex, bytes: u64) {
        if self.seen.is_multiple_of(self.step) {
            self.kept.push((object, bytes));
            if self.kept.len() >= 2 * SAMPLE {
                let mut even = false;
                self.kept.retain(|_| {
                    even = !even;
                    even
                });
                self.step *= 2;
            }
        }
        self.seen += 1;
    }
}

/// All hits, by kind and class.
#[derive(Default)]
struct Sums(BTreeMap<(&'static str, ClassIndex), Sum>);

impl Sums {
    fn add(&mut self, hit: Hit) {
        let sum = self.0.entry((hit.kind, hit.class)).or_default();
        sum.objects += 1;
        sum.bytes = sum.bytes.saturating_add(hit.bytes);
        sum.sample.add(hit.object, hit.bytes);
    }
}

/// Looks for waste among what is reachable.
pub fn section(snapshot: &Snapshot<'_>, owners: &Owners<'_, '_>, jvm: &JvmFacts) -> Waste {
    let mut sums = Sums::default();
    let units = scan::units(snapshot);
    let layouts = collections::Layouts::new(snapshot);
    let queues = queues::Queues::new(snapshot);
    let boxed = arrays::boxes(snapshot);
    scan::scan(
        snapshot,
        &units,
        |hits, object, record| {
            match queues.knows(snapshot.class_of(object)) {
                true => queues.look(snapshot, object, hits),
                false => collections::look(snapshot, &layouts, object, record, hits),
            }
            arrays::look(snapshot, &layouts, &boxed, object, record, hits);
        },
        |hits: Vec<Hit>| hits.into_iter().for_each(|hit| sums.add(hit)),
    );
    // Values of a redacted dump are all zero: equal contents mean nothing.
    if !snapshot.container().redacted {
        duplicates::look(snapshot, &units, &mut sums);
    }
    let mut findings: Vec<WasteFinding> = sums
        .0
        .iter()
        .filter(|(_, sum)| sum.bytes >= FLOOR)
        .map(|(&(kind, class), sum)| finding(snapshot, kind, class, sum))
        .collect();
    findings.extend(regions::tails(snapshot, jvm));
    findings.extend(regions::fillers(snapshot));
    findings.sort_by(|a, b| {
        (b.bytes, b.objects)
            .cmp(&(a.bytes, a.objects))
            .then_with(|| (&a.kind, a.title.rounded()).cmp(&(&b.kind, b.title.rounded())))
    });
    findings.truncate(MOST);
    owner::name_all(snapshot, owners, &mut findings, &sums);
    Waste { findings }
}

fn finding(
    snapshot: &Snapshot<'_>,
    kind: &'static str,
    class: ClassIndex,
    sum: &Sum,
) -> WasteFinding {
    WasteFinding {
        kind: kind.to_owned(),
        title: title(snapshot, kind, class).into(),
        objects: sum.objects,
        bytes: sum.bytes,
        holder: None,
        holders: Vec::new(),
        examples: examples(snapshot, kind, &sum.sample),
    }
}

/// What a finding is about.
fn title(snapshot: &Snapshot<'_>, kind: &str, class: ClassIndex) -> String {
    let class = &snapshot.classes().get(class).name;
    match kind {
        "duplicate_strings" => format!("equal strings, copies of their {class}"),
        "duplicate_arrays" => format!("equal {class}"),
        "zero_arrays" => format!("{class} of nothing but zeros"),
        "empty_arrays" => format!("{class} of length 0"),
        "sparse_arrays" => format!("{class} that are nearly empty"),
        "empty_collections" => format!("empty {class}"),
        "oversized_collections" => format!("{class} with room for many more"),
        _ => format!("boxed {class}"),
    }
}

/// The texts that there are most copies of, where contents may be shown.
fn examples(snapshot: &Snapshot<'_>, kind: &str, sample: &Sample) -> Vec<String> {
    if !snapshot.values_shown() || !kind.starts_with("duplicate_") {
        return Vec::new();
    }
    let mut copies: BTreeMap<String, u64> = BTreeMap::new();
    for &(array, _) in sample.kept.iter().take(LOOKED_AT) {
        let string = snapshot.dominator(array);
        let text = string
            .and_then(|string| snapshot.string(string, LONGEST_EXAMPLE))
            .map(|text| format!("{text:?}"))
            .or_else(|| contents(snapshot, array))
            .unwrap_or_default();
        let text: String = text.chars().take(LONGEST_EXAMPLE).collect();
        *copies.entry(text).or_default() += 1;
    }
    copies.remove("");
    let mut texts: Vec<(String, u64)> = copies.into_iter().collect();
    texts.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    texts
        .into_iter()
        .take(EXAMPLES)
        .map(|(text, _)| text)
        .collect()
}

/// Whether `object` is alive as far as the dump tells.
fn is_reachable(snapshot: &Snapshot<'_>, object: ObjectIndex) -> bool {
    snapshot.contains(object) && snapshot.strength(object) != Strength::NoPath
}
