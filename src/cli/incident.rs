//! An incident folder given where a dump is expected.

use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::collect::open_incident;
use crate::report::model::Warning;
use crate::report::neutralise;
use crate::sentence;
use crate::verdict::evidence::{Evidence, FolderEvidence};

/// What a name on the command line stands for: a dump, or a folder with a dump and evidence.
#[derive(Debug, Default)]
pub struct Incident {
    /// The dump.
    pub dump: PathBuf,
    /// Evidence beside it.
    pub evidence: Vec<Evidence>,
    /// Files that were not read.
    pub warnings: Vec<Warning>,
}

/// Looks whether `path` is a folder.
///
/// # Errors
/// When it is a folder without a dump, or with broken evidence.
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
        warnings: skipped(&incident.evidence),
        evidence: incident.evidence.facts,
    })
}

/// Files of a folder that are no evidence, as warnings: somebody put them there for a reason.
pub fn skipped(folder: &FolderEvidence) -> Vec<Warning> {
    let warning = |skipped: &crate::verdict::evidence::Skipped| {
        let name = skipped
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        Warning {
            code: "evidence_skipped".to_owned(),
            message: sentence!(
                "{} was not used: {}",
                neutralise::plain(&name, true),
                skipped.why.to_string()
            ),
            ..Warning::default()
        }
    };
    folder.skipped.iter().map(warning).collect()
}
