//! Reading an incident folder: one heap dump and the evidence beside it.

use super::Manifest;
use crate::verdict::evidence::{EvidenceError, FolderEvidence, read_folder};
use std::path::{Path, PathBuf};

/// An incident folder.
#[derive(Debug)]
pub struct Incident {
    /// The heap dump.
    pub dump: PathBuf,
    /// The evidence.
    pub evidence: FolderEvidence,
    /// The manifest, when `collect` wrote the folder.
    pub manifest: Option<Manifest>,
}

/// Why a folder is not an incident.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// The folder or its evidence cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// There is no heap dump in it.
    #[error("{} holds no heap dump", .0.display())]
    NoDump(PathBuf),
    /// There are several, and nothing says which one is meant.
    #[error("{} holds {} heap dumps: name the one that is meant", folder.display(), dumps.len())]
    SeveralDumps {
        /// The folder.
        folder: PathBuf,
        /// The dumps.
        dumps: Vec<PathBuf>,
    },
}

/// Opens the folder `dir`: its only heap dump (or the one that its manifest names) and all evidence in it.
///
/// # Errors
/// When the folder cannot be read, a file of evidence is broken, or there is not exactly one heap dump.
pub fn open_incident(dir: &Path) -> Result<Incident, IncidentError> {
    let evidence = read_folder(dir)?;
    let manifest = Manifest::read(dir);
    let named = manifest
        .as_ref()
        .and_then(|m| m.dump.as_ref())
        // Compared with what was found, so a manifest cannot point out of the folder.
        .and_then(|name| {
            evidence
                .dumps
                .iter()
                .find(|d| d.file_name().is_some_and(|n| n == name.as_str()))
        });
    let dump = match (named, evidence.dumps.as_slice()) {
        (Some(named), _) => named.clone(),
        (None, [only]) => only.clone(),
        (None, []) => return Err(IncidentError::NoDump(dir.to_owned())),
        (None, several) => {
            return Err(IncidentError::SeveralDumps {
                folder: dir.to_owned(),
                dumps: several.to_vec(),
            });
        }
    };
    Ok(Incident {
        dump,
        evidence,
        manifest,
    })
}
