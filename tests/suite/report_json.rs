//! The JSON report: its schema, and that a saved report renders as the direct one.

use hprof_suspects::report::model::{Basis, Cleared, HolderKind, ThreadKind};
use hprof_suspects::report::{Detail, Format, RenderOptions, json, render};
use hprof_suspects::sentence;
use hprof_suspects::sentence::Size;
use serde_json::Value;

use crate::report_fixtures;

#[test]
fn every_report_follows_the_schema() {
    let schema: Value = serde_json::from_str(&json::schema().expect("unpacked")).expect("JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    for (name, report) in report_fixtures::all() {
        let bytes = render(&report, Format::Json, &RenderOptions::default()).expect("renders");
        let value: Value = serde_json::from_slice(&bytes).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    // The schema can fail: a renamed field, a unit as text, an unknown verdict.
    let bytes = render(
        &report_fixtures::suspected(),
        Format::Json,
        &RenderOptions::default(),
    )
    .expect("renders");
    let good: Value = serde_json::from_slice(&bytes).expect("JSON");
    for (pointer, bad) in [
        ("/suspects/0/retained_bytes", Value::from("62.8 MiB")),
        ("/suspects/0/share_of_reachable", Value::Null),
        ("/verdict/heap", Value::from("fine")),
        ("/heap/strong", Value::from(1)),
        ("/ledger/0/bytes", Value::from("88 MiB")),
        ("/heap/strong/bytes", Value::from(-1)),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).expect(pointer) = bad;
        assert!(!validator.is_valid(&value), "{pointer}");
    }
    let mut value = good;
    value.as_object_mut().expect("object").remove("suspects");
    assert!(!validator.is_valid(&value), "a missing list");
}

#[test]
fn contract_fields_are_there() {
    let bytes = render(
        &report_fixtures::suspected(),
        Format::Json,
        &RenderOptions::default(),
    )
    .expect("renders");
    let value: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(value["schema_version"], 2);
    for pointer in [
        "/tool/name",
        "/tool/version",
        "/tool/options",
        "/dump/file_name",
        "/dump/bytes",
        "/dump/format",
        "/dump/identifier_size",
        "/dump/captured_at",
        "/dump/compression",
        "/dump/complete",
        "/jvm/version",
        "/jvm/layout/reference_bytes",
        "/jvm/layout/object_header_bytes",
        "/jvm/layout/array_header_bytes",
        "/jvm/layout/alignment",
        "/jvm/layout/inferred_from",
        "/heap/strong/objects",
        "/heap/strong/bytes",
        "/heap/soft",
        "/heap/weak",
        "/heap/final",
        "/heap/phantom",
        "/heap/no_path/objects",
        "/heap/no_path/bytes",
        "/heap/no_path/fillers/bytes",
        "/heap/max_bytes",
        "/heap/max_bytes_source",
        "/heap/classes",
        "/heap/class_loaders",
        "/heap/threads",
        "/heap/gc_roots",
        "/verdict/heap",
        "/verdict/confidence",
        "/verdict/headline",
        "/verdict/reasons/0",
        "/verdict/next_steps/0",
        "/ledger/0/component",
        "/ledger/0/bytes",
        "/ledger/0/low",
        "/ledger/0/high",
        "/ledger/0/kind",
        "/ledger/0/source",
        "/suspects/0/rank",
        "/suspects/0/signature",
        "/suspects/0/kind",
        "/suspects/0/severity",
        "/suspects/0/holder/kind",
        "/suspects/0/holder/class",
        "/suspects/0/holder/field",
        "/suspects/0/holder/thread",
        "/suspects/0/holder/loader",
        "/suspects/0/holder/object_id",
        "/suspects/0/holder/count",
        "/suspects/0/content/class",
        "/suspects/0/content/objects",
        "/suspects/0/content/retained_bytes",
        "/suspects/0/shallow_bytes",
        "/suspects/0/retained_bytes",
        "/suspects/0/retained_objects",
        "/suspects/0/share_of_reachable",
        "/suspects/0/share_of_max_heap",
        "/suspects/0/accumulation_point/class",
        "/suspects/0/accumulation_point/object_id",
        "/suspects/0/accumulation_point/retained_bytes",
        "/suspects/0/path/0/object_id",
        "/suspects/0/path/0/class",
        "/suspects/0/path/0/reference",
        "/suspects/0/path/0/retained_bytes",
        "/suspects/0/pattern/id",
        "/suspects/0/pattern/title",
        "/suspects/0/pattern/measured",
        "/suspects/0/pattern/bound",
        "/suspects/0/pattern/assessment",
        "/suspects/0/pattern/advice",
        "/suspects/0/off_heap_bytes",
        "/classes/0/class",
        "/classes/0/loader",
        "/classes/0/objects",
        "/classes/0/shallow_bytes",
        "/classes/0/retained_bytes",
        "/dominators/0/object_id",
        "/dominators/0/class",
        "/dominators/0/shallow_bytes",
        "/dominators/0/retained_bytes",
        "/dominators/0/retained_objects",
        "/threads",
        "/class_loaders",
        "/warnings/0/code",
        "/warnings/0/message",
        "/warnings/0/offset",
        "/warnings/0/count",
    ] {
        assert!(value.pointer(pointer).is_some(), "{pointer}");
    }
    assert_eq!(value["verdict"]["heap"], "suspected");
    assert_eq!(value["suspects"][0]["pattern"]["assessment"], "unbounded");
    assert_eq!(
        value["warnings"][0]["offset"],
        Value::Null,
        "unknown is null"
    );
}

