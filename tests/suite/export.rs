//! `export`: the tables have what docs/tables.md says, and their numbers are the program's own.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use hprof_suspects::export::{FLEET_TABLES, Kind, Schema, TABLES};
use parquet::basic::{LogicalType, Repetition, Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use crate::support::{golden, project, report, run};

/// The tables of `dump`, exported with `options`.
fn tables(dump: &Path, options: &[&str]) -> tempfile::TempDir {
    crate::sql_support::tables(dump, options)
}

fn reader(folder: &Path, table: &str) -> SerializedFileReader<File> {
    let path = folder.join(format!("{table}.parquet"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    SerializedFileReader::new(file).expect("a Parquet file")
}

fn rows(folder: &Path, table: &str) -> Vec<Row> {
    let reader = reader(folder, table);
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

/// The value of column `name`.
fn value<'r>(row: &'r Row, name: &str) -> &'r Field {
    let mut columns = row.get_column_iter();
    columns.find(|(known, _)| *known == name).expect(name).1
}

fn integer(row: &Row, name: &str) -> i64 {
    match value(row, name) {
        Field::Long(number) => *number,
        other => panic!("{name}: {other:?}"),
    }
}

fn text<'r>(row: &'r Row, name: &str) -> &'r str {
    match value(row, name) {
        Field::Str(text) => text,
        other => panic!("{name}: {other:?}"),
    }
}

fn flag(row: &Row, name: &str) -> bool {
    *value(row, name) == Field::Bool(true)
}

// --- documentation ---

/// A table as docs/tables.md has it.
fn described(schema: &Schema, file: &str) -> String {
    let mut text = format!(
        "### `{file}`\n\n{}\n\n| column | type | what it is |\n| --- | --- | --- |\n",
        schema.about
    );
    for field in schema.fields {
        let null = if field.optional { ", may be null" } else { "" };
        text.push_str(&format!(
            "| `{}` | {}{null} | {} |\n",
            field.name,
            field.kind.name(),
            field.about
        ));
    }
    text
}

const BEGIN: &str = "<!-- tables: written by the test, UPDATE_EXPECTED=1 -->\n";
const END: &str = "<!-- end of tables -->\n";

/// docs/tables.md describes every column. `UPDATE_EXPECTED=1` writes it anew.
#[test]
fn the_documented_tables_are_the_tables() {
    let path = project().join("docs/tables.md");
    let docs = std::fs::read_to_string(&path).expect("docs/tables.md");
    let (before, rest) = docs.split_once(BEGIN).expect("the beginning of the tables");
    let (written, after) = rest.split_once(END).expect("the end of the tables");
    let of_dumps = TABLES
        .iter()
        .map(|schema| described(schema, &format!("{}.parquet", schema.table)));
    let of_fleets = FLEET_TABLES
        .iter()
        .map(|schema| described(schema, &format!("fleet: {}.parquet", schema.table)));
    let all: Vec<String> = of_dumps.chain(of_fleets).collect();
    let expected = format!("\n{}\n", all.join("\n"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}"))
            .expect("docs/tables.md");
    } else {
        assert_eq!(
            written, expected,
            "UPDATE_EXPECTED=1 writes docs/tables.md anew"
        );
    }
}

