//! Tables of a dump, and questions about them in SQL.

use std::path::Path;

use serde_json::{Value, json};

use crate::python;
use crate::support::{project, run};

/// The tables of `dump`, exported with `options`.
pub fn tables(dump: &Path, options: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = [
        "export".as_ref(),
        dump.as_os_str(),
        "-o".as_ref(),
        folder.path().as_os_str(),
    ];
    run(arguments
        .into_iter()
        .chain(options.iter().map(std::ffi::OsStr::new)))
    .succeeded();
    folder
}

/// The answer to `examples/sql/NAME.sql` in the folder `tables`: objects by column. `None` without DuckDB.
pub fn ask(tables: &Path, name: &str, variables: &Value) -> Option<Vec<Value>> {
    let file = project().join(format!("examples/sql/{name}.sql"));
    ask_file(tables, &file, variables)
}

/// The same for SQL that a test has.
pub fn ask_text(tables: &Path, sql: &str) -> Option<Vec<Value>> {
    let file = crate::support::temporary(".sql", sql.as_bytes());
    ask_file(tables, &file, &json!({}))
}

fn ask_file(tables: &Path, file: &Path, variables: &Value) -> Option<Vec<Value>> {
    let python = python::with("duckdb")?;
    let question = json!({"folder": tables, "file": file, "variables": variables}).to_string();
    let answer = python::answer(python, &project().join("tests/sql/ask.py"), &question);
    Some(answer.as_array().expect("rows").clone())
}

/// The values of one column.
pub fn column<'r>(rows: &'r [Value], name: &str) -> Vec<&'r Value> {
    rows.iter().map(|row| &row[name]).collect()
}

/// The sum of a column of integers.
pub fn sum(rows: &[Value], name: &str) -> u64 {
    rows.iter().filter_map(|row| row[name].as_u64()).sum()
}