#[test]
fn a_saved_report_renders_as_the_direct_one() {
    for (name, report) in report_fixtures::all() {
        let saved = render(&report, Format::Json, &RenderOptions::default()).expect("renders");
        let read = json::parse(&saved).expect("reads back");
        for detail in [Detail::Default, Detail::Full] {
            let options = RenderOptions {
                detail,
                ..RenderOptions::default()
            };
            for format in Format::all() {
                let direct = render(&report, format, &options).expect("renders");
                assert!(
                    direct == render(&read, format, &options).expect("renders"),
                    "{name} as {format}"
                );
            }
        }
    }
}

#[test]
fn what_is_no_report_is_told_apart() {
    for (bytes, says) in [
        (&b"JAVA PROFILE 1.0.2"[..], "not JSON"),
        (b"{}", "schema_version"),
        (b"[1]", "schema_version"),
        (b"{\"schema_version\": 3}", "version 3"),
        (
            b"{\"schema_version\": 1, \"classes\": 5}",
            "not a valid report",
        ),
    ] {
        let error = json::parse(bytes).expect_err("no report").to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(
        json::parse(b"{\"schema_version\": 1, \"added_later\": true}").is_ok(),
        "fields may be added"
    );
}

/// A report of a later version may have kinds of holders and threads that this one does not know.
#[test]
fn unknown_kinds_are_read() {
    let report = serde_json::json!({
        "schema_version": 2,
        "suspects": [{ "kind": "coroutine", "holder": { "kind": "coroutine", "class": "a.B" } }],
        "threads": [{ "kind": "green" }],
        "references": { "kinds": [{ "kind": "ephemeron" }, { "kind": "soft" }] },
        "jvm": { "application": { "decided_by": "module", "packages": ["a"] } },
    });
    let read = json::parse(report.to_string().as_bytes()).expect("a report");
    let holder = &read.suspects[0].holder;
    assert_eq!(
        (holder.kind, holder.class.as_str()),
        (HolderKind::Owner, "a.B")
    );
    assert_eq!(read.threads[0].kind, ThreadKind::Platform);
    let kinds = read.references.as_ref().map(|all| all.kinds.as_slice());
    let kinds: Vec<&str> = kinds
        .into_iter()
        .flatten()
        .map(|row| row.kind.as_str())
        .collect();
    assert_eq!(kinds, ["other", "soft"]);
    let scope = read.jvm.application.as_ref().expect("an application");
    assert_eq!((scope.decided_by, scope.packages.len()), (Basis::Names, 1));
}

/// What a file has in the place of something else is not told: it may be a secret, and as long as the file.
#[test]
fn what_is_wrong_with_a_report_is_told_without_its_values() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = "hunter2".repeat(100_000);
    for (name, report) in [
        (
            "text",
            format!(
                "{{\"schema_version\": 2, \"suspects\": [{{\"retained_bytes\": \"{long}\"}}]}}"
            ),
        ),
        (
            "word",
            format!("{{\"schema_version\": 2, \"verdict\": {{\"heap\": \"{long}, expected\"}}}}"),
        ),
        (
            "list",
            format!("{{\"schema_version\": 2, \"suspects\": \"{long}\"}}"),
        ),
    ] {
        let error = json::parse(report.as_bytes())
            .expect_err("no report")
            .to_string();
        assert!(error.contains("line 1 column"), "{name}: {error}");
        let file = folder.path().join("report.json");
        std::fs::write(&file, report).expect("a file");
        for words in [
            vec!["render".as_ref(), file.as_os_str()],
            vec!["fleet".as_ref(), file.as_os_str()],
        ] {
            let refused = crate::support::run(words);
            assert_eq!(refused.code, Some(1), "{name}");
            assert!(
                !refused.stderr.contains("hunter2"),
                "{name}: {}",
                refused.stderr.len()
            );
            assert!(!refused.text().contains("hunter2"), "{name}");
        }
    }
}

/// Two sizes that are rounded alike stay two sizes when exact ones are asked for, also of a saved report.
#[test]
fn sizes_that_are_rounded_alike_are_exact_on_demand() {
    let queue = |bytes| Cleared {
        title: "queue".to_owned(),
        text: sentence!("{}, queue 700 of 1,000 tasks", Size(bytes)),
        ..Cleared::default()
    };
    let mut report = report_fixtures::suspected();
    report.checked_and_cleared = vec![queue(1_511_168), queue(1_511_040)];
    let bytes = render(&report, Format::Json, &RenderOptions::default()).expect("renders");
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    assert_eq!(text.matches("\"1.4 MiB, queue 700").count(), 2, "{text}");
    let saved = json::parse(&bytes).expect("a report");
    let exact = RenderOptions {
        exact_bytes: true,
        ..RenderOptions::default()
    };
    for format in [Format::Text, Format::Markdown, Format::Jira, Format::Html] {
        for report in [&report, &saved] {
            let text = render(report, format, &exact).expect("renders");
            let text = String::from_utf8(text)
                .expect("UTF-8")
                .replace('\u{a0}', " ");
            for size in ["1,511,168 B, queue", "1,511,040 B, queue"] {
                assert_eq!(text.matches(size).count(), 1, "{format} {size}: {text}");
            }
        }
    }
}