/// The files have the columns that the schema says, in its order, and say what they are.
#[test]
fn the_files_have_the_documented_columns() {
    let folder = tables(&golden("sample"), &["--show-values"]);
    for schema in TABLES {
        let reader = reader(folder.path(), schema.table);
        let metadata = reader.metadata().file_metadata();
        let columns = metadata.schema_descr().columns();
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        let expected: Vec<&str> = schema.fields.iter().map(|field| field.name).collect();
        assert_eq!(names, expected, "{}", schema.table);
        for (column, field) in columns.iter().zip(schema.fields) {
            let kind = match (column.physical_type(), column.logical_type_ref()) {
                (Type::BYTE_ARRAY, Some(LogicalType::String)) => Kind::Text,
                (Type::INT64, None) => Kind::Integer,
                (Type::INT64, Some(LogicalType::Timestamp(_))) => Kind::Time,
                (Type::DOUBLE, None) => Kind::Number,
                (Type::BOOLEAN, None) => Kind::Flag,
                other => panic!("{}: {other:?}", field.name),
            };
            assert_eq!(kind, field.kind, "{}", field.name);
            let optional = column.self_type().get_basic_info().repetition() == Repetition::OPTIONAL;
            assert_eq!(optional, field.optional, "{}", field.name);
        }
        let about = metadata.key_value_metadata().expect("what it is");
        assert!(
            about
                .iter()
                .any(|pair| pair.key == "table" && pair.value.as_deref() == Some(schema.table))
        );
    }
}

// --- numbers ---

/// Every object, with the sizes and the dominator that `objects` tells.
#[test]
fn objects_are_those_of_the_command() {
    for name in ["sample", "references", "cache-jdk25-compact"] {
        let dump = golden(name);
        let folder = tables(&dump, &["--tables", "objects"]);
        let listed = run(["objects".as_ref(), dump.as_os_str()])
            .succeeded()
            .text();
        let mut expected: BTreeMap<i64, [String; 3]> = BTreeMap::new();
        for line in listed.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let address = i64::from_str_radix(&cells[0][2..], 16).expect("an address");
            expected.insert(address, [cells[2], cells[3], cells[4]].map(str::to_owned));
        }
        let rows = rows(folder.path(), "objects");
        assert_eq!(rows.len(), expected.len(), "{name}");
        let mut top = 0;
        for row in &rows {
            let dominator = match value(row, "dominator") {
                Field::Long(address) => format!("{address:#x}"),
                _ => "root".to_owned(),
            };
            let sizes =
                ["shallow_bytes", "retained_bytes"].map(|name| integer(row, name).to_string());
            let [shallow, retained] = sizes;
            let known = expected
                .get(&integer(row, "address"))
                .expect("a listed object");
            assert_eq!([shallow, retained, dominator], *known, "{row}");
            top += if flag(row, "top_level") {
                integer(row, "retained_bytes")
            } else {
                0
            };
        }
        let heap = &report(&dump)["heap"];
        let reachable = ["strong", "soft", "weak", "final", "phantom"]
            .map(|kind| heap[kind]["bytes"].as_i64().expect("bytes"));
        assert_eq!(top, reachable.iter().sum::<i64>(), "{name}");
    }
}

/// Every reference that holds: as many as the analysis counted, each between objects that are there. Referents besides.
#[test]
fn references_are_those_of_the_analysis() {
    use hprof_suspects::heap::{LoadOptions, Unobserved, load};
    for name in ["sample", "references"] {
        let dump = golden(name);
        let folder = tables(&dump, &["--tables", "objects,references,classes,roots"]);
        let bytes = std::fs::read(&dump).expect("a dump");
        let snapshot = load(&bytes, LoadOptions::default(), &Unobserved).expect("an analysis");
        let rows = rows(folder.path(), "references");
        let within = rows
            .iter()
            .filter(|row| ["field", "element"].contains(&text(row, "via")) && flag(row, "holds"));
        assert_eq!(
            within.count() as u64,
            snapshot.references().references,
            "{name}"
        );
        let weak = rows.iter().filter(|row| !flag(row, "holds"));
        assert_eq!(weak.count(), snapshot.referents().len(), "{name}");
        let locals = rows.iter().filter(|row| text(row, "via") == "local");
        assert_eq!(locals.count(), snapshot.roots().locals.len(), "{name}");
        for row in &rows {
            let [from, to] =
                ["from_address", "to_address"].map(|name| integer(row, name).cast_unsigned());
            assert!(snapshot.find(from).is_some(), "{row}");
            let to = snapshot.find(to).map(|to| snapshot.retained(to));
            assert!(to.is_some() || snapshot.references().dangling > 0, "{row}");
        }
        let classes = self::rows(folder.path(), "classes");
        assert_eq!(classes.len(), snapshot.classes().len(), "{name}");
        let objects: i64 = classes.iter().map(|row| integer(row, "objects")).sum();
        assert_eq!(objects as usize, snapshot.len(), "{name}");
        let roots = snapshot.roots();
        let kinds: usize = roots.kinds.values().map(Vec::len).sum();
        assert_eq!(
            self::rows(folder.path(), "roots").len(),
            kinds + roots.locals.len(),
            "{name}"
        );
    }
}

