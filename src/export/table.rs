//! Writes one table: rows are encoded by several threads and written in their order, whatever thread is done first.
//!
//! A table is made in numbered parts. Each thread takes the next part, encodes its rows column by column as they come, and writes them
//! when all parts before are written; where a part grows large it waits for that in the middle of the part. So no more is in memory than a
//! row group and a few encoded ones for each thread.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescriptor;
use tempfile::NamedTempFile;

use super::column::{Column, encode, properties, root};
pub(super) use super::column::{Value, text, text_or_null};
use super::schema::Schema;

/// What a part keeps in memory.
#[derive(Clone, Copy)]
struct Limits {
    /// Rows of a row group.
    rows: usize,
    /// Bytes of encoded row groups that wait for their turn.
    held: usize,
}

const LIMITS: Limits = Limits {
    rows: 122_880,
    held: 16 << 20,
};

/// A table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file could not be made, written or moved to its place.
    #[error("cannot write {path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder has something already.
    #[error("{} is not empty: name another folder", .0.display())]
    NotEmpty(PathBuf),
    /// The format's library says why.
    #[error("cannot write the table {table}: {source}")]
    Parquet {
        /// The table.
        table: &'static str,
        /// What it says.
        source: ParquetError,
    },
    /// Another thread failed first.
    #[error("stopped")]
    Stopped,
    /// There is no such table.
    #[error("no table {name}; one of {known}", known = known.join(", "))]
    NoTable {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// Contents were not asked for.
    #[error("the table {0} has contents of the heap: it is written with --show-values only")]
    Values(&'static str),
}

impl ExportError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> ExportError + use<> {
        let path = path.to_owned();
        move |source| ExportError::Io { path, source }
    }
}

/// An encoded row group.
struct Group {
    columns: Vec<(Bytes, ColumnCloseResult)>,
    bytes: usize,
}

/// What all threads have of a table.
struct Shared {
    schema: &'static Schema,
    descriptor: SchemaDescriptor,
    properties: WriterPropertiesPtr,
    limits: Limits,
    state: Mutex<State>,
    turn: Condvar,
}

struct State {
    writer: SerializedFileWriter<NamedTempFile>,
    /// The part that may write.
    part: usize,
    rows: u64,
    failed: bool,
}

/// A part of a table in the making.
pub(super) struct Part<'s> {
    shared: &'s Shared,
    number: usize,
    columns: Vec<Column>,
    rows: usize,
    groups: Vec<Group>,
    held: usize,
    /// What went wrong; the rows after it are dropped.
    error: Option<ExportError>,
    /// Whether it came to its end, well or not.
    done: bool,
}

/// Nobody waits for a part that will never be whole.
impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.shared.state().failed = true;
            self.shared.turn.notify_all();
        }
    }
}

