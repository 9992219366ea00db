//! `--format json`: the report itself, in the field order of the model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{Inventory, Report};
use super::neutralise;
use crate::sentence::Sentence;

/// A report as it is saved: the report, and the exact sizes in its sentences.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Report"))]
struct Saved<'r> {
    #[serde(flatten)]
    report: &'r Report,
    /// The rounded sizes in sentences, by the JSON pointer of the sentence: where the size starts and ends in the text (bytes of
    /// UTF-8), and the exact number of bytes.
    sizes: BTreeMap<String, Vec<[u64; 3]>>,
}

/// Where the inventory stands in an indented report: a line break cannot be in a string.
const NO_INVENTORY: &str = "\n  \"inventory\": null";

/// The report as indented JSON with a final newline; each row of the inventory on one line, so that it is small.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut report = report.clone();
    let sentences = report.sentences_mut().into_iter();
    let sizes = sentences
        .map(|(path, sentence)| (path, sentence.sizes()))
        .filter(|(_, sizes)| !sizes.is_empty())
        .collect();
    let inventory = report.inventory.take();
    let report = &report;
    let mut text = serde_json::to_string_pretty(&Saved { report, sizes })?;
    if let Some(inventory) = inventory {
        let rows = format!("\n  \"inventory\": {}", in_rows(inventory)?);
        text = text.replacen(NO_INVENTORY, &rows, 1);
    }
    text.push('\n');
    Ok(neutralise::json(&text))
}

/// `inventory` with a line for each of its rows.
fn in_rows(mut inventory: Inventory) -> Result<String, serde_json::Error> {
    let owners = rows("owners", &std::mem::take(&mut inventory.owners))?;
    let classes = rows("classes", &std::mem::take(&mut inventory.classes))?;
    let text = serde_json::to_string(&inventory)?;
    let text = text.replacen("\"owners\":[]", &owners, 1);
    Ok(text.replacen("\"classes\":[]", &classes, 1))
}

fn rows<T: Serialize>(name: &str, rows: &[T]) -> Result<String, serde_json::Error> {
    let rows: Result<Vec<String>, _> = rows.iter().map(serde_json::to_string).collect();
    Ok(format!(
        "\n    \"{name}\":[\n      {}\n    ]",
        rows?.join(",\n      ")
    ))
}

/// Reads a report that was saved as JSON, also one by another version of the program or with an earlier schema version.
///
/// # Errors
///
/// When it is not JSON, not a report, or of another schema version.
pub fn parse(bytes: &[u8]) -> Result<Report, ParseError> {
    let head: Head = serde_json::from_slice(bytes).map_err(|error| match error.is_data() {
        true => ParseError::NotAReport,
        false => ParseError::NotJson(error),
    })?;
    // A list of values would pass for the fields of a structure.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(ParseError::NotAReport);
    }
    let version = head.schema_version;
    let known =
        u64::from(super::model::FIRST_SCHEMA_VERSION)..=u64::from(super::model::SCHEMA_VERSION);
    if !known.contains(&version) {
        return Err(ParseError::OtherVersion { found: version });
    }
    let mut report: Report = serde_json::from_slice(bytes).map_err(ParseError::Field)?;
    let sizes: BTreeMap<String, Vec<[u64; 3]>> =
        serde_json::from_value(head.sizes).unwrap_or_default();
    for (path, sentence) in report.sentences_mut() {
        if let Some(sizes) = sizes.get(&path) {
            *sentence = Sentence::with_sizes(&sentence.rounded(), sizes);
        }
    }
    Ok(report)
}

/// What is read of a report before its other fields are known to be there.
#[derive(Deserialize)]
struct Head {
    schema_version: u64,
    #[serde(default)]
    sizes: serde_json::Value,
}

/// The JSON Schema of what [`render`] writes, packed with gzip: it takes a seventh of its length. A test holds it against
/// the model.
const SCHEMA: &[u8] = include_bytes!("../../schema/report-v2.schema.json.gz");

/// The JSON Schema of what [`render`] writes.
///
/// # Errors
/// When the copy in the program is damaged.
pub fn schema() -> std::io::Result<String> {
    std::io::read_to_string(flate2::read::GzDecoder::new(SCHEMA))
}

/// Why a saved report could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// JSON, but without `schema_version`.
    #[error("not a report of hprof-suspects: no \"schema_version\" (write one with --format json)")]
    NotAReport,
    /// A report of a schema that this program does not know.
    #[error(
        "a report of schema version {found}; this program reads versions 1 to {}",
        super::model::SCHEMA_VERSION
    )]
    OtherVersion {
        /// The version that the file names.
        found: u64,
    },
    /// A field of another type than the schema says.
    #[error("not a valid report: {}", complaint(.0))]
    Field(#[source] serde_json::Error),
}

/// What `error` says without the value that it is about, which may be long, and a secret.
pub(crate) fn complaint(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return error.to_string();
    }
    let said = error.to_string();
    // What was expected comes last, and is of the program, not of the file.
    match said.rsplit_once(", expected ") {
        Some((_, expected)) => format!("a value of another kind, expected {expected}"),
        None => format!(
            "a field is wrong at line {} column {}",
            error.line(),
            error.column()
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// The schema of the model as it is compiled.
    fn generated() -> String {
        // Fields that are missing in an older report are read as a default, but no default is ever written: not part of the contract.
        let no_defaults =
            schemars::transform::RecursiveTransform(|schema: &mut schemars::Schema| {
                schema.remove("default");
            });
        let settings = schemars::generate::SchemaSettings::draft2020_12()
            .for_serialize()
            .with_transform(no_defaults);
        let schema = settings
            .into_generator()
            .into_root_schema_for::<Saved<'static>>();
        let mut text = format!("{:#}", schema.as_value());
        text.push('\n');
        text
    }

    /// `UPDATE_EXPECTED=1` writes it anew.
    #[test]
    fn committed_schema_is_the_generated_one() {
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report-v2.schema.json");
            std::fs::write(file, generated()).expect("written");
            let file = std::fs::File::create(format!("{file}.gz")).expect("a file");
            let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::best());
            packed.write_all(generated().as_bytes()).expect("written");
            packed.finish().expect("written");
            return;
        }
        assert!(
            include_str!("../../schema/report-v2.schema.json") == generated()
                && schema().is_ok_and(|packed| packed == generated()),
            "the model changed: UPDATE_EXPECTED=1 writes the schema anew"
        );
    }
}