/// Threads, frames, holders and suspects are those of the report beside them.
#[test]
fn findings_are_those_of_the_report() {
    let dump = golden("class-loaders");
    let folder = tables(&dump, &["--label", "service=shop"]);
    let saved = std::fs::read(folder.path().join("report.json")).expect("a report");
    let saved: serde_json::Value = serde_json::from_slice(&saved).expect("JSON");
    assert_eq!(saved["labels"]["service"], "shop");
    assert_eq!(saved["verdict"], report(&dump)["verdict"]);
    let count = |value: &serde_json::Value| value.as_array().map_or(0, Vec::len);
    let suspects = rows(folder.path(), "suspects");
    assert_eq!(
        suspects.len(),
        count(&saved["suspects"]) + count(&saved["largest_holders"])
    );
    assert!(!suspects.is_empty());
    assert_eq!(
        saved["suspects"][0]["signature"],
        text(&suspects[0], "signature")
    );
    assert_eq!(
        saved["suspects"][0]["retained_bytes"],
        integer(&suspects[0], "retained_bytes")
    );
    let owners = &saved["inventory"]["owners"];
    let holders = rows(folder.path(), "holders");
    assert_eq!(holders.len(), count(owners));
    assert_eq!(owners[0]["bytes"], integer(&holders[0], "retained_bytes"));
    let threads = run([
        "threads".as_ref(),
        dump.as_os_str(),
        "--frames".as_ref(),
        "0".as_ref(),
        "--format".as_ref(),
        "json".as_ref(),
    ]);
    let threads = threads.succeeded().json();
    let frames: usize = threads
        .as_array()
        .expect("threads")
        .iter()
        .map(|thread| count(&thread["frames"]))
        .sum();
    assert_eq!(rows(folder.path(), "threads").len(), count(&threads));
    assert_eq!(rows(folder.path(), "frames").len(), frames);
}

// --- privacy ---

/// All texts of all tables.
fn texts(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    let known = TABLES.iter().chain(&FLEET_TABLES);
    for schema in known.filter(|schema| folder.join(format!("{}.parquet", schema.table)).exists()) {
        for row in rows(folder, schema.table) {
            for (_, field) in row.get_column_iter() {
                if let Field::Str(text) = field {
                    all.extend_from_slice(text.as_bytes());
                    all.push(b'\n');
                }
            }
        }
    }
    all
}

/// No table has contents of the heap unless they were asked for.
#[test]
fn no_table_has_a_secret_unless_asked_for() {
    let dump = golden("planted-secrets");
    let file = |name: &str| std::fs::read_to_string(project().join(name)).expect(name);
    let secrets = crate::privacy_support::Secrets::planted_by(&[
        file("testdata/java/PlantedSecrets.java"),
        file("testdata/regenerate.sh"),
    ]);
    let folder = tables(&dump, &[]);
    assert!(!folder.path().join("strings.parquet").exists());
    assert!(!folder.path().join("fields.parquet").exists());
    assert_eq!(secrets.found_in(&texts(folder.path())), Default::default());
    // The tables of many reports.
    let report = folder.path().join("report.json");
    let fleet = tempfile::tempdir().expect("a folder");
    let paths = [report.as_os_str(), fleet.path().as_os_str()];
    let [report, tables_of_fleet] = paths.map(std::ffi::OsString::from);
    let words = ["fleet".into(), report, "--format".into(), "parquet".into()];
    run(words.into_iter().chain(["-o".into(), tables_of_fleet])).succeeded();
    let of_fleet = texts(fleet.path());
    assert!(String::from_utf8_lossy(&of_fleet).contains("PlantedSecrets"));
    assert_eq!(secrets.found_in(&of_fleet), Default::default());
    let shown = tables(&dump, &["--show-values"]);
    let found = secrets.found_in(&texts(shown.path()));
    assert!(found.contains("Zq1fieldString7Kw3Rt9"), "{found:?}");
}

