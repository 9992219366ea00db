//! The tables of a fleet: `reports`, `suspects` and `causes`, in a folder, partitioned on request; or all suspects in one file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use parquet::data_type::ByteArray;

use super::dump::prepare_folder;
use super::names::name;
use super::schema::{CAUSES, FLEET_SUSPECTS, REPORTS, Schema};
use super::table::{ExportError, Part, Value, text, text_or_null, write};
use crate::fleet::{Cause, Fleet, Gathered, Record};

/// The tables.
pub const FLEET_TABLES: [&Schema; 3] = [&REPORTS, &FLEET_SUSPECTS, &CAUSES];

/// How the rows of reports are put into folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// One file for each table.
    None,
    /// `reports/service=NAME/date=2026-11-30/part-0.parquet`, the same for `suspects`.
    ServiceAndDate,
}

/// Folders of a partitioned table at most: a file for each dump would be worse than none.
const MOST_FOLDERS: usize = 100_000;

/// Writes all suspects to the file `path`.
///
/// # Errors
/// When it cannot be written.
pub fn one_file(all: &Gathered, path: &Path) -> Result<u64, ExportError> {
    suspects(all, &numbers(all), path)
}

/// Writes the tables to `folder`, which must not exist or be empty. `fleet` lists all causes of `all`.
///
/// # Errors
/// When a table cannot be written.
pub fn tables(
    all: &Gathered,
    fleet: &Fleet,
    folder: &Path,
    partition: Partition,
) -> Result<(), ExportError> {
    prepare_folder(folder)?;
    for (schema, fill) in [
        (&REPORTS, reports as Fill),
        (&FLEET_SUSPECTS, suspects as Fill),
    ] {
        match partition {
            Partition::None => {
                fill(
                    all,
                    &numbers(all),
                    &folder.join(format!("{}.parquet", schema.table)),
                )?;
            }
            Partition::ServiceAndDate => {
                for (place, numbers) in places(all) {
                    let folder = folder.join(schema.table).join(place);
                    fs::create_dir_all(&folder).map_err(ExportError::io(&folder))?;
                    fill(all, &numbers, &folder.join("part-0.parquet"))?;
                }
            }
        }
    }
    causes(fleet, &folder.join("causes.parquet"))?;
    Ok(())
}

/// Writes the rows of some reports to a file.
type Fill = fn(&Gathered, &[usize], &Path) -> Result<u64, ExportError>;

fn numbers(all: &Gathered) -> Vec<usize> {
    (0..all.records.len()).collect()
}

/// The reports by the folder that they belong to, as Hive names it.
fn places(all: &Gathered) -> BTreeMap<PathBuf, Vec<usize>> {
    let mut places: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
    for (i, record) in all.records.iter().enumerate() {
        let service = encoded(record.place.service.as_deref());
        let date = record
            .captured_at
            .as_deref()
            .and_then(|time| time.get(..10));
        let date = encoded(date);
        let mut place = PathBuf::from(format!("service={service}")).join(format!("date={date}"));
        if places.len() >= MOST_FOLDERS && !places.contains_key(&place) {
            place = PathBuf::from(format!("service={NOTHING}")).join(format!("date={NOTHING}"));
        }
        places.entry(place).or_default().push(i);
    }
    places
}

/// What Hive, Spark and DuckDB take for null in the name of a folder.
const NOTHING: &str = "__HIVE_DEFAULT_PARTITION__";

/// A value in the name of a folder: no separator, no dots alone, as Hive escapes them.
fn encoded(value: Option<&str>) -> String {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return NOTHING.to_owned();
    };
    let mut out = String::new();
    for byte in value.bytes().take(60) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The columns that both tables begin with.
struct Place {
    report: ByteArray,
    service: Option<ByteArray>,
    version: Option<ByteArray>,
    pod: Option<ByteArray>,
    environment: Option<ByteArray>,
}

impl Place {
    fn of(record: &Record) -> Place {
        let place = &record.place;
        let named = |text: &Option<String>| text.as_deref().map(name);
        Place {
            report: name(&record.path.display().to_string()),
            service: named(&place.service),
            version: named(&place.version),
            pod: named(&place.pod),
            environment: named(&place.environment),
        }
    }
}

