//! The report itself, and reports made from saved ones.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::args::{Content, DetailArg, OutputArgs};
use super::command_line::Args;
use super::commands::{ExploreArgs, RenderArgs};
use super::exit::{Exit, Failure};
use super::incident::{self, Incident};
use super::open;
use super::series::{self, Given, Series};
use super::terminal::{WIDTH, is_utf8, terminal_rows, terminal_width, wanted_width};
use crate::analyze::{self, Analysis, Options, growth, overview};
use crate::growth::InputKind;
use crate::labels::Labels;
use crate::packed;
use crate::report::model::Warning;
use crate::report::output::{self, Output, OutputError, Target};
use crate::report::units::Units;
use crate::report::{Detail, Parts, RenderOptions, Report, describe, json, neutralise};
use crate::verdict::clean_name;
use crate::verdict::decision::Thresholds;
use crate::verdict::evidence::{self, Document, Evidence, Quantity, Resident};
use crate::verdict::observed::Observed;

/// Analyses the dump, compares it with earlier ones, and writes the report.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let outputs = outputs(&args.output)?;
    let paths = args.content.baseline.iter().chain(&args.dumps);
    if paths.clone().next().is_none() {
        output::check(&outputs, None)?;
    }
    for path in paths {
        output::check(&outputs, Some(path))?;
    }
    let Series {
        earlier,
        last,
        warnings,
    } = series::read(args.content.baseline.iter().chain(&args.dumps))?;
    match last {
        Given::Dump(mut incident) => {
            incident.warnings.extend(warnings);
            report_on_dump(args, &outputs, earlier, incident)
        }
        Given::Report(report, _) => {
            let input = (*report, InputKind::Report);
            report_on_saved(args, &outputs, earlier, input, warnings)
        }
        Given::Histogram(input) => {
            let input = (growth::of_histogram(&input), InputKind::Histogram);
            report_on_saved(args, &outputs, earlier, input, warnings)
        }
        Given::Course(folder) => report_on_course(args, &outputs, earlier, folder, warnings),
    }
}

/// What `explore` begins with: the dump with what is beside it, and the options of its report, with earlier inputs read.
pub fn explored(args: &ExploreArgs) -> Result<(Incident, Options), Failure> {
    let Series {
        earlier,
        last,
        warnings,
    } = series::read(args.dumps.iter())?;
    let Given::Dump(mut incident) = last else {
        return Err(Failure::Usage(
            "the last input is what is explored, and must be a dump".to_owned(),
        ));
    };
    let content = Content {
        evidence: args.evidence.clone(),
        container: args.container.clone(),
        application: args.application.clone(),
        waste: args.waste,
        show_values: args.show_values,
        ..Content::default()
    };
    let mut options = options(&content, &mut incident)?;
    options.earlier = series::inputs(earlier, &args.reading, &options)?;
    // Neither shows a picture.
    options.parts = Parts::Text;
    incident.warnings.extend(warnings);
    Ok((incident, options))
}

/// Where reports go. What is no text does not go to a terminal.
fn outputs(args: &OutputArgs) -> Result<Vec<Output>, Failure> {
    let outputs = output::outputs(&args.output, args.format)?;
    let no_text = outputs
        .iter()
        .find(|output| output.target == Target::StandardOutput && output.format.is_binary());
    match no_text.filter(|_| std::io::stdout().is_terminal()) {
        Some(output) => Err(OutputError::NoText {
            format: output.format.to_string(),
        }
        .into()),
        None => Ok(outputs),
    }
}

/// The verdict and the files, for whoever sees no report: on a terminal only, and where nothing went to standard output.
fn say_what_was_written(report: &Report, outputs: &[Output], units: Units) {
    let files: Vec<String> = outputs.iter().filter_map(written).collect();
    if files.len() < outputs.len() || !std::io::stderr().is_terminal() {
        return;
    }
    let headline = neutralise::plain(&describe::headline(report, units), is_utf8());
    anstream::eprintln!("{headline}\nwritten: {}", files.join(", "));
}

/// A file that was written, with its size.
fn written(output: &Output) -> Option<String> {
    let Target::File(path) = &output.target else {
        return None;
    };
    let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let name = neutralise::plain(&path.display().to_string(), true);
    Some(format!("{name} ({})", Units::default().bytes(bytes)))
}

