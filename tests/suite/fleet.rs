//! `fleet`: what recurs where since when, what grew, what is new.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::fleet_support::{MIB, Saved, fleet, signature, small_fleet};
use crate::support::{golden, program, run, run_command};

/// The cause with `signature`.
fn cause<'f>(fleet: &'f Value, signature: &str) -> &'f Value {
    let causes = fleet["causes"].as_array().expect("causes");
    let mut named = causes
        .iter()
        .filter(|cause| cause["signature"] == signature);
    named
        .next()
        .unwrap_or_else(|| panic!("{signature}: {fleet}"))
}

fn sessions() -> String {
    signature("com.acme.Sessions", "ALL", "com.acme.Session")
}

fn cache() -> String {
    signature("com.acme.Cache", "MAP", "com.acme.Entry")
}

#[test]
fn causes_are_put_together_by_signature() {
    let folder = small_fleet();
    let fleet = fleet(&[folder.path()], &[]);
    assert_eq!(fleet["dumps"], 5);
    assert_eq!(fleet["first_seen"], "2026-11-01T10:00:00Z");
    assert_eq!(fleet["last_seen"], "2026-11-04T10:00:00Z");
    assert_eq!(
        fleet["verdicts"],
        json!({"suspected": 3, "inconclusive": 1, "ruled_out": 1})
    );
    // Three dumps each: the one that keeps more comes first.
    assert_eq!(fleet["causes"][0]["signature"], sessions());
    let leak = cause(&fleet, &sessions());
    assert_eq!(leak["holder"], "com.acme.Sessions.ALL");
    assert_eq!(leak["content"], "com.acme.Session");
    assert_eq!((&leak["dumps"], &leak["pods"]), (&json!(3), &json!(2)));
    assert_eq!(leak["share_of_dumps"], 0.6);
    assert_eq!(leak["median_retained_bytes"], 40 * MIB);
    assert_eq!(leak["largest_retained_bytes"], 60 * MIB);
    assert_eq!(leak["total_retained_bytes"], 120 * MIB);
    assert_eq!(
        leak["confidence"],
        json!({"high": 0, "medium": 3, "low": 0})
    );
    assert_eq!(leak["seen"].as_array().map(Vec::len), Some(3));
    let cache = cause(&fleet, &cache());
    assert_eq!(
        cache["verdicts"],
        json!({"suspected": 1, "inconclusive": 1, "ruled_out": 1})
    );
}

#[test]
fn since_which_build() {
    let folder = small_fleet();
    let fleet = fleet(&[folder.path()], &[]);
    let leak = &cause(&fleet, &sessions())["services"][0];
    assert_eq!(leak["service"], "shop");
    assert_eq!(
        (&leak["since_version"], &leak["version_before"]),
        (&json!("1.42"), &json!("1.41"))
    );
    assert_eq!(leak["first_seen"], "2026-11-02T10:00:00Z");
    let services = cause(&fleet, &cache())["services"]
        .as_array()
        .expect("services");
    let names: Vec<&str> = services
        .iter()
        .filter_map(|row| row["service"].as_str())
        .collect();
    assert_eq!(names, ["shop", "cart"]);
    assert_eq!(services[0]["since_version"], "1.41");
    assert_eq!(services[0]["version_before"], Value::Null);
    assert_eq!(
        fleet["services"][0],
        json!({"service": "shop", "dumps": 4, "pods": 2, "versions": ["1.41", "1.42"]})
    );
}

#[test]
fn damaged_reports_are_listed_and_the_rest_is_read() {
    let folder = small_fleet();
    let fleet = fleet(&[folder.path()], &[]);
    assert_eq!(fleet["not_read_count"], 2);
    let why = |name: &str| {
        let rows = fleet["not_read"].as_array().expect("files");
        let mut named = rows.iter().filter(|row| {
            row["file"]
                .as_str()
                .is_some_and(|file| file.ends_with(name))
        });
        named.next().expect(name)["why"]
            .as_str()
            .expect("a reason")
            .to_owned()
    };
    assert!(why("cut.json").contains("damaged"), "{}", why("cut.json"));
    assert!(
        why("other.json").contains("not a report"),
        "{}",
        why("other.json")
    );
    // A dump that is named itself is no report either; without any report there is no answer.
    let dump = golden("sample");
    let run = run(["fleet".as_ref(), dump.as_os_str()]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("no report was read"), "{}", run.stderr);
}

