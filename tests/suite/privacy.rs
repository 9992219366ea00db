//! Nothing that a heap keeps to itself travels: a real program with a secret in every place where a heap holds one
//! (`testdata/java/PlantedSecrets.java`, `make_planted` in `testdata/regenerate.sh`), every format, every command, every spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;

use crate::privacy_support::{Secrets, gunzip};
use crate::support::{golden, project, run, temporary};
use crate::synth::{Heap, Kind, Root};

const FORMATS: [(&str, &str); 9] = [
    ("text", "txt"),
    ("json", "json"),
    ("markdown", "md"),
    ("jira", "jira"),
    ("slack", "slack"),
    ("html", "html"),
    ("pprof", "pb.gz"),
    ("folded", "folded"),
    ("svg", "svg"),
];

fn secrets() -> Secrets {
    let file = |name: &str| std::fs::read_to_string(project().join(name)).expect(name);
    Secrets::planted_by(&[
        file("testdata/java/PlantedSecrets.java"),
        file("testdata/regenerate.sh"),
    ])
}

/// What a command wrote to both of its outputs.
fn said(arguments: &[OsString]) -> Vec<u8> {
    let ran = run(arguments).succeeded();
    let mut all = ran.stdout;
    all.extend(ran.stderr.into_bytes());
    all
}

/// Every report in every format: format and options, and the bytes.
fn reports(dump: &Path, options: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |extension: &str| folder.path().join(format!("report.{extension}"));
    let mut arguments: Vec<OsString> = vec![dump.into()];
    for (_, extension) in FORMATS {
        arguments.extend(["-o".into(), file(extension).into()]);
    }
    arguments.extend(options.iter().map(OsString::from));
    let mut found = BTreeMap::from([("output".to_owned(), said(&arguments))]);
    for (format, extension) in FORMATS {
        let mut bytes = std::fs::read(file(extension)).expect(format);
        if format == "pprof" {
            bytes = gunzip(&bytes);
        }
        found.insert(format!("{format} {}", options.join(" ")), bytes);
    }
    found
}

/// All addresses in an answer.
fn addresses(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "object_id") {
                    Some(address) => drop(found.insert(address.to_owned())),
                    None => addresses(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        _ => {}
    }
}

fn json(arguments: &[&str], dump: &Path) -> Value {
    let mut all: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    all.insert(usize::from(arguments[0] != "--format"), dump.into());
    run(all).succeeded().json()
}

/// The class whose static fields lead to every secret, and everything that it and the report's rows refer to.
fn places(dump: &Path) -> Vec<String> {
    let report = json(&["--format", "json"], dump);
    let mut found = BTreeSet::new();
    addresses(&report["suspects"], &mut found);
    addresses(&report["threads"], &mut found);
    addresses(&report["class_loaders"], &mut found);
    let rows = run([OsString::from("objects"), dump.into()])
        .succeeded()
        .text();
    let mut kinds = BTreeSet::new();
    // One object of each class that holds text or a place.
    for row in rows.lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        let telling = [
            "String",
            "char[]",
            "byte[]",
            "File",
            "Path",
            "URL",
            "URI",
            "Exception",
            "Request",
            "Entry",
            "Thread",
        ];
        if telling.iter().any(|part| cells[1].contains(part)) && kinds.insert(cells[1].to_owned()) {
            found.insert(cells[0].to_owned());
        }
    }
    let suspects = report["suspects"].as_array().expect("suspects");
    let by_class = |suspect: &&Value| suspect["holder"]["class"] == "com.acme.vault.PlantedSecrets";
    let of_class = suspects.iter().filter(by_class);
    let class = of_class
        .filter(|suspect| suspect["holder"]["kind"] == "static_field")
        .find_map(|suspect| suspect["holder"]["object_id"].as_str())
        .expect("a static field of the class holds much")
        .to_owned();
    addresses(
        &json(&["show", &class, "--top", "0", "--format", "json"], dump),
        &mut found,
    );
    found.insert(class);
    found.into_iter().collect()
}

#[test]
fn every_secret_is_in_the_dump() {
    let bytes = std::fs::read(golden("planted-secrets")).expect("a dump");
    let secrets = secrets();
    assert!(secrets.names().len() >= 30, "{:?}", secrets.names());
    let found = secrets.found_in(&bytes);
    let names = secrets.names();
    let missing: Vec<_> = names.difference(&found).collect();
    assert!(missing.is_empty(), "not in the dump: {missing:?}");
}

