//! `jcmd PID VM.info` and `hs_err_pid*.log` (the same report): resident set, heap, native memory, container limit, all in one file.

use super::super::size::parse_hotspot;
use super::{
    Document, Facts, Format, Malformed, Quantity, Resident, Subject, clamp, heap_info,
    native_memory,
};

pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.info",
    recognises: |document| {
        document.head(60).any(|l| l.contains("S U M M A R Y"))
            && document.head(40).any(|l| l.starts_with("# Java VM:"))
    },
    parse,
};

fn parse(document: &Document) -> Result<Facts, Malformed> {
    let mut facts = heap_info::facts_of(section(document, "Heap:"))?;
    facts.extend(native_memory::facts_of(document.lines().filter(
        |(_, l)| l.starts_with("Total: reserved=") || l.starts_with('-'),
    ))?);
    let process = document
        .head(1)
        .next()
        .and_then(|l| l.strip_suffix(':'))
        .filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()))
        .map(str::to_owned);
    for (number, line) in document.lines() {
        let broken = || Malformed::new(number, "the size is not understood");
        if let Some(rest) = line.strip_prefix("Resident Set Size: ") {
            let size = rest.split_whitespace().next().and_then(parse_hotspot);
            let subject = Subject {
                process: process.clone(),
                ..Subject::default()
            };
            facts.push((
                Quantity::Resident(Resident::Process),
                clamp(size.ok_or_else(broken)?),
                subject,
                number,
            ));
        } else if let Some(rest) = line.strip_prefix("memory_limit_in_bytes: ") {
            // JDK 17 and later print `unlimited` or a number with the unit k.
            if rest.trim() != "unlimited" {
                let size = parse_hotspot(rest.trim()).ok_or_else(broken)?;
                facts.push((Quantity::Limit, clamp(size), Subject::default(), number));
            }
        }
    }
    if facts.is_empty() {
        return Err(Malformed::new(
            document.lines().count() as u64,
            "the report ends before its sizes (cut off?)",
        ));
    }
    Ok(facts)
}

/// The lines after the line `title` up to the next empty one.
fn section<'a>(document: &'a Document, title: &'a str) -> impl Iterator<Item = (u64, &'a str)> {
    document
        .lines()
        .skip_while(move |(_, l)| *l != title)
        .skip(1)
        .take_while(|(_, l)| !l.trim().is_empty())
}