fn time(record: &Record) -> Value<'static> {
    Value::count_or_null(record.millis)
}

fn reports(all: &Gathered, numbers: &[usize], path: &Path) -> Result<u64, ExportError> {
    write(&REPORTS, path, 1, &|_, part| {
        for &i in numbers {
            let record = &all.records[i];
            let place = Place::of(record);
            part.row([
                Value::count(i as u64),
                Value::Text(&place.report),
                text_or_null(&place.service),
                text_or_null(&place.version),
                text_or_null(&place.pod),
                text_or_null(&place.environment),
                time(record),
                Value::Text(&name(&record.dump)),
                Value::count(record.dump_bytes),
                Value::Flag(record.complete),
                text_or_null(&record.process.as_deref().map(name)),
                Value::count(record.live_bytes),
                Value::count_or_null(record.max_bytes),
                Value::Text(&text(record.verdict.as_str())),
                Value::Text(&text(record.confidence.as_str())),
                Value::count(record.suspects.len() as u64),
            ]);
        }
    })
}

fn suspects(all: &Gathered, numbers: &[usize], path: &Path) -> Result<u64, ExportError> {
    write(&FLEET_SUSPECTS, path, 1, &|_, part| {
        for &i in numbers {
            suspects_of(all, i, part);
        }
    })
}

fn suspects_of(all: &Gathered, i: usize, part: &mut Part<'_>) {
    let record = &all.records[i];
    let place = Place::of(record);
    for suspect in &record.suspects {
        let cause = &all.causes[suspect.cause as usize];
        let course = suspect.grew.map(|(course, _)| text(course.as_str()));
        part.row([
            Value::count(i as u64),
            Value::Text(&place.report),
            text_or_null(&place.service),
            text_or_null(&place.version),
            text_or_null(&place.pod),
            text_or_null(&place.environment),
            time(record),
            Value::Text(&text(record.verdict.as_str())),
            Value::Text(&text(record.confidence.as_str())),
            Value::count(suspect.rank.into()),
            Value::Text(&name(&cause.signature)),
            Value::Text(&name(cause.kind.as_str())),
            Value::Text(&name(&cause.holder)),
            Value::Text(&name(&cause.content)),
            Value::count(suspect.retained_bytes),
            Value::count(suspect.retained_objects),
            text_or_null(&course),
            suspect
                .grew
                .map_or(Value::Null, |(_, bytes)| Value::Integer(bytes)),
        ]);
    }
}

fn causes(fleet: &Fleet, path: &Path) -> Result<u64, ExportError> {
    write(&CAUSES, path, 1, &|_, part| {
        for cause in &fleet.causes {
            self::cause(part, cause);
        }
    })
}

fn cause(part: &mut Part<'_>, cause: &Cause) {
    let millis = |text: &Option<String>| {
        let time = humantime::parse_rfc3339_weak(text.as_deref()?).ok()?;
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_millis()).ok()
    };
    part.row([
        Value::Text(&name(&cause.signature)),
        Value::Text(&name(&cause.holder)),
        Value::Text(&name(&cause.content)),
        Value::count(cause.dumps),
        Value::Number(cause.share_of_dumps),
        Value::count(cause.pods),
        Value::count(cause.services.len() as u64),
        Value::count_or_null(millis(&cause.first_seen)),
        Value::count_or_null(millis(&cause.last_seen)),
        Value::count(cause.median_retained_bytes),
        Value::count(cause.largest_retained_bytes),
        Value::count(cause.total_retained_bytes),
        Value::count(cause.verdicts.suspected),
        Value::count(cause.verdicts.inconclusive),
        Value::count(cause.verdicts.ruled_out),
        Value::count(cause.growth.compared),
        Value::count(cause.growth.grew),
        cause.growth.most_bytes.map_or(Value::Null, Value::Integer),
    ]);
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn folders_have_plain_names() {
        assert_eq!(encoded(Some("shop-1.x")), "shop-1.x");
        assert_eq!(encoded(Some("../a=b c")), "..%2Fa%3Db%20c");
        assert_eq!(encoded(None), "__HIVE_DEFAULT_PARTITION__");
    }
}
