//! Exports one dump: the tables that were asked for, and the report beside them.

use std::fs;
use std::path::Path;

use super::names::Loaders;
use super::schema::{Schema, TABLES, WITH_VALUES};
use super::table::ExportError;
use super::{findings, objects, references, values};
use crate::analyze::explore;
use crate::heap::Snapshot;
use crate::report::Report;

/// What to export.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Names of tables; empty for all.
    pub tables: Vec<String>,
}

/// A table that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its name.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its file.
    pub bytes: u64,
}

impl Request {
    /// The tables that are written: those that were asked for, with contents only where `values_shown`.
    ///
    /// # Errors
    /// When there is no such table, or it has contents that were not asked for.
    pub fn tables(&self, values_shown: bool) -> Result<Vec<&'static Schema>, ExportError> {
        let known = || TABLES.iter().map(|schema| schema.table);
        if let Some(name) = self
            .tables
            .iter()
            .find(|name| !known().any(|known| known == **name))
        {
            return Err(ExportError::NoTable {
                name: name.clone(),
                known: known().collect(),
            });
        }
        let wanted = |schema: &&&Schema| match self.tables.is_empty() {
            true => values_shown || !WITH_VALUES.contains(schema),
            false => self.tables.iter().any(|name| name == schema.table),
        };
        let tables: Vec<&Schema> = TABLES.iter().filter(wanted).copied().collect();
        let hidden = tables
            .iter()
            .find(|schema| !values_shown && WITH_VALUES.contains(schema));
        match hidden {
            Some(schema) => Err(ExportError::Values(schema.table)),
            None => Ok(tables),
        }
    }
}

/// Makes `folder` for tables: it must not exist, or be empty. Two exports in one folder would be read as one.
///
/// # Errors
/// When it has something, or cannot be made.
pub fn prepare_folder(folder: &Path) -> Result<(), ExportError> {
    if folder.exists() {
        let mut entries = fs::read_dir(folder).map_err(ExportError::io(folder))?;
        if entries.next().is_some() {
            return Err(ExportError::NotEmpty(folder.to_owned()));
        }
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(ExportError::io(folder))
}

/// Writes the tables of `request` to `folder`. `report` is that of `snapshot`; `begin` is called as each table begins.
///
/// # Errors
/// When a table cannot be written; those before are there.
pub fn export(
    snapshot: &Snapshot<'_>,
    report: &Report,
    request: &Request,
    folder: &Path,
    begin: &dyn Fn(&'static str),
) -> Result<Vec<Exported>, ExportError> {
    let tables = request.tables(snapshot.values_shown())?;
    let wants = |table: &str| tables.iter().any(|schema| schema.table == table);
    let loaders = Loaders::new(snapshot);
    let threads = match wants("threads") || wants("frames") {
        true => explore::threads::threads(snapshot, true),
        false => Vec::new(),
    };
    let mut done = Vec::new();
    for schema in tables {
        begin(schema.table);
        let path = folder.join(format!("{}.parquet", schema.table));
        let rows = match schema.table {
            "classes" => objects::classes(snapshot, &loaders, &path),
            "roots" => objects::roots(snapshot, &path),
            "threads" => findings::threads(&threads, &path),
            "frames" => findings::frames(&threads, &path),
            "holders" => findings::holders(report.inventory.as_ref(), &path),
            "suspects" => findings::suspects(report, &path),
            "objects" => objects::objects(snapshot, &loaders, &path),
            "references" => references::references(snapshot, &loaders, &path),
            "strings" => values::strings(snapshot, &path),
            _ => values::fields(snapshot, &loaders, &path),
        }?;
        snapshot.release_all();
        let bytes = fs::metadata(&path).map_err(ExportError::io(&path))?.len();
        done.push(Exported {
            table: schema.table,
            rows,
            bytes,
        });
    }
    Ok(done)
}