/// The reports of one pod over time: the process that ran before is not compared with.
#[test]
fn a_pod_over_time_is_a_course() {
    let folder = small_fleet();
    let fleet = fleet(&[folder.path()], &[]);
    let pods = fleet["courses"].as_array().expect("pods");
    assert_eq!(pods.len(), 1);
    let pod = &pods[0];
    assert_eq!(
        (&pod["pod"], &pod["processes"]),
        (&json!("shop-1"), &json!(2))
    );
    assert_eq!(pod["grew_bytes"], 40 * MIB);
    let leak = &pod["causes"][0];
    assert_eq!(leak["signature"], sessions());
    assert_eq!(leak["retained_bytes"], json!([null, 20 * MIB, 60 * MIB]));
    assert_eq!(
        (&leak["course"], &leak["grew_bytes"]),
        (&json!("grew"), &json!(40 * MIB))
    );
    // The cache is no suspect of the last report: whether it shrank is not known.
    let cached = &pod["causes"][1];
    assert_eq!(
        (&cached["signature"], &cached["course"]),
        (&json!(cache()), &Value::Null)
    );
    let growth = &cause(&fleet, &sessions())["growth"];
    assert_eq!(
        (&growth["compared"], &growth["grew"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(growth["most_bytes"], 40 * MIB);
}

/// The inventory lists an owner before it is a suspect.
#[test]
fn a_course_begins_before_the_suspicion() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = [(2, false), (10, true), (30, true)];
    for (i, (mib, suspected)) in rows.into_iter().enumerate() {
        let saved = Saved::new("shop", "shop-1", &format!("2026-11-0{}T00:00:00Z", i + 1));
        let saved = saved.owner("com.acme.Sessions", "ALL", mib * MIB);
        let saved = match suspected {
            true => saved.suspect("com.acme.Sessions", "ALL", "com.acme.Session", mib * MIB),
            false => saved,
        };
        saved.write(&folder.path().join(format!("{i}.json")));
    }
    let fleet = fleet(&[folder.path()], &[]);
    let leak = &fleet["courses"][0]["causes"][0];
    assert_eq!(leak["retained_bytes"], json!([2 * MIB, 10 * MIB, 30 * MIB]));
    assert_eq!(
        (&leak["course"], &leak["grew_bytes"]),
        (&json!("grew"), &json!(28 * MIB))
    );
}

/// A report that compares inputs itself says how its suspects grew.
#[test]
fn reports_that_compare_say_how_a_cause_grew() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut saved =
        Saved::new("shop", "shop-1", "2026-11-01T00:00:00Z").suspect("a.B", "ALL", "a.C", 9 * MIB);
    saved.0["growth"] = json!({"holders": [
        {"signature": "static_field a.B.ALL", "grew_bytes": 5 * MIB, "course": "warmed_up"}
    ]});
    saved.write(&folder.path().join("1.json"));
    let fleet = fleet(&[folder.path()], &[]);
    let growth = &cause(&fleet, &signature("a.B", "ALL", "a.C"))["growth"];
    assert_eq!(
        growth,
        &json!({"compared": 1, "grew": 0, "warmed_up": 1, "other": 0, "most_bytes": 5 * MIB})
    );
}

#[test]
fn reports_of_one_dump_count_once() {
    let folder = small_fleet();
    fs::copy(
        folder.path().join("shop-2.json"),
        folder.path().join("shop-2-copy.json"),
    )
    .expect("a copy");
    let fleet = fleet(&[folder.path()], &[]);
    assert_eq!(
        (&fleet["dumps"], &fleet["reports"], &fleet["repeated"]),
        (&json!(5), &json!(6), &json!(1))
    );
}

/// Packed reports are read, links to folders are not followed, and files that are named twice count once.
#[test]
fn folders_are_looked_through() {
    let folder = small_fleet();
    let packed = folder.path().join("packed.json.gz");
    let saved = Saved::new("shop", "shop-9", "2026-11-09T00:00:00Z")
        .0
        .to_string();
    let file = fs::File::create(&packed).expect("a file");
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    encoder.write_all(saved.as_bytes()).expect("room");
    encoder.finish().expect("room");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
    let fleet = fleet(&[folder.path(), &packed], &[]);
    assert_eq!(
        (&fleet["dumps"], &fleet["repeated"]),
        (&json!(6), &json!(0))
    );
}

fn baseline() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    Saved::new("shop", "shop-0", "2026-10-01T00:00:00Z")
        .suspect("com.acme.Cache", "MAP", "com.acme.Entry", 8 * MIB)
        .suspect("com.acme.Old", "LIST", "com.acme.Row", 3 * MIB)
        .write(&folder.path().join("old.json"));
    folder
}

