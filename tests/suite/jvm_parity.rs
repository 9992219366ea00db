//! Shallow sizes against `jcmd PID GC.class_histogram` of the JVM that wrote the dump.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{corpus, dump_named, files_ending, golden, project, read_text, run};

/// Classes with fewer instances are left out: single objects come and go between histogram and dump.
const FEWEST_INSTANCES: u64 = 20;

/// Of so many classes one may differ (98 % must agree to the byte).
const CLASSES_PER_DIFFERENCE: usize = 50;

/// Dead space that the JVM has made look like arrays. A dump shows it as `int[]`, since its records of primitive arrays have no class.
const FILLER: &str = "jdk.internal.vm.FillerElement[]";

/// Instances and bytes.
type Totals = BTreeMap<String, (u64, u64)>;

/// `[Ljava.lang.Object;` to `java.lang.Object[]`, `[[I` to `int[][]`; hidden classes with one separator.
fn java_name(name: &str) -> String {
    let element = name.trim_start_matches('[');
    let dimensions = name.len() - element.len();
    let element = match (dimensions, element) {
        (0, whole) => whole,
        (_, "Z") => "boolean",
        (_, "B") => "byte",
        (_, "C") => "char",
        (_, "D") => "double",
        (_, "F") => "float",
        (_, "I") => "int",
        (_, "J") => "long",
        (_, "S") => "short",
        (_, class) => class
            .strip_prefix('L')
            .and_then(|name| name.strip_suffix(';'))
            .unwrap_or(class),
    };
    format!(
        "{}{}",
        element.replace("/0x", "+0x"),
        "[]".repeat(dimensions)
    )
}

/// Lines `  12:    345    6789  [B (java.base@17.0.15)`; everything else is headings.
fn histogram(text: &str) -> Totals {
    let mut totals = Totals::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [rank, instances, bytes, name, ..] = cells[..] else {
            continue;
        };
        let (true, Ok(instances), Ok(bytes)) = (
            rank.ends_with(':'),
            instances.parse::<u64>(),
            bytes.parse::<u64>(),
        ) else {
            continue;
        };
        let total = totals.entry(java_name(name)).or_default();
        *total = (total.0 + instances, total.1 + bytes);
    }
    totals
}

/// The classes of the JSON report, summed over those of one name.
fn reported(json: &serde_json::Value) -> Totals {
    let mut totals = Totals::new();
    for class in json["classes"].as_array().expect("classes") {
        let name = class["class"].as_str().expect("a class name");
        let number = |field: &str| {
            class[field]
                .as_u64()
                .unwrap_or_else(|| panic!("{field} of {name}"))
        };
        let total = totals.entry(java_name(name)).or_default();
        *total = (
            total.0 + number("objects"),
            total.1 + number("shallow_bytes"),
        );
    }
    totals
}

/// A class with what the JVM counts and what the report says.
type Differing<'a> = (&'a str, (u64, u64), (u64, u64));

/// How a report compares with the JVM's histogram.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    /// Classes with enough instances.
    compared: usize,
    /// Those whose bytes differ and need not.
    pub wrong: Vec<String>,
    /// Those whose bytes differ because the dump has other objects than the JVM counted, with the reason.
    pub not_in_the_dump: Vec<String>,
}

impl Comparison {
    /// The share of classes that are equal to the byte, nothing left out, in percent.
    fn strictly(&self) -> f64 {
        let differing = self.wrong.len() + self.not_in_the_dump.len();
        (self.compared - differing) as f64 * 100.0 / self.compared.max(1) as f64
    }

    /// Whether 98 % are equal of the classes of which the dump has the objects.
    fn is_right(&self) -> bool {
        let comparable = self.compared - self.not_in_the_dump.len();
        comparable > 0 && self.wrong.len() <= comparable / CLASSES_PER_DIFFERENCE
    }
}

impl std::fmt::Display for Comparison {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{:.2} % strictly, {} of {} classes differ",
            self.strictly(),
            self.wrong.len() + self.not_in_the_dump.len(),
            self.compared
        )?;
        for line in &self.wrong {
            write!(out, "\n    differs: {line}")?;
        }
        self.not_in_the_dump
            .iter()
            .try_for_each(|line| write!(out, "\n    not in the dump: {line}"))
    }
}

