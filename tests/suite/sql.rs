//! Every question in `examples/sql`, asked with DuckDB about real dumps: the answers are those of the program's own commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::fleet_support::{fleet, small_fleet};
use crate::sql_support::{ask, column, sum, tables};
use crate::support::{golden, project, report, run};

/// The files that the tests below ask.
const ASKED: [&str; 22] = [
    "01-biggest-objects-of-a-class",
    "02-class-histogram",
    "03-duplicate-strings",
    "04-who-refers-to",
    "05-path-to-root",
    "06-collections-by-fill",
    "07-objects-by-loader",
    "08-classes-in-several-loaders",
    "09-threads-by-retained-size",
    "10-dominator-tree-two-levels",
    "11-difference-of-two-dumps",
    "12-packages",
    "13-reachability",
    "14-garbage-by-class",
    "15-what-soft-and-weak-references-hold",
    "16-roots-by-kind",
    "17-static-fields-by-retained-size",
    "18-local-variables-of-threads",
    "19-fields-with-values",
    "20-top-holders-of-a-fleet",
    "21-fleet-new-since",
    "22-fleet-by-day",
];

#[test]
fn every_question_is_asked() {
    let files = std::fs::read_dir(project().join("examples/sql")).expect("questions");
    let names = files.filter_map(|file| {
        let name = file.ok()?.file_name().into_string().ok()?;
        name.strip_suffix(".sql").map(str::to_owned)
    });
    let names: BTreeSet<String> = names.collect();
    assert_eq!(names, ASKED.map(str::to_owned).into());
}

/// The JSON answer of a command about `dump`.
fn command(name: &str, dump: &Path, options: &[&str]) -> Value {
    let arguments = [
        name.as_ref(),
        dump.as_os_str(),
        "--format".as_ref(),
        "json".as_ref(),
    ];
    run(arguments
        .into_iter()
        .chain(options.iter().map(std::ffi::OsStr::new)))
    .succeeded()
    .json()
}

/// The rows of `objects`: address, class, shallow, retained, dominator.
fn objects(dump: &Path) -> Vec<[String; 5]> {
    let text = run(["objects".as_ref(), dump.as_os_str()])
        .succeeded()
        .text();
    let row = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        cells.try_into().expect("five columns")
    };
    text.lines().skip(1).map(row).collect()
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}

fn address(text: &str) -> i64 {
    i64::from_str_radix(text.trim_start_matches("0x"), 16).expect("an address")
}