/// Writes the table `schema` to the file `path` (under a temporary name until it is whole); the number of its rows. `fill` makes the rows
/// of one of `parts` parts.
pub(super) fn write(
    schema: &'static Schema,
    path: &Path,
    parts: usize,
    fill: &(dyn Fn(usize, &mut Part<'_>) + Sync),
) -> Result<u64, ExportError> {
    write_within(LIMITS, schema, path, parts, fill)
}

fn write_within(
    limits: Limits,
    schema: &'static Schema,
    path: &Path,
    parts: usize,
    fill: &(dyn Fn(usize, &mut Part<'_>) + Sync),
) -> Result<u64, ExportError> {
    let failed = |source| ExportError::Parquet {
        table: schema.table,
        source,
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let file = temporary(folder).map_err(ExportError::io(path))?;
    let root = root(schema).map_err(failed)?;
    let properties = properties(schema);
    let writer = SerializedFileWriter::new(file, root.clone(), properties.clone());
    let shared = Shared {
        schema,
        descriptor: SchemaDescriptor::new(root),
        properties,
        limits,
        state: Mutex::new(State {
            writer: writer.map_err(failed)?,
            part: 0,
            rows: 0,
            failed: false,
        }),
        turn: Condvar::new(),
    };
    fill_all(&shared, parts, fill)?;
    let state = shared
        .state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let file = state.writer.into_inner().map_err(failed)?;
    file.as_file().sync_all().map_err(ExportError::io(path))?;
    file.persist(path)
        .map_err(|error| ExportError::io(path)(error.error))?;
    Ok(state.rows)
}

/// Fills all parts on as many threads as the analysis has, each part after the other.
fn fill_all(
    shared: &Shared,
    parts: usize,
    fill: &(dyn Fn(usize, &mut Part<'_>) + Sync),
) -> Result<(), ExportError> {
    let next = AtomicUsize::new(0);
    let threads = rayon::current_num_threads().clamp(1, parts.max(1));
    let work = || -> Result<(), ExportError> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= parts {
                return Ok(());
            }
            let mut part = Part::new(shared, number);
            fill(number, &mut part);
            part.finish()?;
        }
    };
    let results: Vec<Result<(), ExportError>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .map(|result| result.unwrap_or(Err(ExportError::Stopped)))
            .collect()
    });
    // The reason, not that the others stopped.
    let mut errors: Vec<ExportError> = results.into_iter().filter_map(Result::err).collect();
    errors.sort_by_key(|error| matches!(error, ExportError::Stopped));
    errors.into_iter().next().map_or(Ok(()), Err)
}

/// A file under a temporary name, with the permissions of any new file.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hprof-suspects-").suffix(".tmp");
    crate::platform::like_any_new_file(&mut builder);
    builder.tempfile_in(folder)
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: ParquetError) -> ExportError {
        ExportError::Parquet {
            table: self.schema.table,
            source,
        }
    }
}

impl<'s> Part<'s> {
    fn new(shared: &'s Shared, number: usize) -> Part<'s> {
        Part {
            shared,
            number,
            columns: shared.schema.fields.iter().map(Column::new).collect(),
            rows: 0,
            groups: Vec::new(),
            held: 0,
            error: None,
            done: false,
        }
    }

    /// Adds a row: a value for each column.
    pub fn row<const N: usize>(&mut self, values: [Value<'_>; N]) {
        if self.error.is_some() {
            return;
        }
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
        self.rows += 1;
        if self.rows == self.shared.limits.rows {
            let encoded = self.encode();
            self.error = encoded.and_then(|()| self.make_room()).err();
        }
    }

    /// Encodes the rows that came since the last time.
    fn encode(&mut self) -> Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = Group {
            columns: Vec::with_capacity(self.columns.len()),
            bytes: 0,
        };
        for (i, column) in self.columns.iter_mut().enumerate() {
            let (bytes, result) =
                encode(&self.shared.descriptor, &self.shared.properties, i, column)
                    .map_err(|e| self.shared.failed(e))?;
            group.bytes += bytes.len();
            group.columns.push((bytes, result));
            column.clear();
        }
        self.rows = 0;
        self.held += group.bytes;
        self.groups.push(group);
        Ok(())
    }

    /// Writes what is encoded where that is much, when it is this part's turn.
    fn make_room(&mut self) -> Result<(), ExportError> {
        match self.held > self.shared.limits.held {
            true => self.write(false),
            false => Ok(()),
        }
    }

    /// Waits for this part's turn and writes what is encoded; `last` lets the next part write.
    fn write(&mut self, last: bool) -> Result<(), ExportError> {
        let mut state = self.shared.state();
        while state.part != self.number && !state.failed {
            state = self
                .shared
                .turn
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.failed {
            return Err(ExportError::Stopped);
        }
        self.held = 0;
        for group in self.groups.drain(..) {
            if let Err(error) = state.append(group) {
                return Err(self.shared.failed(error));
            }
        }
        if last {
            state.part += 1;
            self.shared.turn.notify_all();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), ExportError> {
        let before = self.error.take().map_or(Ok(()), Err);
        let done = before
            .and_then(|()| self.encode())
            .and_then(|()| self.write(true));
        self.done = done.is_ok();
        done
    }
}

impl State {
    fn append(&mut self, group: Group) -> Result<(), ParquetError> {
        let mut row_group = self.writer.next_row_group()?;
        let mut rows = 0;
        for (bytes, result) in group.columns {
            rows = result.rows_written;
            row_group.append_column(&bytes, result)?;
        }
        row_group.close()?;
        self.rows += rows;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::super::schema::FRAMES;
    use super::*;

    /// Rows of part `number`: those of some parts fill a row group.
    fn rows(number: usize) -> usize {
        [3, LIMITS.rows + 7, 0, 1][number % 4]
    }

    fn table(
        parts: usize,
        fill: &(dyn Fn(usize, &mut Part<'_>) + Sync),
    ) -> Result<(u64, Vec<i64>), ExportError> {
        let folder = tempfile::tempdir().map_err(ExportError::io(Path::new(".")))?;
        let path = folder.path().join("frames.parquet");
        let threads = rayon::ThreadPoolBuilder::new().num_threads(4).build();
        let written = threads.map_or(Err(ExportError::Stopped), |pool| {
            pool.install(|| write(&FRAMES, &path, parts, fill))
        })?;
        let file = std::fs::File::open(&path).map_err(ExportError::io(&path))?;
        let reader = SerializedFileReader::new(file).expect("a Parquet file");
        let numbers = reader.get_row_iter(None).expect("rows").map(|row| {
            let row = row.expect("a row");
            parquet::record::RowAccessor::get_long(&row, 0).expect("a number")
        });
        let numbers = numbers.collect();
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 1, "no file under another name is left");
        Ok((written, numbers))
    }

    fn row(part: &mut Part<'_>, number: usize) {
        let name = text("a");
        part.row([
            Value::count(number as u64),
            Value::Null,
            Value::count(0),
            Value::Text(&name),
            Value::Text(&name),
            Value::Null,
            Value::Null,
        ]);
    }

    /// Whatever part is done first, the rows are in the order of the parts.
    #[test]
    fn parts_are_written_in_their_order() {
        let parts = 9;
        let (written, numbers) = table(parts, &|number, part| {
            // The first parts are the slowest.
            std::thread::sleep(Duration::from_millis(5 * (parts - number) as u64));
            (0..rows(number)).for_each(|_| row(part, number));
        })
        .expect("a table");
        let expected: Vec<i64> = (0..parts)
            .flat_map(|n| std::iter::repeat_n(n as i64, rows(n)))
            .collect();
        assert_eq!(written as usize, expected.len());
        assert!(numbers == expected);
    }

    /// A row without a value that must be there is an error, and nobody waits for its part.
    #[test]
    fn one_part_that_fails_ends_all() {
        let failed = table(20, &|number, part| match number {
            3 => part.row([Value::Null; 7]),
            _ => row(part, number),
        });
        assert!(
            matches!(
                failed,
                Err(ExportError::Parquet {
                    table: "frames",
                    ..
                })
            ),
            "{failed:?}"
        );
    }

    /// A part that has to wait holds a few row groups, however many rows it has, and goes on with one when it may write.
    #[test]
    fn few_row_groups_are_in_memory() {
        let limits = Limits {
            rows: 50,
            held: 4_000,
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("frames.parquet");
        let (parts, groups) = (3, 60);
        let most: [AtomicUsize; 3] = Default::default();
        let largest = AtomicUsize::new(0);
        let fill = |number: usize, part: &mut Part<'_>| {
            if number == 0 {
                std::thread::sleep(Duration::from_millis(100));
            }
            for _ in 0..groups * limits.rows {
                row(part, number);
                most[number].fetch_max(part.groups.len(), Ordering::Relaxed);
                let bytes = part.groups.iter().map(|group| group.bytes).max();
                largest.fetch_max(bytes.unwrap_or(0), Ordering::Relaxed);
                assert!(part.rows < limits.rows, "rows are encoded as they come");
                assert!(part.held <= limits.held, "what is encoded is written");
            }
        };
        let threads = rayon::ThreadPoolBuilder::new().num_threads(parts).build();
        let written = threads
            .expect("threads")
            .install(|| write_within(limits, &FRAMES, &path, parts, &fill));
        assert_eq!(
            written.expect("a table"),
            (parts * groups * limits.rows) as u64
        );
        // So many fit into what may wait, far fewer than there are.
        let fit = limits.held / largest.into_inner() + 1;
        for most in most.map(AtomicUsize::into_inner) {
            assert!(
                (1..groups / 3).contains(&most),
                "{most} row groups of {groups}"
            );
            assert!(most <= fit.max(2), "{most} row groups, {fit} fit");
        }
        let file = std::fs::File::open(&path).expect("the table");
        let reader = SerializedFileReader::new(file).expect("a Parquet file");
        assert_eq!(reader.num_row_groups(), parts * groups);
    }
}
