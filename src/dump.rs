//! The library in three calls: open a dump, analyse it, make a report.

use std::ops::Deref;
use std::path::Path;

pub use crate::analyze::Options as ReportOptions;
use crate::analyze::{FileFacts, analyze};
use crate::heap::{Compat, LoadError, LoadOptions, ObjectIndex, Snapshot, Unobserved, load};
use crate::input::limits::Available;
use crate::input::{self, Input, InputError, OpenOptions};
use crate::report::Report;

/// A heap dump, opened and not yet analysed.
#[derive(Debug)]
pub struct Dump {
    input: Input,
}

/// How a dump is analysed, and what its report holds.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The rules for edges, roots and sizes: the JVM's or Eclipse MAT's.
    pub compat: Compat,
    /// The most anonymous memory that the analysis may use; `None` for no limit.
    pub memory: Option<Available>,
    /// What the report holds: lengths of lists, evidence, thresholds of the verdict.
    pub report: ReportOptions,
}

/// An analysed dump. It gives access to all of [`Snapshot`].
pub struct Analyzed<'d> {
    input: &'d Input,
    snapshot: Snapshot<'d>,
    options: ReportOptions,
}

/// A dump could not be opened or analysed.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// There is no such file, or it is not a heap dump.
    #[error(transparent)]
    Open(#[from] InputError),
    /// It is a heap dump that cannot be analysed.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl Dump {
    /// Opens a dump: plain, compressed or in an archive. The whole file is read, into memory or into a temporary file, so that nobody can change it
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// [`DumpError::Open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Dump, DumpError> {
        Dump::open_with(
            path,
            &OpenOptions {
                no_mmap: true,
                ..OpenOptions::default()
            },
        )
    }

    /// Opens a dump by mapping it, which is faster and takes no memory. The file must stay as it is while the dump is in use: when it is
    /// cut off meanwhile, the system ends the process (SIGBUS). A report says when the file was changed.
    ///
    /// # Errors
    ///
    /// [`DumpError::Open`].
    pub fn map(path: impl AsRef<Path>) -> Result<Dump, DumpError> {
        Dump::open_with(path, &OpenOptions::default())
    }

    /// Opens a dump as `options` say.
    ///
    /// # Errors
    ///
    /// [`DumpError::Open`].
    pub fn open_with(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Dump, DumpError> {
        let input = input::open(path.as_ref(), options, &|_, _| {})?;
        Ok(Dump { input })
    }

    /// Builds the object graph with its dominator tree and retained sizes.
    ///
    /// # Errors
    ///
    /// [`DumpError::Load`] when the file holds no heap, or one that is too large.
    pub fn analyze(&self, options: &Options) -> Result<Analyzed<'_>, DumpError> {
        let load_options = LoadOptions {
            compat: options.compat,
            dump_number: self.input.dump_number(),
            limit: options.memory,
        };
        let snapshot = load(self.input.bytes(), load_options, &Unobserved)?;
        Ok(Analyzed {
            input: &self.input,
            snapshot: snapshot.with_pages(&self.input),
            options: options.report.clone(),
        })
    }
}

impl Analyzed<'_> {
    /// The topmost objects of the dominator tree, the one that retains most first.
    pub fn dominators(&self) -> Vec<ObjectIndex> {
        let mut objects: Vec<ObjectIndex> = self.snapshot.children(None).collect();
        objects.sort_by_key(|&object| std::cmp::Reverse(self.snapshot.retained(object)));
        objects
    }
}

impl<'d> Deref for Analyzed<'d> {
    type Target = Snapshot<'d>;

    fn deref(&self) -> &Snapshot<'d> {
        &self.snapshot
    }
}

/// The report of an analysed dump: suspects, the memory of the process, the verdict.
pub fn report(analyzed: &Analyzed<'_>) -> Report {
    let file = FileFacts::of(analyzed.input);
    analyze(&analyzed.snapshot, &file, &analyzed.options, &Unobserved).report
}
