//! From the bytes of a dump to a [`Snapshot`]: the passes in order.

use super::compat::Compat;
pub use super::load_error::LoadError;
use super::need::Need;
pub use super::observer::Observer;
use super::passes::Records;
use super::snapshot::Snapshot;
use crate::input::limits::Available;

/// How to analyse.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// Which rules to follow: the JVM's or MAT's.
    pub compat: Compat,
    /// Which of several dumps in the file, from 1.
    pub dump_number: usize,
    /// Most anonymous memory to use, and who says so; `None` for no limit.
    pub limit: Option<Available>,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions {
            compat: Compat::default(),
            dump_number: 1,
            limit: None,
        }
    }
}

/// What an analysis of the dump in `bytes` will take. Reads it once, without building anything.
///
/// # Errors
/// When the bytes are no dump.
pub fn estimate(
    bytes: &[u8],
    options: LoadOptions,
    observer: &dyn Observer,
) -> Result<Need, LoadError> {
    Ok(Records::read(bytes, options.dump_number, observer)?.need())
}

/// Analyses the dump in `bytes`.
///
/// # Errors
/// When the bytes are no dump, or the analysis would not fit [`LoadOptions::limit`]. Damage is not an error: see
/// [`Snapshot::damage`].
pub fn load<'a>(
    bytes: &'a [u8],
    options: LoadOptions,
    observer: &dyn Observer,
) -> Result<Snapshot<'a>, LoadError> {
    let records = Records::read(bytes, options.dump_number, observer)?;
    let need = records.need();
    if let Some(limit) = options.limit.filter(|limit| need.bytes > limit.bytes) {
        return Err(LoadError::NeedsMemory { need, limit });
    }
    records
        .place(options.compat, observer)
        .refer(observer)
        .measure(observer)
        .dominate(observer)
}