fn report_on_dump(
    args: &Args,
    outputs: &[Output],
    earlier: Vec<Given>,
    mut incident: Incident,
) -> Result<Exit, Failure> {
    let dump = &incident.dump.clone();
    output::check(outputs, Some(dump))?;
    let mut options = options(&args.content, &mut incident)?;
    let parts = outputs.iter().map(|output| output.format.parts());
    options.parts = parts.max().unwrap_or_default();
    options.earlier = series::inputs(earlier, &args.reading, &options)?;
    options.earlier.append(&mut incident.course);
    let input = open::open_file(dump, &args.reading)?;
    let how = (&args.reading, args.content.show_values);
    let warnings = std::mem::take(&mut incident.warnings);
    let (snapshot, analysis) = open::analyze_input(&input, how, &options, warnings)?;
    let writing = Instant::now();
    write(
        &analysis.report,
        outputs,
        Some(dump),
        &args.output,
        args.content.top,
    )?;
    if args.reading.verbose {
        let seconds = writing.elapsed().as_secs_f64();
        anstream::eprintln!("{:>20} {seconds:>7.3} s wall", "writing");
    }
    let exit = gate(&analysis, &args.content);
    // The process ends here; giving back gigabytes of tables piece by piece would only cost time.
    std::mem::forget(snapshot);
    Ok(exit)
}

/// A folder with class histograms and other evidence over time, and no dump.
fn report_on_course(
    args: &Args,
    outputs: &[Output],
    earlier: Vec<Given>,
    mut folder: Incident,
    mut warnings: Vec<Warning>,
) -> Result<Exit, Failure> {
    let mut course = std::mem::take(&mut folder.course);
    let Some(last) = course.pop() else {
        return Err(Failure::Usage("name a dump".to_owned()));
    };
    let options = options(&args.content, &mut folder)?;
    let mut report = growth::of_histogram(&last);
    analyze::add_evidence(&mut report, &options);
    warnings.append(&mut folder.warnings);
    let mut inputs = series::inputs(earlier, &args.reading, &options)?;
    inputs.append(&mut course);
    growth::compare_input(&mut report, &last, &inputs, &options.thresholds);
    report_on_growth(args, outputs, report, (&options.labels, warnings))
}

/// The last input is a saved report, or what is known of a histogram: what grew is added, and decides where it can.
fn report_on_saved(
    args: &Args,
    outputs: &[Output],
    earlier: Vec<Given>,
    (mut report, kind): (Report, InputKind),
    warnings: Vec<Warning>,
) -> Result<Exit, Failure> {
    if earlier.is_empty() {
        return Err(Failure::Usage(
            "a saved report or histogram is compared with a later input: name that too; `hprof-suspects render REPORT` makes another format".to_owned(),
        ));
    }
    let mut none = Incident::default();
    let options = options(&args.content, &mut none)?;
    let inputs = series::inputs(earlier, &args.reading, &options)?;
    growth::compare(&mut report, kind, &inputs, &options.thresholds);
    report_on_growth(args, outputs, report, (&options.labels, warnings))
}

/// Writes a report of what grew, which has no dump of its own.
fn report_on_growth(
    args: &Args,
    outputs: &[Output],
    mut report: Report,
    (labels, warnings): (&Labels, Vec<Warning>),
) -> Result<Exit, Failure> {
    report.warnings.extend(warnings);
    let values_shown = report.tool.values_shown;
    let labels = overview::labels(labels, values_shown);
    report.labels.extend(labels);
    write(
        &report,
        outputs,
        args.dumps.last().map(PathBuf::as_path),
        &args.output,
        args.content.top,
    )?;
    let gates = &args.content.fail_on;
    let grown = report.growth.as_ref().map(growth::measured);
    let is_met = gates
        .iter()
        .any(|gate| gate.is_met_without_dump(report.verdict.heap, grown.as_ref()));
    Ok(match is_met {
        true => Exit::GateExceeded,
        false => Exit::Analysed,
    })
}

/// Makes another format from a saved report.
pub fn render_saved(args: &RenderArgs) -> Result<Exit, Failure> {
    let outputs = outputs(&args.output)?;
    let name = neutralise::plain(&args.report.display().to_string(), true);
    let file = std::fs::File::open(&args.report);
    let bytes = file
        .and_then(|file| packed::read(file, series::LONGEST_TEXT))
        .map_err(|error| {
            let what = match error.kind() {
                std::io::ErrorKind::NotFound => "no such file; check the path".to_owned(),
                std::io::ErrorKind::IsADirectory => "a folder; name the report in it".to_owned(),
                _ => error.to_string(),
            };
            Failure::Other(format!("{name}: {what}"))
        })?;
    let report = json::parse(&bytes).map_err(|error| {
        Failure::Other(format!(
            "{name}: {error}; a report to render is made with: hprof-suspects DUMP -o report.json"
        ))
    })?;
    let top = report
        .tool
        .options
        .get("top")
        .and_then(|top| super::args::rows(top).ok())
        .unwrap_or(Options::default().top);
    write(&report, &outputs, Some(&args.report), &args.output, top)?;
    Ok(Exit::Analysed)
}