#[test]
fn no_report_tells_a_secret() {
    let dump = golden("planted-secrets");
    let secrets = secrets();
    let all = ["--detail", "full", "--waste", "--top", "5000", "--bytes"];
    let mat = [
        "--detail",
        "full",
        "--compat",
        "mat",
        "--top",
        "500",
        "--verbose",
    ];
    for options in [&[][..], &all, &mat] {
        for (what, bytes) in reports(&dump, options) {
            assert_eq!(secrets.found_in(&bytes), BTreeSet::new(), "in {what}");
        }
    }
}

#[test]
fn what_may_travel_does() {
    let dump = golden("planted-secrets");
    let reports = reports(&dump, &["--detail", "full", "--top", "5000"]);
    for format in ["text", "json", "markdown", "jira", "html"] {
        let text = String::from_utf8_lossy(&reports[&format!("{format} --detail full --top 5000")])
            .into_owned();
        for shown in [
            "com.acme.vault.PlantedSecrets",
            "Zq0ClassNamesAreShown",
            "acme-vault-7d9f8b6c5d-x2x4z",
            "OpenJDK 64-Bit Server VM 17.",
            "session",
        ] {
            assert!(
                text.replace('\\', "").contains(shown),
                "{shown} in {format}"
            );
        }
    }
}

