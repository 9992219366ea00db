//! An incident folder given where a dump is expected.

use std::path::{Path, PathBuf};

use super::course;
use super::dump_time;
use super::exit::Failure;
use crate::collect::{IncidentError, open_incident};
use crate::growth::Input;
use crate::labels::{self, Labels};
use crate::report::model::Warning;
use crate::report::neutralise;
use crate::sentence;
use crate::verdict::evidence::{SourceFile, read_folder};

/// What a name on the command line stands for: a dump, or a folder with a dump and evidence.
#[derive(Default)]
pub struct Incident {
    /// The dump.
    pub dump: PathBuf,
    /// Evidence beside it.
    pub evidence: Vec<SourceFile>,
    /// Class histograms beside it, oldest first.
    pub course: Vec<Input>,
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
    let (incident, error) = open(path)?;
    match error {
        Some(error) => Err(not_an_incident(&error)),
        None => Ok(incident),
    }
}

/// As [`resolve`]; a folder without a dump that has a course of class histograms is one too, with an empty name for the dump.
pub fn resolve_course(path: &Path) -> Result<Incident, Failure> {
    let (incident, error) = open(path)?;
    match error {
        Some(error) if incident.course.len() < 2 => Err(not_an_incident(&error)),
        _ => Ok(incident),
    }
}

fn not_an_incident(error: &IncidentError) -> Failure {
    Failure::Other(format!(
        "{error}; a directory is read as an incident folder: one dump and the evidence beside it"
    ))
}

/// What is there, and what is wrong with it when there is no dump.
fn open(path: &Path) -> Result<(Incident, Option<IncidentError>), Failure> {
    if !path.is_dir() {
        let incident = Incident {
            dump: path.to_owned(),
            ..Incident::default()
        };
        return Ok((incident, None));
    }
    let mut labels = Labels::new();
    let (dump, evidence, error) = match open_incident(path) {
        Ok(incident) => {
            let given = incident.manifest.map(|manifest| manifest.labels);
            labels = labels::sound(&given.unwrap_or_default());
            (incident.dump, incident.evidence, None)
        }
        Err(error @ IncidentError::NoDump(_)) => {
            let evidence = read_folder(path)?;
            (PathBuf::new(), evidence, Some(error))
        }
        Err(error) => return Err(not_an_incident(&error)),
    };
    let end = dump_time::time_of_dump(&dump);
    let incident = Incident {
        dump,
        course: course::histograms(&evidence.sources, end),
        warnings: skipped(&evidence.sources),
        evidence: evidence.sources,
        labels,
    };
    Ok((incident, error))
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
