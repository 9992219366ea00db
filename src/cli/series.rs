//! Several inputs of one program: what each is, and in which order they are.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::allocator;
use super::args::Reading;
use super::dump_time::{prefix, time_of_dump};
use super::exit::Failure;
use super::incident::{self, Incident};
use super::open;
use super::progress::Progress;
use crate::analyze::{FileFacts, Options, growth, overview};
use crate::growth::{Input, InputKind, histogram};
use crate::packed;
use crate::report::model::Warning;
use crate::report::{Report, json, neutralise};
use crate::verdict::evidence::Evidence;

/// Longest saved report or histogram that is read, in bytes, unpacked.
pub(super) const LONGEST_TEXT: u64 = 1 << 30;

/// What a name on the command line stands for.
pub enum Given {
    /// A dump, or a folder with one and evidence.
    Dump(Incident),
    /// A saved report and the name of its file.
    Report(Box<Report>, String),
    /// A class histogram.
    Histogram(Box<Input>),
    /// A folder without a dump, with class histograms over time.
    Course(Incident),
}

/// All inputs, oldest first.
pub struct Series {
    /// Those before the last one.
    pub earlier: Vec<Given>,
    /// The last one, which is reported on.
    pub last: Given,
    /// What is odd about their order.
    pub warnings: Vec<Warning>,
}

/// Looks what the arguments name, and puts it in the order of time. Where not all say when they were taken, the order of the arguments
/// counts.
pub fn read<'p>(paths: impl Iterator<Item = &'p PathBuf>) -> Result<Series, Failure> {
    let mut all: Vec<(Option<String>, Given)> = Vec::new();
    for path in paths {
        let given = given(path)?;
        let time = match &given {
            Given::Dump(incident) => {
                let time = time_of_dump(&incident.dump).and_then(|time| u64::try_from(time.0).ok());
                time.and_then(overview::captured_at)
            }
            Given::Report(report, _) => report.dump.captured_at.clone(),
            Given::Histogram(_) => None,
            Given::Course(folder) => {
                let last = folder.course.last();
                last.and_then(|input| input.facts.captured_at.clone())
            }
        };
        all.push((time, given));
    }
    let mut warnings = Vec::new();
    let timed = all.iter().all(|(time, _)| time.is_some());
    let known: Vec<&String> = all.iter().filter_map(|(time, _)| time.as_ref()).collect();
    if !timed && !known.is_sorted() {
        warnings.push(Warning {
            code: "order_of_inputs".to_owned(),
            message: "the inputs are compared in the order of the arguments, since not all of them say when they were taken; those that do were \
                      not named in the order of their times"
                .into(),
            ..Warning::default()
        });
    }
    if timed && !all.is_sorted_by(|(a, _), (b, _)| a <= b) {
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        warnings.push(Warning {
            code: "order_of_inputs".to_owned(),
            message: "the inputs were not named in the order of their times; they are compared in the order of their times".into(),
            ..Warning::default()
        });
    }
    let Some((_, last)) = all.pop() else {
        return Err(Failure::Usage("name a dump".to_owned()));
    };
    let earlier = all.into_iter().map(|(_, given)| given).collect();
    Ok(Series {
        earlier,
        last,
        warnings,
    })
}

fn given(path: &Path) -> Result<Given, Failure> {
    let prefix = prefix(path);
    let begins_json = prefix.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if begins_json {
        return Ok(Given::Report(Box::new(report(path)?), file_name(path)));
    }
    if histogram::is_histogram(&prefix) {
        let name = file_name(path);
        let text = String::from_utf8_lossy(&bytes(path)?).into_owned();
        return Ok(Given::Histogram(Box::new(histogram::read(&text, &name))));
    }
    let incident = incident::resolve_course(path)?;
    Ok(match incident.dump.as_os_str().is_empty() {
        true => Given::Course(incident),
        false => Given::Dump(incident),
    })
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = neutralise::plain(&path.display().to_string(), true);
    let failure = |error: std::io::Error| Failure::Other(format!("{name}: {error}"));
    let file = File::open(path).map_err(failure)?;
    packed::read(file, LONGEST_TEXT).map_err(failure)
}

fn report(path: &Path) -> Result<Report, Failure> {
    let name = neutralise::plain(&path.display().to_string(), true);
    json::parse(&bytes(path)?).map_err(|error| {
        Failure::Other(format!(
            "{name}: {error}; a report to compare with is made with: hprof-suspects DUMP -o report.json"
        ))
    })
}

/// The earlier inputs as a comparison needs them. Dumps are read one after the other, so that only one is in memory.
pub fn inputs(
    earlier: Vec<Given>,
    reading: &Reading,
    options: &Options,
) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for given in earlier {
        match given {
            Given::Dump(incident) => {
                inputs.push(dump(&incident, reading, options)?);
                allocator::give_back();
            }
            Given::Report(report, name) => {
                let mut input = growth::input(&report, InputKind::Report);
                input.facts.file = name;
                inputs.push(input);
            }
            Given::Histogram(input) => inputs.push(*input),
            Given::Course(folder) => inputs.extend(folder.course),
        }
    }
    Ok(inputs)
}

fn dump(incident: &Incident, reading: &Reading, options: &Options) -> Result<Input, Failure> {
    let input = open::open_file(&incident.dump, reading)?;
    let began = std::time::Instant::now();
    let snapshot = open::load_input(&input, reading)?;
    let progress = Progress::new(reading.verbose, None, began);
    let file = FileFacts::of(&input);
    let facts = incident.evidence.iter().flat_map(|source| &source.facts);
    let evidence: Vec<Evidence> = facts.cloned().collect();
    let earlier = growth::earlier(&snapshot, &file, &evidence, options, &progress);
    progress.finish();
    Ok(earlier)
}