fn gate(now: &Path, before: &Path, condition: &str) -> Option<i32> {
    let arguments = [
        "fleet".as_ref(),
        now,
        "--baseline".as_ref(),
        before,
        "--fail-on".as_ref(),
        condition.as_ref(),
    ];
    run(arguments).code
}

#[test]
fn a_baseline_tells_what_is_new_gone_and_larger() {
    let (now, before) = (small_fleet(), baseline());
    let path = before.path().to_str().expect("a plain path");
    let fleet = fleet(&[now.path()], &["--baseline", path, "--top", "1"]);
    let baseline = &fleet["baseline"];
    assert_eq!(baseline["dumps"], 1);
    assert_eq!(baseline["new"][0]["signature"], sessions());
    assert_eq!(baseline["gone"][0]["holder"], "com.acme.Old.LIST");
    // From 8 to 12 MiB: also what is not among the listed causes is compared.
    let larger = &baseline["larger"][0];
    assert_eq!(
        (&larger["signature"], &larger["grew_share"]),
        (&json!(cache()), &json!(0.5))
    );
    assert_eq!(fleet["causes"].as_array().map(Vec::len), Some(1));
    assert_eq!(fleet["more_causes"], 1);
}

#[test]
fn conditions_end_with_exit_code_3() {
    let (now, before) = (small_fleet(), baseline());
    let (now, before) = (now.path(), before.path());
    assert_eq!(gate(now, before, "new"), Some(3));
    assert_eq!(gate(now, before, "regressed=50%"), Some(3));
    assert_eq!(gate(now, before, "regressed=51%"), Some(0));
    assert_eq!(gate(now, now, "new"), Some(0));
    assert_eq!(gate(now, now, "regressed=1%"), Some(0));
    assert_eq!(gate(now, before, "larger"), Some(2));
    // Without a baseline nothing is new.
    let alone = run([
        "fleet".as_ref(),
        now.as_os_str(),
        "--fail-on".as_ref(),
        "new".as_ref(),
    ]);
    assert_eq!(alone.code, Some(2), "{}", alone.stderr);
}

/// A new cause that was only seen where the heap is ruled out fails nothing.
#[test]
fn what_is_ruled_out_is_not_new() {
    let (before, now) = (baseline(), tempfile::tempdir().expect("a folder"));
    Saved::new("shop", "shop-1", "2026-11-01T00:00:00Z")
        .verdict("ruled_out")
        .suspect("a.B", "ALL", "a.C", 2 * MIB)
        .write(&now.path().join("1.json"));
    assert_eq!(gate(now.path(), before.path(), "new"), Some(0));
}

/// Real reports: those of real dumps with labels, among them two of the same leak.
#[test]
fn real_reports_are_a_fleet() {
    let folder = tempfile::tempdir().expect("a folder");
    for (i, dump) in ["out-of-memory", "out-of-memory", "class-loaders"]
        .into_iter()
        .enumerate()
    {
        let mut command = program();
        command
            .arg(golden(dump))
            .arg("-o")
            .arg(folder.path().join(format!("{i}.json")));
        command.args([
            "--label",
            &format!("version={i}"),
            "--label",
            &format!("pod=shop-{i}"),
        ]);
        run_command(&mut command).succeeded();
    }
    let fleet = fleet(&[folder.path()], &["--top", "0"]);
    assert_eq!(fleet["dumps"], 3);
    let causes = fleet["causes"].as_array().expect("causes");
    assert_eq!(causes[0]["dumps"], 2, "{fleet}");
    assert_eq!(causes[0]["versions"], json!(["0", "1"]));
    assert_eq!(causes[0]["verdicts"]["suspected"], 2, "{fleet}");
}

/// Thousands of reports take seconds, and no more memory than a part of them.
#[test]
fn many_reports_are_read_as_a_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    for i in 0..400 {
        let saved = Saved::new("shop", &format!("shop-{i}"), "2026-11-01T00:00:00Z");
        saved
            .suspect("a.B", "ALL", "a.C", MIB + i)
            .write(&folder.path().join(format!("{i}.json")));
    }
    let began = Instant::now();
    let fleet = fleet(&[folder.path()], &[]);
    assert_eq!(fleet["causes"][0]["dumps"], 400);
    assert_eq!(
        fleet["causes"][0]["seen"].as_array().map(Vec::len),
        Some(100)
    );
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}
