//! An incident folder given where a dump is expected.

use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::collect::open_incident;
use crate::labels::{self, Labels};
use crate::report::model::Warning;
use crate::report::neutralise;
use crate::sentence;
use crate::verdict::evidence::SourceFile;

/// What a name on the command line stands for: a dump, or a folder with a dump and evidence.
#[derive(Debug, Default)]
pub struct Incident {
    /// The dump.
    pub dump: PathBuf,
    /// Evidence beside it.
    pub evidence: Vec<SourceFile>,
    /// Labels that its manifest has.
    pub labels: Labels,
    /// Files that were not read.
    pub warnings: Vec<Warning>,
}

/// Looks whether `path` is a folder.
///
/// # Errors
/// When it is a folder without a dump.
pub fn resolve(path: &Path) -> Result<Incident, Failure> {
    if !path.is_dir() {
        return Ok(Incident {
            dump: path.to_owned(),
            ..Incident::default()
        });
    }
    let incident = open_incident(path).map_err(|error| {
        Failure::Other(format!(
            "{error}; a directory is read as an incident folder: one dump and the evidence beside it"
        ))
    })?;
    Ok(Incident {
        dump: incident.dump,
        labels: labels::sound(&incident.manifest.map(|m| m.labels).unwrap_or_default()),
        warnings: skipped(&incident.evidence.sources),
        evidence: incident.evidence.sources,
    })
}

/// More files that say nothing than anybody reads about; the section EVIDENCE lists them.
const MOST_SKIPPED: usize = 20;

/// Files of a folder that are no evidence, as warnings: whoever put them there had a reason.
pub fn skipped(sources: &[SourceFile]) -> Vec<Warning> {
    let warning = |(name, why): (String, String)| Warning {
        code: "evidence_skipped".to_owned(),
        message: sentence!("{} was not used: {}", neutralise::plain(&name, true), why),
        ..Warning::default()
    };
    let refused = |source: &SourceFile| Some((source.name(), source.refused.clone()?));
    let all = sources.iter().filter_map(refused);
    all.take(MOST_SKIPPED).map(warning).collect()
}
