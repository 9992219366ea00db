//! `objects DUMP --compat mat` against Eclipse MAT's own answers, object by object, over the corpus.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::support::{corpus, dump_named, files_ending, read_text, run};

/// What one line of either table says about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    shallow: u64,
    retained: u64,
    /// `None` for `root`.
    dominator: Option<u64>,
}

/// How many objects differ in what.
#[derive(Debug, Default)]
struct Difference {
    missing: usize,
    extra: usize,
    shallow: usize,
    retained: usize,
    dominator: usize,
    differing: usize,
    examples: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            missing,
            extra,
            shallow,
            retained,
            dominator,
            differing,
            ..
        } = self;
        write!(
            out,
            "{differing} objects differ ({missing} missing, {extra} extra, {shallow} in shallow size, {retained} in \
             retained size, {dominator} in dominator)"
        )?;
        self.examples
            .iter()
            .try_for_each(|example| write!(out, "\n    {example}"))
    }
}

fn address(text: &str) -> u64 {
    let digits = text
        .strip_prefix("0x")
        .unwrap_or_else(|| panic!("no address: {text}"));
    u64::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("no address: {text}"))
}

fn row(shallow: &str, retained: &str, dominator: &str) -> Row {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("no size: {text}"));
    let dominator = (dominator != "root").then(|| address(dominator));
    Row {
        shallow: number(shallow),
        retained: number(retained),
        dominator,
    }
}

/// MAT's table: `address class is_class shallow retained dominator`.
fn mat_rows(file: &Path) -> HashMap<u64, Row> {
    let text = read_text(file);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let parse = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        (address(cells[0]), row(cells[3], cells[4], cells[5]))
    };
    lines.map(parse).collect()
}

/// Ours: `address class shallow_bytes retained_bytes dominator`.
fn compare(ours: &str, mut expected: HashMap<u64, Row>) -> Difference {
    let mut lines = ours.lines();
    assert_eq!(
        lines.next(),
        Some("address\tclass\tshallow_bytes\tretained_bytes\tdominator")
    );
    let mut difference = Difference::default();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 5, "{line}");
        let found = row(cells[2], cells[3], cells[4]);
        let mat = expected.remove(&address(cells[0]));
        if mat == Some(found) {
            continue;
        }
        difference.differing += 1;
        match mat {
            None => difference.extra += 1,
            Some(mat) => {
                difference.shallow += usize::from(mat.shallow != found.shallow);
                difference.retained += usize::from(mat.retained != found.retained);
                difference.dominator += usize::from(mat.dominator != found.dominator);
            }
        }
        if difference.examples.len() < 5 {
            difference.examples.push(format!("{line}, MAT: {mat:?}"));
        }
    }
    difference.missing = expected.len();
    difference.differing += expected.len();
    let mut missing: Vec<_> = expected.into_iter().collect();
    missing.sort_by_key(|(address, _)| *address);
    for (address, row) in missing.iter().take(3) {
        difference
            .examples
            .push(format!("missing {address:#x}, MAT: {row:?}"));
    }
    difference
}

/// Every dump of the corpus that MAT has told about object by object.
fn dumps_with_answers(corpus: &Path) -> Vec<(PathBuf, PathBuf)> {
    let folders = ["jvm", "mat"].map(|name| corpus.join(name));
    let mut found = Vec::new();
    for folder in folders {
        for (name, answers) in files_ending(&folder, &[".mat.objects.tsv", ".mat.objects.tsv.gz"]) {
            let dump = dump_named(&folder, &name)
                .unwrap_or_else(|| panic!("no dump for {}", answers.display()));
            found.push((dump, answers));
        }
    }
    found
}

#[test]
fn every_object_is_as_eclipse_mat_says() {
    let Some(corpus) = corpus() else { return };
    let dumps = dumps_with_answers(corpus);
    assert!(
        dumps.len() >= 20,
        "only {} dumps with answers in {}",
        dumps.len(),
        corpus.display()
    );
    let mut failed = Vec::new();
    for (dump, answers) in dumps {
        let expected = mat_rows(&answers);
        let objects = expected.len();
        let run = run([
            "objects".as_ref(),
            dump.as_os_str(),
            "--compat".as_ref(),
            "mat".as_ref(),
        ]);
        let verdict = match run.code {
            Some(0) => {
                let difference = compare(&run.text(), expected);
                match other_run(&dump, &answers) {
                    None => (difference.differing > 0).then(|| difference.to_string()),
                    Some(other) => other.check(&difference),
                }
            }
            code => Some(format!("exit {code:?}: {}", run.stderr)),
        };
        println!(
            "{}: {objects} objects, {}",
            dump.display(),
            verdict.as_deref().unwrap_or("as expected")
        );
        failed.extend(verdict.map(|said| format!("{}: {said}", dump.display())));
    }
    assert!(failed.is_empty(), "not as MAT says:\n{}", failed.join("\n"));
}