/// What would act on a terminal is visible in names, and no name is endless.
#[test]
fn names_are_harmless() {
    use crate::synth::Heap;
    let mut heap = Heap::new();
    let name = format!("a\u{1b}[31m{}", "x".repeat(5000));
    let class = heap.class(&name).app().done();
    let object = heap.instance(class);
    heap.root(crate::synth::Root::JniGlobal, object);
    let dump = crate::support::temporary(".hprof", &heap.write().bytes);
    let folder = tables(&dump, &[]);
    let texts = texts(folder.path());
    assert!(!texts.contains(&0x1b));
    let longest = texts.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
    assert!(longest < Some(2000), "{longest:?}");
}

// --- command line ---

fn export(dump: &Path, folder: &Path, options: &[&str]) -> crate::support::Run {
    let arguments = [
        "export".as_ref(),
        dump.as_os_str(),
        "-o".as_ref(),
        folder.as_os_str(),
    ];
    run(arguments
        .into_iter()
        .chain(options.iter().map(std::ffi::OsStr::new)))
}

#[test]
fn tables_are_chosen() {
    let dump = golden("sample");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let told = export(&dump, &at("some"), &["--tables", "classes,threads"])
        .succeeded()
        .text();
    assert!(
        told.contains("classes.parquet") && told.contains("threads.parquet"),
        "{told}"
    );
    let mut names: Vec<_> = std::fs::read_dir(at("some"))
        .expect("a folder")
        .map(|file| file.expect("a file").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["classes.parquet", "report.json", "threads.parquet"]);
    let unknown = export(&dump, &at("unknown"), &["--tables", "object"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    assert!(
        unknown.stderr.contains("objects, references"),
        "{}",
        unknown.stderr
    );
    let contents = export(&dump, &at("contents"), &["--tables", "strings"]);
    assert_eq!(contents.code, Some(2), "{}", contents.stderr);
    assert!(
        contents.stderr.contains("--show-values"),
        "{}",
        contents.stderr
    );
    assert!(!at("contents").exists());
    // Two exports in one folder would be read as one.
    let again = export(&dump, &at("some"), &[]);
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
}

/// The same bytes for any number of threads.
#[test]
fn the_same_tables_for_any_number_of_threads() {
    let dump = golden("sample");
    let [one, four] =
        ["1", "4"].map(|threads| tables(&dump, &["--threads", threads, "--show-values"]));
    for schema in TABLES {
        let name = format!("{}.parquet", schema.table);
        let bytes =
            |folder: &tempfile::TempDir| std::fs::read(folder.path().join(&name)).expect("a table");
        assert!(bytes(&one) == bytes(&four), "{name}");
    }
}

/// A damaged dump is exported as far as it goes.
#[test]
fn a_damaged_dump_is_exported() {
    let whole = std::fs::read(golden("sample")).expect("a dump");
    let cut = crate::support::temporary(".hprof", &whole[..whole.len() * 2 / 3]);
    let folder = tempfile::tempdir().expect("a folder");
    let ended = export(&cut, &folder.path().join("tables"), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let listed = run(["objects".as_ref(), cut.as_os_str()]).text();
    let rows = rows(&folder.path().join("tables"), "objects");
    assert_eq!(rows.len(), listed.lines().count() - 1);
    let strict = export(&cut, &folder.path().join("strict"), &["--strict"]);
    assert_eq!(strict.code, Some(1), "{}", strict.stderr);
}