/// A login among ordinary words, in names of threads, of a pool and of a web application: in no format, alone, compared, or of a fleet.
#[test]
fn logins_do_not_travel() {
    const LOGIN: &str = "brunhilde";
    let mut heap = Heap::new();
    let work = heap.class("com.acme.Work").app().done();
    for i in 0..40 {
        let thread = heap.thread(&format!("session of {LOGIN}-{i}"));
        let frame = heap.frame(thread, work, "run", Some("Work.java"), 7);
        let data = heap.bytes(&vec![1; 100_000]);
        heap.local(thread, frame, data);
    }
    let above = heap.jdk("java.net.URLClassLoader");
    let class = heap.class("org.apache.catalina.loader.ParallelWebappClassLoader");
    let class = class.superclass(above).field("contextName", Kind::Object);
    let class = class.done();
    let (loader, name) = (heap.url_class_loader(class, None), heap.string(LOGIN));
    heap.set(loader, "contextName", name);
    heap.root(Root::JniGlobal, loader);
    let cache = heap.bytes(&vec![2; 1_000_000]);
    let own = heap.class("com.acme.Cache").loader(loader);
    own.static_field("CACHE", cache).done();
    let dump = temporary(".hprof", &heap.write().bytes);
    let options = ["--detail", "full", "--top", "0", "--waste"];
    let mut all = reports(&dump, &options);
    let shown = reports(&dump, &["--detail", "full", "--top", "0", "--show-values"]);
    for (format, _) in FORMATS
        .iter()
        .filter(|(format, _)| *format == "text" || *format == "json")
    {
        let text = &shown[&format!("{format} --detail full --top 0 --show-values")];
        assert!(String::from_utf8_lossy(text).contains(LOGIN), "{format}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("report.json");
    std::fs::write(&saved, &all["json --detail full --top 0 --waste"]).expect("a report");
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let path = OsString::from(&*dump);
    for command in [
        [vec![path.clone(), path.clone()], words(&options)].concat(),
        vec![saved.clone().into(), path.clone()],
        [words(&["threads"]), vec![path.clone()]].concat(),
        [
            words(&["dominators"]),
            vec![path.clone()],
            words(&["--top", "0", "--by", "loader"]),
        ]
        .concat(),
        [
            words(&["histogram"]),
            vec![path.clone()],
            words(&["--top", "0"]),
        ]
        .concat(),
        [words(&["render"]), vec![saved.clone().into()]].concat(),
        [
            words(&["fleet"]),
            vec![saved.into()],
            words(&["--format", "html"]),
        ]
        .concat(),
    ] {
        all.insert(format!("{command:?}"), said(&command));
    }
    for (what, bytes) in all {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(LOGIN), "{what}");
    }
}

#[test]
fn no_command_tells_a_secret() {
    let dump = golden("planted-secrets");
    let secrets = secrets();
    let path = dump.to_str().expect("a plain path");
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut add = |command: &[&str]| {
        for format in ["text", "json", "tsv", "markdown", "jira", "html"] {
            let mut words: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
            words.extend(["--format".to_owned(), format.to_owned()]);
            commands.push(words);
        }
    };
    add(&["threads", path, "--frames", "0"]);
    add(&["histogram", path, "--top", "0"]);
    add(&["estimate", path]);
    add(&["dominators", path, "--depth", "8", "--top", "300"]);
    for by in ["class", "loader", "package"] {
        add(&["dominators", path, "--depth", "3", "--top", "0", "--by", by]);
    }
    let places = places(&dump);
    assert!(places.len() > 40, "{}", places.len());
    for place in &places {
        add(&["show", path, place, "--top", "0"]);
        add(&["path", path, place, "--paths", "3"]);
    }
    commands.push(vec!["objects".to_owned(), path.to_owned()]);
    for command in commands {
        let words: Vec<OsString> = command.iter().map(OsString::from).collect();
        assert_eq!(
            secrets.found_in(&said(&words)),
            BTreeSet::new(),
            "{command:?}"
        );
    }
}

/// A comparison, a saved report made into another format, and many reports together.
#[test]
fn no_comparison_render_or_fleet_tells_a_secret() {
    let (dump, secrets) = (golden("planted-secrets"), secrets());
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("reports");
    std::fs::create_dir(&saved).expect("a folder");
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let mut reports: Vec<OsString> = Vec::new();
    for pod in ["acme-vault-1", "acme-vault-2"] {
        let report = saved.join(format!("{pod}.json"));
        let mut command = vec![dump.clone().into(), "-o".into(), report.clone().into()];
        command.extend(words(&["--detail", "full", "--waste", "--top", "5000"]));
        command.extend(words(&["--label", &format!("pod={pod}")]));
        run(command).succeeded();
        reports.push(report.into());
    }
    let mut commands: Vec<Vec<OsString>> = Vec::new();
    for (format, _) in FORMATS {
        let as_format = words(&["--format", format]);
        let earlier = [OsString::from(&dump), reports[0].clone()];
        for earlier in earlier {
            commands.push([vec![earlier, dump.clone().into()], as_format.clone()].concat());
        }
        let render = ["render".into(), reports[0].clone()];
        commands.push([render.to_vec(), as_format].concat());
    }
    // Without a dump there is no dominator tree to make a profile of.
    for format in ["text", "json", "markdown", "jira", "slack", "html"] {
        commands.push([reports.clone(), words(&["--format", format])].concat());
    }
    for format in ["text", "json", "markdown", "jira", "html", "openmetrics"] {
        let fleet = ["fleet".into(), OsString::from(&saved)];
        commands.push([fleet.to_vec(), words(&["--format", format])].concat());
    }
    for command in commands {
        let mut bytes = said(&command);
        if command.last().is_some_and(|format| format == "pprof") {
            bytes = gunzip(&bytes);
        }
        assert!(bytes.len() > 100, "{command:?}");
        assert_eq!(secrets.found_in(&bytes), BTreeSet::new(), "{command:?}");
    }
}

/// Asked for, values are shown, and every report that can carry a name says so.
#[test]
fn values_are_shown_when_asked_for_and_the_report_says_so() {
    let dump = golden("planted-secrets");
    let secrets = secrets();
    let options = [
        "--detail",
        "full",
        "--waste",
        "--top",
        "5000",
        "--show-values",
    ];
    let reports = reports(&dump, &options);
    let names = [
        "Zq8threadName5Mp2Tc7",
        "Zq3outOfMemoryThread6Dq9Gt2",
        "Zq7loaderName4Ky8Bz1",
    ]
    .map(str::to_owned);
    for (format, _) in FORMATS {
        let bytes = &reports[&format!("{format} {}", options.join(" "))];
        let text = String::from_utf8_lossy(bytes).into_owned();
        let found = secrets.found_in(bytes);
        if format == "folded" {
            // Class and field names only: nothing to warn of, and no place for it.
            assert_eq!(found, BTreeSet::new());
            continue;
        }
        let banner = match format {
            "json" => "\"values_shown\": true",
            _ => "--show-values",
        };
        assert!(
            text.replace('\\', "").contains(banner),
            "no banner in {format}"
        );
        if !["pprof", "svg", "slack"].contains(&format) {
            for name in &names {
                assert!(found.contains(name), "{name} in {format}");
            }
            assert!(
                found.contains("Zq6duplicateString9Vr6Lg2"),
                "contents in {format}"
            );
        }
    }
    let class = places(&dump);
    let shown: BTreeSet<String> = class
        .iter()
        .map(|place| {
            said(&[
                "show".into(),
                dump.clone().into(),
                place.into(),
                "--show-values".into(),
            ])
        })
        .inspect(|bytes| {
            assert!(String::from_utf8_lossy(bytes).contains("This page shows values from the heap"))
        })
        .flat_map(|bytes| secrets.found_in(&bytes))
        .collect();
    for name in [
        "Zq1fieldString7Kw3Rt9",
        "Zq4charArrayPassword9Bn3",
        "Zq5byteArrayToken6Vc8Jf2",
        "Zq3internedConstant5Hd2Lk7",
    ] {
        assert!(shown.contains(name), "{name} in {shown:?}");
    }
}
