//! Shallow sizes against `jcmd PID GC.class_histogram` of the JVM that wrote the dump.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{corpus, dump_named, files_ending, golden, project, read_text, run};

/// Classes with fewer instances are left out: single objects come and go between histogram and dump.
const FEWEST_INSTANCES: u64 = 20;

/// Of so many classes one may differ (98 % must agree to the byte).
const CLASSES_PER_DIFFERENCE: usize = 50;

/// Classes of which a dump has not the same objects as the JVM. Where the numbers of instances differ, nothing can be said
/// of their sizes: class objects that the JVM archived and never used are not dumped, and fillers of the smallest size are
/// dumped as `int[0]`, which class objects have too.
const NOT_IN_THE_DUMP: [&str; 2] = ["java.lang.Class", "int[]"];

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
        // Fillers of dead space have no class in a dump: there they are int[] that nothing refers to, which a report must
        // leave out of int[].
        if name == "[Ljdk.internal.vm.FillerElement;" {
            continue;
        }
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

/// The classes that differ (told), and how many were compared.
fn differing(jvm: &Totals, ours: &Totals) -> (Vec<String>, usize) {
    let compared: Vec<_> = jvm
        .iter()
        .filter(|(_, (instances, _))| *instances >= FEWEST_INSTANCES)
        .filter(|(name, (instances, _))| {
            let objects = ours.get(*name).map_or(0, |(objects, _)| *objects);
            !NOT_IN_THE_DUMP.contains(&name.as_str()) || objects == *instances
        })
        .collect();
    let wrong = |&(name, &(instances, bytes)): &(&String, &(u64, u64))| {
        let (our_objects, our_bytes) = ours.get(name).copied().unwrap_or_default();
        (our_bytes != bytes).then(|| {
            format!("{name}: JVM {instances} instances {bytes} bytes, here {our_objects} instances {our_bytes} bytes")
        })
    };
    (compared.iter().filter_map(wrong).collect(), compared.len())
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

/// Compares a dump with its histogram file; `Err` tells why it does not do.
pub fn check(dump: &Path, histogram_file: &Path) -> Result<String, String> {
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
    let (wrong, compared) = differing(&jvm, &reported(&run.json()));
    let equal = compared - wrong.len();
    let told = format!(
        "{equal} of {compared} classes equal\n    {}",
        wrong.join("\n    ")
    );
    let allowed = compared / CLASSES_PER_DIFFERENCE;
    if compared > 0 && wrong.len() <= allowed {
        Ok(told)
    } else {
        Err(told)
    }
}

#[test]
fn class_sizes_are_those_of_the_jvm() {
    let mut failed = Vec::new();
    for (dump, histogram_file) in dumps_with_histograms() {
        let told = check(&dump, &histogram_file);
        let (Ok(line) | Err(line)) = &told;
        println!("{}: {}", dump.display(), line.trim_end());
        if told.is_err() {
            failed.push(format!("{}: {}", dump.display(), line.trim_end()));
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
    assert_eq!(differing(&jvm, &reported(&json)), (Vec::new(), 3));
    let wrong = serde_json::json!({ "classes": [right[0].clone(), right[1].clone(), class("com.acme.A", 25, 408)] });
    assert_eq!(differing(&jvm, &reported(&wrong)).0.len(), 1);
}