/// Answers of MAT that are not about the dump beside them but about another run of the same program.
///
/// `jvm/tiny-jdk25` is the only one: its header says 1795452415835 ms, the dump that MAT read was of 1795452410965 ms. Both runs have the same
/// objects at the same addresses, of the same sizes; only the chains of one hash map (`HashMap$Node[]` at 0xfebd16d0) are in another order,
/// as hash codes by identity are of each run. So all but six objects can be compared, and these can differ in nothing else than
/// retained size and dominator.
struct OtherRun {
    name: &'static str,
    mat_read: u64,
    differing: usize,
}

const OTHER_RUNS: [OtherRun; 1] = [OtherRun {
    name: "tiny-jdk25.hprof.gz",
    mat_read: 1_795_452_410_965,
    differing: 6,
}];

impl OtherRun {
    /// What is not as it must be.
    fn check(&self, found: &Difference) -> Option<String> {
        let same_objects = found.missing == 0 && found.extra == 0 && found.shallow == 0;
        println!(
            "{}: MAT read another run of the program; {} objects differ in the order of a hash map, all others are equal",
            self.name, found.differing
        );
        (!same_objects || found.differing != self.differing)
            .then(|| format!("more than hash order differs: {found}"))
    }
}

/// Whether MAT's answers are about another run: as listed, and as the time in the dump's header and the one MAT noted say. A renewed answer is
/// compared like any other.
fn other_run(dump: &Path, answers: &Path) -> Option<&'static OtherRun> {
    let name = dump.file_name()?.to_str()?;
    let listed = OTHER_RUNS.iter().find(|other| other.name == name)?;
    let summary = answers.to_string_lossy().replace(".objects.tsv", ".json");
    let json: serde_json::Value =
        serde_json::from_str(&read_text(Path::new(&summary))).expect("MAT's summary is JSON");
    let noted = json["creation_date_ms"].as_u64().expect("a time");
    let report = run([dump.as_os_str(), "--format".as_ref(), "json".as_ref()]);
    let report = report.json();
    let header = report["dump"]["captured_at"].as_str().expect("a time");
    let header = humantime::parse_rfc3339(header).expect("a time");
    let since = header
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    (noted == listed.mat_read && since.as_millis() != u128::from(noted)).then_some(listed)
}

/// The comparison itself finds each kind of difference.
#[test]
fn the_comparison_sees_every_difference() {
    let header = "address\tclass\tshallow_bytes\tretained_bytes\tdominator\n";
    let mat = |rows: &[(u64, u64, u64, Option<u64>)]| {
        rows.iter()
            .map(|&(address, shallow, retained, dominator)| {
                (
                    address,
                    Row {
                        shallow,
                        retained,
                        dominator,
                    },
                )
            })
            .collect::<HashMap<_, _>>()
    };
    let expected = mat(&[
        (0x10, 16, 40, None),
        (0x20, 24, 24, Some(0x10)),
        (0x40, 8, 8, Some(0x10)),
    ]);
    let same =
        format!("{header}0x10\tA\t16\t40\troot\n0x20\tB\t24\t24\t0x10\n0x40\tC\t8\t8\t0x10\n");
    assert_eq!(compare(&same, expected.clone()).differing, 0);
    let other =
        format!("{header}0x10\tA\t16\t48\troot\n0x20\tB\t32\t24\troot\n0x30\tC\t8\t8\t0x10\n");
    let difference = compare(&other, expected);
    let Difference {
        missing,
        extra,
        shallow,
        retained,
        dominator,
        differing,
        ..
    } = difference;
    assert_eq!(
        [missing, extra, shallow, retained, dominator, differing],
        [1, 1, 1, 1, 1, 4]
    );
}
