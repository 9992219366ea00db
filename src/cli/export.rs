//! `export`: tables of a dump, and its report beside them.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use super::exit::{Exit, Failure};
use super::export_args::ExportArgs;
use super::incident;
use super::open;
use super::report;
use crate::export::{self, ExportError, Request};
use crate::numbers::{Units, count};
use crate::report::table::{Align, Table};
use crate::report::{json, output};

/// The report beside the tables.
const REPORT: &str = "report.json";

/// Analyses the dump, writes the report and the tables, and says what was written.
pub fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let request = Request {
        tables: args.tables.clone(),
    };
    request
        .tables(args.content.show_values)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    if !args.content.baseline.is_empty() {
        let message = "export takes one dump: `hprof-suspects EARLIER LATER` compares";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut incident = incident::resolve(&args.dump)?;
    let options = report::options(&args.content, &mut incident)?;
    let input = open::open_file(&incident.dump, &args.reading)?;
    export::prepare_folder(&args.output).map_err(failed)?;
    let began = Instant::now();
    let how = (&args.reading, args.content.show_values);
    let warnings = std::mem::take(&mut incident.warnings);
    let (snapshot, analysis) = open::analyze_input(&input, how, &options, warnings)?;
    let text = json::render(&analysis.report).map_err(|error| Failure::Other(error.to_string()))?;
    output::write_file(
        &args.output.join(REPORT),
        text.as_bytes(),
        Some(&incident.dump),
    )?;
    drop(text);
    let loud = args.reading.verbose || std::io::stderr().is_terminal();
    let begin = |table: &str| {
        if loud {
            let seconds = began.elapsed().as_secs_f64();
            anstream::eprintln!("{seconds:>8.1} s  {table}");
        }
    };
    let done = export::export(&snapshot, &analysis.report, &request, &args.output, &begin);
    let done = done.map_err(failed)?;
    let mut table = Table::new(&[Align::Right, Align::Right, Align::Left], &[]);
    table.head(["Rows", "Bytes", "Table"]);
    let units = Units::default();
    for row in &done {
        table.row([
            count(row.rows),
            units.bytes(row.bytes),
            format!("{}.parquet", row.table),
        ]);
    }
    let mut out = std::io::stdout().lock();
    for line in table.lines(super::terminal::WIDTH, false) {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    let exit = report::gate(&analysis, &args.content);
    // The process ends here; giving back gigabytes of tables piece by piece would only cost time.
    std::mem::forget(snapshot);
    Ok(exit)
}

fn failed(error: ExportError) -> Failure {
    Failure::Other(error.to_string())
}