#[test]
fn objects_and_classes() {
    let dump = golden("cache-jdk17-g1");
    let tables = tables(&dump, &[]);
    let class = "java.util.HashMap";
    let Some(biggest) = ask(tables.path(), ASKED[0], &json!({"class": class})) else {
        return;
    };
    let mut own: Vec<_> = objects(&dump)
        .into_iter()
        .filter(|row| row[1] == class)
        .collect();
    own.sort_by_key(|row| (std::cmp::Reverse(number(&row[3])), address(&row[0])));
    let expected: Vec<&str> = own.iter().take(20).map(|row| row[0].as_str()).collect();
    assert_eq!(column(&biggest, "object"), expected);
    assert_eq!(biggest[0]["retained_bytes"], number(&own[0][3]));

    let rows = ask(tables.path(), ASKED[1], &json!({})).expect("an answer");
    let histogram = command("histogram", &dump, &["--top", "0"]);
    let key = |row: &Value| {
        let cells = [
            "class",
            "loader",
            "objects",
            "shallow_bytes",
            "retained_bytes",
        ];
        cells.map(|cell| row[cell].to_string())
    };
    let of_program: BTreeSet<_> = histogram["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(key)
        .collect();
    assert_eq!(rows.iter().map(key).collect::<BTreeSet<_>>(), of_program);

    let packages = ask(tables.path(), ASKED[11], &json!({})).expect("an answer");
    let report = report(&dump);
    assert_eq!(
        json!(sum(&packages, "objects")),
        report["heap"]["strong"]["objects"]
    );
    assert_eq!(
        json!(sum(&packages, "shallow_bytes")),
        report["heap"]["strong"]["bytes"]
    );
}

#[test]
fn reachability_and_garbage() {
    let dump = golden("references");
    let tables = tables(&dump, &[]);
    let Some(rows) = ask(tables.path(), ASKED[12], &json!({})) else {
        return;
    };
    let heap = &report(&dump)["heap"];
    let mut seen = 0;
    for (strength, of_report) in [
        ("strong", "strong"),
        ("soft", "soft"),
        ("weak", "weak"),
        ("final", "final"),
        ("phantom", "phantom"),
        ("none", "no_path"),
    ] {
        let row = rows.iter().find(|row| row["strength"] == strength);
        let objects = row.map_or(0, |row| row["objects"].as_u64().expect("a number"));
        let bytes = row.map_or(0, |row| row["shallow_bytes"].as_u64().expect("a number"));
        assert_eq!(heap[of_report]["objects"], objects, "{strength}");
        assert_eq!(heap[of_report]["bytes"], bytes, "{strength}");
        // What is at the top retains all that is reached so.
        if strength == "strong" {
            assert_eq!(row.expect("strong")["retained_bytes"], bytes);
        }
        seen += u64::from(objects > 0);
    }
    assert!(seen >= 3, "{heap}");
    let garbage = ask(tables.path(), ASKED[13], &json!({})).expect("an answer");
    assert_eq!(json!(sum(&garbage, "objects")), heap["no_path"]["objects"]);
    assert_eq!(
        json!(sum(&garbage, "shallow_bytes")),
        heap["no_path"]["bytes"]
    );
    let held = ask(tables.path(), ASKED[14], &json!({})).expect("an answer");
    let kinds = report(&dump)["references"]["kinds"].clone();
    for kind in kinds.as_array().expect("kinds") {
        let of_kind: Vec<Value> = held
            .iter()
            .filter(|row| row["strength"] == kind["kind"])
            .cloned()
            .collect();
        assert!(
            Some(sum(&of_kind, "referents")) <= kind["references"].as_u64(),
            "{kind}: {of_kind:?}"
        );
        assert_eq!(
            sum(&of_kind, "referents") > 0,
            kind["references"] != 0,
            "{kind}"
        );
    }
}

/// Referrers as `show` lists them; a path as short as any of `path`, of which every step is one.
#[test]
fn referrers_and_paths() {
    let dump = golden("traced-shop-leak");
    let tables = tables(&dump, &[]);
    let tree = command("dominators", &dump, &["--depth", "3", "--top", "6"]);
    let nodes = tree["nodes"].as_array().expect("nodes");
    let deep = nodes
        .iter()
        .filter(|node| node["depth"] == 2 && node["object_id"].is_string());
    let places: Vec<&str> = deep
        .filter_map(|node| node["object_id"].as_str())
        .take(2)
        .collect();
    assert_eq!(places.len(), 2, "{nodes:?}");
    for place in places {
        let variables = json!({"address": address(place)});
        let Some(referrers) = ask(tables.path(), ASKED[3], &variables) else {
            return;
        };
        let shown = command("show", &dump, &[place, "--top", "0"]);
        let rows = shown["referrers"]["rows"].as_array().expect("referrers");
        let text = |value: &Value| value.as_str().expect("an address").to_owned();
        let expected: BTreeSet<String> = rows.iter().map(|row| text(&row["object_id"])).collect();
        assert_eq!(
            referrers
                .iter()
                .map(|row| text(&row["object"]))
                .collect::<BTreeSet<_>>(),
            expected
        );

        let path = ask(tables.path(), ASKED[4], &variables).expect("an answer");
        let own = command("path", &dump, &[place, "--paths", "50"]);
        let paths = own["paths"].as_array().expect("paths");
        let length = |path: &Value| {
            let steps = path["steps"].as_array().expect("steps").iter();
            steps
                .map(|step| step["times"].as_u64().unwrap_or(1))
                .sum::<u64>()
        };
        let shortest = paths.iter().map(length).min().expect("a path");
        assert!(path.len() as u64 <= shortest, "{path:?} {paths:?}");
        assert!(path[0]["root"].is_string(), "{path:?}");
        assert_eq!(path.last().expect("a step")["object"], place);
        for pair in path.windows(2) {
            let below = pair[1]["object"].as_str().expect("an address");
            let referrers =
                command("show", &dump, &[below, "--top", "0"])["referrers"]["rows"].clone();
            let above = &pair[0]["object"];
            let rows = referrers.as_array().expect("referrers");
            assert!(
                rows.iter().any(|row| row["object_id"] == *above),
                "{pair:?}"
            );
        }
    }
}

/// The slots of an array and the elements in it are those that `show` tells.
#[test]
fn collections_by_fill() {
    let dump = golden("cache-jdk17-g1");
    let tables = tables(&dump, &["--show-values"]);
    let Some(rows) = ask(tables.path(), ASKED[5], &json!({})) else {
        return;
    };
    assert!(rows.len() > 10);
    for row in rows.iter().take(5) {
        let place = row["array"].as_str().expect("an address");
        let shown = command("show", &dump, &[place, "--top", "0"]);
        assert_eq!(shown["length"], row["length"], "{row}");
        let elements = shown["elements"].as_array().expect("elements");
        assert_eq!(json!(elements.len()), row["used"], "{row}");
    }
    let variables = json!({"class": "java.util.HashMap", "field": "size"});
    let maps = ask(tables.path(), ASKED[18], &variables).expect("an answer");
    let place = maps[0]["object"].as_str().expect("an address");
    let shown = command("show", &dump, &[place]);
    let fields = shown["fields"].as_array().expect("fields");
    let size = fields
        .iter()
        .find(|field| field["name"] == "size")
        .expect("a size");
    assert_eq!(
        size["value"],
        maps[0]["value"].as_f64().expect("a number").to_string()
    );
}

/// Copies of equal texts, as `--waste` counts them.
#[test]
fn duplicate_strings() {
    let dump = golden("planted-secrets");
    let tables = tables(&dump, &["--show-values"]);
    let Some(rows) = ask(tables.path(), ASKED[2], &json!({})) else {
        return;
    };
    let arguments = [
        dump.as_os_str(),
        "--waste".as_ref(),
        "--format".as_ref(),
        "json".as_ref(),
    ];
    let waste = run(arguments).succeeded().json();
    let findings = waste["waste"]["findings"].as_array().expect("findings");
    let own: Vec<Value> = findings
        .iter()
        .filter(|row| row["kind"] == "duplicate_strings")
        .cloned()
        .collect();
    assert!(!own.is_empty(), "{findings:?}");
    // The program counts the array of a string also as a copy of an equal array that no string has: there are a few here.
    for (of_sql, of_program) in [("copies_too_many", "objects"), ("wasted_bytes", "bytes")] {
        let (found, known) = (sum(&rows, of_sql), sum(&own, of_program));
        assert!(
            found <= known && found * 100 > known * 95,
            "{found} of {known}"
        );
    }
}

#[test]
fn loaders_and_classes_of_several() {
    let dump = golden("class-loaders");
    let tables = tables(&dump, &[]);
    let Some(rows) = ask(tables.path(), ASKED[6], &json!({})) else {
        return;
    };
    let report = report(&dump);
    let loaders = report["class_loaders"].as_array().expect("loaders");
    for loader in loaders
        .iter()
        .filter(|loader| loader["count"] == 1 && loader["classes"] != 0)
    {
        let row = rows.iter().find(|row| row["loader"] == loader["name"]);
        let row = row.unwrap_or_else(|| panic!("{loader}"));
        for (column, of_report) in [
            ("classes", "classes"),
            ("objects", "instances"),
            ("shallow_bytes", "instance_bytes"),
        ] {
            assert_eq!(row[column], loader[of_report], "{loader}");
        }
    }
    let plugins = loaders
        .iter()
        .find(|loader| loader["count"] == 30)
        .expect("plugins");
    let of_plugins = rows.iter().filter(|row| {
        let name = row["loader"].as_str().unwrap_or_default();
        name.starts_with(plugins["name"].as_str().expect("a name"))
    });
    assert_eq!(of_plugins.count(), 30);
    let several = ask(tables.path(), ASKED[7], &json!({})).expect("an answer");
    let named = |row: &Value| (row["class"].to_string(), row["loaders"].as_u64());
    let own = report["duplicate_classes"].as_array().expect("classes");
    let own: BTreeSet<_> = own.iter().map(named).collect();
    assert!(!own.is_empty());
    let found: BTreeSet<_> = several.iter().map(named).collect();
    assert!(own.is_subset(&found), "{own:?} {found:?}");
}

#[test]
fn threads_and_their_locals() {
    let dump = golden("thread-locals");
    let tables = tables(&dump, &[]);
    let Some(rows) = ask(tables.path(), ASKED[8], &json!({})) else {
        return;
    };
    let threads = command("threads", &dump, &["--frames", "0"]);
    let threads = threads.as_array().cloned().expect("threads");
    assert_eq!(rows.len(), threads.len());
    for (row, thread) in rows.iter().zip(&threads) {
        assert_eq!(row["retained_bytes"], thread["retained_bytes"]);
        assert_eq!(row["name"], thread["name"]);
        assert_eq!(row["local_class"], thread["biggest_local"]["class"]);
    }
    let locals = ask(tables.path(), ASKED[17], &json!({})).expect("an answer");
    for thread in threads
        .iter()
        .filter(|thread| thread["biggest_local"].is_object())
    {
        let local = &thread["biggest_local"];
        let known = locals.iter().any(|row| {
            row["object"] == local["object_id"] && row["retained_bytes"] == local["retained_bytes"]
        });
        assert!(known, "{local}");
    }
    let roots = ask(tables.path(), ASKED[15], &json!({})).expect("an answer");
    let of_threads = roots
        .iter()
        .find(|row| row["kind"] == "Thread")
        .expect("threads");
    assert_eq!(
        of_threads["objects"],
        threads
            .iter()
            .filter(|thread| thread["kind"] == "platform")
            .count()
    );
}

#[test]
fn the_dominator_tree_two_levels_down() {
    let dump = golden("cache-jdk17-g1");
    let tables = tables(&dump, &[]);
    let Some(rows) = ask(tables.path(), ASKED[9], &json!({})) else {
        return;
    };
    let tree = command("dominators", &dump, &["--depth", "2", "--top", "10"]);
    let nodes = tree["nodes"].as_array().expect("nodes");
    let bytes = |rows: &[Value], depth: u64| -> Vec<u64> {
        let of_depth = rows.iter().filter(|row| {
            row["depth"] == depth && (row.get("object").is_some() || row["object_id"].is_string())
        });
        of_depth
            .filter_map(|row| row["retained_bytes"].as_u64())
            .collect()
    };
    assert_eq!(bytes(&rows, 0), bytes(nodes, 0));
    let listed: BTreeSet<&str> = nodes
        .iter()
        .filter_map(|node| node["object_id"].as_str())
        .collect();
    let smallest = nodes
        .iter()
        .filter(|node| node["depth"] == 1)
        .filter_map(|node| node["retained_bytes"].as_u64())
        .min();
    for row in rows
        .iter()
        .filter(|row| row["retained_bytes"].as_u64() > smallest)
    {
        assert!(
            listed.contains(row["object"].as_str().expect("an address")),
            "{row}"
        );
    }
    let statics = ask(tables.path(), ASKED[16], &json!({})).expect("an answer");
    assert_eq!(
        statics[0]["static_field"],
        "com.acme.shop.CacheLeak.PRODUCTS"
    );
    let place = statics[0]["object"].as_str().expect("an address");
    let shown = command("show", &dump, &[place]);
    assert_eq!(
        shown["object"]["retained_bytes"],
        statics[0]["retained_bytes"]
    );
}

#[test]
fn the_difference_of_two_dumps() {
    let dumps = ["traced-shop", "traced-shop-leak"].map(golden);
    let folders = [
        tables(&dumps[0], &["--tables", "classes"]),
        tables(&dumps[1], &["--tables", "classes"]),
    ];
    let variables = json!({"before": folders[0].path(), "after": folders[1].path()});
    let Some(rows) = ask(folders[0].path(), ASKED[10], &variables) else {
        return;
    };
    let counts = dumps.map(|dump| {
        let histogram = command("histogram", &dump, &["--top", "0"]);
        let rows = histogram["rows"].as_array().expect("rows").clone();
        let count = |row: &Value| {
            (
                row["class"].to_string() + &row["loader"].to_string(),
                row["objects"].as_i64().expect("a number"),
            )
        };
        let mut counts: BTreeMap<String, i64> = BTreeMap::new();
        for (name, objects) in rows.iter().map(count) {
            *counts.entry(name).or_default() += objects;
        }
        counts
    });
    assert!(rows.len() > 5);
    for row in &rows {
        let name = row["class"].to_string() + &row["loader"].to_string();
        let of = |counts: &BTreeMap<String, i64>| counts.get(&name).copied().unwrap_or(0);
        assert_eq!(
            row["more_objects"],
            of(&counts[1]) - of(&counts[0]),
            "{row}"
        );
    }
}

/// The tables of a fleet say what `fleet` says.
#[test]
fn a_fleet() {
    let reports = small_fleet();
    let folder = tempfile::tempdir().expect("a folder");
    let made = |name: &str, options: &[&str]| {
        let folder = folder.path().join(name);
        let arguments = [
            "fleet".as_ref(),
            reports.path(),
            "--format".as_ref(),
            "parquet".as_ref(),
            "-o".as_ref(),
            folder.as_path(),
        ];
        run(arguments.into_iter().chain(options.iter().map(Path::new))).succeeded();
        folder
    };
    let plain = made("plain", &[]);
    let Some(rows) = ask(&plain, ASKED[19], &json!({})) else {
        return;
    };
    let own = fleet(&[reports.path()], &[]);
    let causes = own["causes"].as_array().expect("causes");
    assert_eq!(rows.len(), causes.len());
    for (row, cause) in rows.iter().zip(causes) {
        assert_eq!(row["signature"], cause["signature"]);
        assert_eq!(
            (&row["dumps"], &row["pods"]),
            (&cause["dumps"], &cause["pods"])
        );
        assert_eq!(row["median_bytes"], cause["median_retained_bytes"]);
        assert_eq!(row["largest_bytes"], cause["largest_retained_bytes"]);
        let first = row["first_seen"].as_str().expect("a time");
        assert!(
            cause["first_seen"]
                .as_str()
                .is_some_and(|time| time.starts_with(first)),
            "{row}"
        );
    }
    assert_eq!(rows[0]["since_version"], "1.42");
    let new = ask(&plain, ASKED[20], &json!({"day": "2026-11-02"})).expect("an answer");
    let known: BTreeSet<&str> = new
        .iter()
        .filter_map(|row| row["service"].as_str())
        .collect();
    assert_eq!(new[0]["signature"], causes[0]["signature"]);
    assert_eq!(known, BTreeSet::from(["shop", "cart"]));

    let partitioned = made("partitioned", &["--partition"]);
    let days = ask(&partitioned, ASKED[21], &json!({"service": "shop"})).expect("an answer");
    assert_eq!(sum(&days, "dumps"), 4);
    assert_eq!(column(&days, "dumps"), [1, 2, 1]);
    let one = folder.path().join("all.parquet");
    run([
        "fleet".as_ref(),
        reports.path(),
        "-o".as_ref(),
        one.as_path(),
    ])
    .succeeded();
    let rows = crate::sql_support::ask_text(
        folder.path(),
        "SELECT signature, service FROM 'all.parquet'",
    );
    assert_eq!(rows.expect("an answer").len(), 6);
}
