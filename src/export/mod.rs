//! Tables in Parquet, for DuckDB, Spark, Trino and whatever else reads it: the objects of a dump, and the reports of a fleet.
//!
//! Engines for large tables exist; this writes what they read. [`schema`] says what a table has (docs/tables.md is tested against it),
//! [`table`] writes one from several threads, always in the same order, and keeps little of it in memory. The other files fill tables.

mod column;
mod dump;
mod findings;
mod fleet;
mod names;
mod objects;
mod references;
mod schema;
mod table;
mod values;

pub use dump::{Exported, Request, export, prepare_folder};
pub use fleet::{FLEET_TABLES, Partition, one_file, tables as fleet_tables};
pub use schema::{Kind, Schema, TABLES};
pub use table::ExportError;