fn compare(jvm: &Totals, ours: &Totals, dumped_classes: u64) -> Comparison {
    let mut comparison = Comparison::default();
    for (name, &(instances, bytes)) in jvm {
        if instances < FEWEST_INSTANCES {
            continue;
        }
        comparison.compared += 1;
        let here = ours.get(name).copied().unwrap_or_default();
        if here.1 == bytes {
            continue;
        }
        let differing = (name.as_str(), (instances, bytes), here);
        let line = format!(
            "{name}: JVM {instances} instances {bytes} bytes, here {} instances {} bytes",
            here.0, here.1
        );
        match reason(differing, jvm, ours, dumped_classes) {
            Some(reason) => comparison.not_in_the_dump.push(format!("{line}: {reason}")),
            None => comparison.wrong.push(line),
        }
    }
    comparison
}

/// Why a class differs though every object of it that the dump has is counted right. Nothing else is excused.
fn reason(
    (name, jvm_counts, here): Differing<'_>,
    jvm: &Totals,
    ours: &Totals,
    dumped_classes: u64,
) -> Option<&'static str> {
    let more = |a: u64, b: u64| a.checked_sub(b);
    match name {
        // The JVM maps class objects from its archive, also of classes that it has not loaded. `heapDumper.cpp` writes a class record for
        // each loaded class, and instances for those of the nine primitive types. So the dump's number is known, and the JVM's is larger. On
        // JVMs that cannot map them (ZGC, other alignments, no archive) both are equal.
        "java.lang.Class" => (here.0 == dumped_classes + 9 && more(jvm_counts.0, here.0)? > 0)
            .then_some("class objects of archived classes that were never loaded are not dumped"),
        "int[]" => {
            let objects = more(jvm_counts.0, here.0);
            let locks = objects
                .filter(|n| (1..=2).contains(n))
                .is_some_and(|n| more(jvm_counts.1, here.1) == Some(16 * n));
            locks
                .then_some(
                    "locks (int[0]) of classes that were unloaded between histogram and dump",
                )
                .or_else(|| unloaded(jvm, ours))
        }
        FILLER => unloaded(jvm, ours),
        _ => None,
    }
}

/// Arrays of `int` and fillers together are as many as the JVM counts, and larger by less than two class objects: classes were unloaded
/// between histogram and dump, and the fillers over them are as large as class object and lock were. Which of the smallest are fillers is not
/// told there: locks of archived classes look the same and are all around (`jvm/tiny-jdk25`, a heap of 32 MiB that was collected down to
/// its archive).
fn unloaded(jvm: &Totals, ours: &Totals) -> Option<&'static str> {
    const CLASS_OBJECT: u64 = 128;
    let both = |totals: &Totals| {
        let of = |name: &str| totals.get(name).copied().unwrap_or_default();
        let (ints, fillers) = (of("int[]"), of(FILLER));
        (ints.0 + fillers.0, ints.1 + fillers.1)
    };
    let (jvm, ours) = (both(jvm), both(ours));
    let more = ours.1.checked_sub(jvm.1)?;
    (jvm.0 == ours.0 && (1..=2 * CLASS_OBJECT).contains(&more))
        .then_some("int[] and fillers together are as the JVM counts; locks of archived classes look like the smallest fillers")
}

/// Dumps with a histogram, in `testdata/` and in the corpus.
fn dumps_with_histograms() -> Vec<(PathBuf, PathBuf)> {
    let ours = files_ending(&project().join("testdata"), &[".histo.txt"]);
    let mut found: Vec<_> = ours
        .into_iter()
        .map(|(name, histogram)| (golden(&name), histogram))
        .collect();
    for folder in corpus()
        .into_iter()
        .flat_map(|corpus| ["jvm", "leaks"].map(|name| corpus.join(name)))
    {
        for (name, histogram) in files_ending(&folder, &[".histo.txt"]) {
            let dump = dump_named(&folder, &name)
                .unwrap_or_else(|| panic!("no dump for {}", histogram.display()));
            found.push((dump, histogram));
        }
    }
    found
}

/// Compares a dump with its histogram file; `Err` tells why that cannot be done.
pub fn compared(dump: &Path, histogram_file: &Path) -> Result<Comparison, String> {
    let jvm = histogram(&read_text(histogram_file));
    if jvm.is_empty() {
        return Err(format!("{} holds no histogram", histogram_file.display()));
    }
    let run = run([
        dump.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
        "--top".as_ref(),
        "100000".as_ref(),
    ]);
    if run.code != Some(0) {
        return Err(format!("exit {:?}: {}", run.code, run.stderr));
    }
    let json = run.json();
    let classes = json["heap"]["classes"].as_u64().expect("a number");
    Ok(compare(&jvm, &reported(&json), classes))
}