pub(super) fn gate(analysis: &Analysis, content: &Content) -> Exit {
    let exit = if content
        .fail_on
        .iter()
        .any(|gate| gate.is_met(&analysis.decision, &analysis.facts))
    {
        Exit::GateExceeded
    } else {
        Exit::Analysed
    };
    exit.strict(content.strict, analysis.report.dump.complete)
}

/// The options, with the evidence of `incident` and the files that were named; what was no evidence is noted in `incident`.
pub(super) fn options(content: &Content, incident: &mut Incident) -> Result<Options, Failure> {
    let mut sources = std::mem::take(&mut incident.evidence);
    for path in &content.evidence {
        if path.is_dir() {
            let folder = evidence::read_folder(path)?;
            incident.warnings.extend(incident::skipped(&folder.sources));
            sources.extend(folder.sources);
        } else {
            sources.push(evidence::read_source(&Document::read(path)?, path)?);
        }
    }
    let mut sources = evidence::arrange(sources, content.order.into())?;
    let mut facts: Vec<Evidence> = Vec::new();
    for source in &mut sources {
        // Reports travel: names of folders stay here.
        let name = clean_name(&source.name());
        facts.extend(
            std::mem::take(&mut source.facts)
                .into_iter()
                .map(|mut fact| {
                    fact.source.file.clone_from(&name);
                    fact
                }),
        );
    }
    check_container(content, &facts)?;
    let given = [
        (content.rss, Quantity::Resident(Resident::Process), "--rss"),
        (content.limit, Quantity::Limit, "--limit"),
        (
            content.growth,
            Quantity::Growth(Resident::Process),
            "--growth",
        ),
    ];
    facts.extend(
        given.into_iter().filter_map(|(bytes, quantity, option)| {
            Some(evidence::given(quantity, bytes?, option))
        }),
    );
    let mut thresholds = Thresholds::default();
    for text in &content.threshold {
        thresholds.set(text).map_err(Failure::Usage)?;
    }
    let mut labels = std::mem::take(&mut incident.labels);
    labels.extend(content.label.iter().cloned());
    let mut further_options = BTreeMap::new();
    if !content.threshold.is_empty() {
        further_options.insert("threshold".to_owned(), content.threshold.join(" "));
    }
    Ok(Options {
        thresholds,
        further: further_options,
        top: content.top,
        suspects: content.suspects.into(),
        waste: content.waste,
        labels,
        evidence: facts,
        evidence_files: sources,
        container: content.container.clone(),
        application: content.application.clone(),
        earlier: Vec::new(),
        parts: Parts::All,
    })
}

/// A container that no evidence is about is a mistake in typing.
fn check_container(content: &Content, facts: &[Evidence]) -> Result<(), Failure> {
    let Some(name) = &content.container else {
        return Ok(());
    };
    if facts.is_empty() {
        let message = "--container picks one of the containers in the evidence, and there is none: give --evidence FILE as well";
        return Err(Failure::Usage(message.to_owned()));
    }
    Observed::check_container(facts, name).map_err(Failure::Usage)
}

fn write(
    report: &Report,
    outputs: &[Output],
    source: Option<&Path>,
    args: &OutputArgs,
    top: usize,
) -> Result<(), Failure> {
    let plain = RenderOptions {
        detail: if args.detail == DetailArg::Full {
            Detail::Full
        } else {
            Detail::Default
        },
        width: WIDTH,
        rows: None,
        unicode: true,
        colour: false,
        exact_bytes: args.bytes,
        top,
    };
    let terminal = RenderOptions {
        width: wanted_width().or_else(terminal_width).unwrap_or(WIDTH),
        rows: terminal_rows(),
        unicode: is_utf8(),
        colour: anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
        ..plain
    };
    let on_terminal = std::io::stdout().is_terminal();
    let options_for = |output: &Output| match output.target {
        Target::StandardOutput if on_terminal => terminal,
        Target::StandardOutput => RenderOptions {
            width: wanted_width().unwrap_or(WIDTH),
            unicode: is_utf8(),
            ..plain
        },
        Target::File(_) => plain,
    };
    output::write_all(
        report,
        outputs,
        source,
        options_for,
        &mut std::io::stdout().lock(),
    )?;
    say_what_was_written(report, outputs, Units { exact: args.bytes });
    Ok(())
}