/// The same, as `Err` when fewer than 98 % are equal.
pub fn check(dump: &Path, histogram_file: &Path) -> Result<Comparison, String> {
    let comparison = compared(dump, histogram_file)?;
    if comparison.is_right() {
        Ok(comparison)
    } else {
        Err(comparison.to_string())
    }
}

#[test]
fn class_sizes_are_those_of_the_jvm() {
    let mut failed = Vec::new();
    for (dump, histogram_file) in dumps_with_histograms() {
        match check(&dump, &histogram_file) {
            Ok(comparison) => println!("{}: {comparison}", dump.display()),
            Err(told) => failed.push(format!("{}: {told}", dump.display())),
        }
    }
    assert!(
        failed.is_empty(),
        "not as the JVM counts:\n{}",
        failed.join("\n")
    );
}

/// The comparison itself: names are matched, loaders summed, and one wrong byte shows.
#[test]
fn the_comparison_sees_a_wrong_size() {
    let text = " num     #instances         #bytes  class name (module)\n\
                -------------------------------------------------------\n\
                   1:          1375          81792  [B (java.base@11.0.13)\n\
                   2:            30            720  [[Ljava.lang.String; (java.base@11.0.13)\n\
                   3:            20            320  com.acme.A\n\
                   4:             5             80  com.acme.A\n\
                   5:             3             48  com.acme.Rare\n\
                Total          1433          82960\n";
    let jvm = histogram(text);
    assert_eq!(jvm["com.acme.A"], (25, 400));
    assert_eq!(jvm.len(), 4);
    let class = |name: &str, objects: u64, bytes: u64| serde_json::json!({"class": name, "objects": objects, "shallow_bytes": bytes});
    let right = [
        class("byte[]", 1375, 81792),
        class("java.lang.String[][]", 30, 720),
        class("com.acme.A", 25, 400),
    ];
    let json = serde_json::json!({ "classes": right });
    let same = compare(&jvm, &reported(&json), 3);
    assert_eq!((same.compared, same.wrong.len()), (3, 0));
    assert!(same.is_right() && same.strictly() == 100.0);
    let wrong = serde_json::json!({ "classes": [right[0].clone(), right[1].clone(), class("com.acme.A", 25, 408)] });
    let wrong = compare(&jvm, &reported(&wrong), 3);
    assert_eq!((wrong.wrong.len(), wrong.is_right()), (1, false));
}

/// What is excused is narrow: one byte or one object more, and it is a difference.
#[test]
fn little_is_excused() {
    let totals = |rows: &[(&str, u64, u64)]| -> Totals {
        let row = |&(name, objects, bytes): &(&str, u64, u64)| (name.to_owned(), (objects, bytes));
        rows.iter().map(row).collect()
    };
    let excused = |jvm: &[(&str, u64, u64)], ours: &[(&str, u64, u64)]| {
        let comparison = compare(&totals(jvm), &totals(ours), 100);
        assert_eq!(comparison.wrong.len() + comparison.not_in_the_dump.len(), 1);
        comparison.wrong.is_empty()
    };
    let classes = |jvm, ours| {
        excused(
            &[("java.lang.Class", jvm, 9_000)],
            &[("java.lang.Class", ours, 8_000)],
        )
    };
    assert!(classes(150, 109));
    assert!(!classes(150, 108), "a loaded class is missing");
    assert!(!classes(109, 109), "the same objects, other sizes");
    let ints = |jvm, ours| excused(&[("int[]", 100, jvm)], &[("int[]", ours, 4_000)]);
    assert!(ints(4_032, 98));
    assert!(!ints(4_040, 98), "no locks");
    assert!(!ints(4_048, 97), "too many");
    assert!(!ints(4_008, 100), "a wrong size");
    assert!(!excused(
        &[("byte[]", 100, 4_000)],
        &[("byte[]", 98, 3_968)]
    ));
    // A filler taken for an array: both rows differ, and their sum does not excuse it.
    let jvm = totals(&[("int[]", 100, 4_000), (FILLER, 30, 480)]);
    let ours = totals(&[("int[]", 101, 4_016), (FILLER, 29, 464)]);
    assert_eq!(compare(&jvm, &ours, 100).wrong.len(), 2);
}
