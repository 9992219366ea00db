//! Texts that look like evidence and are none: memory of the whole machine, percentages, pages of unknown size, errors.

use super::super::table::{decimal, is_digits};
use super::super::{Document, Evidence, Found, Here, Quantity, Resident};
use super::{ANY, Format, Letters, Sought};

pub(super) const FORMAT: Format = Format {
    name: "no evidence",
    letters: ANY,
    read,
};

const MACHINE: &str = "memory of the whole machine, not of a process or container: take /proc/PID/status or `ps -o pid,rss,comm`";
const RECORDING: &str = "a summary of a JFR recording: counts of events, no memory; take `jfr print --events jdk.ResidentSetSize,jdk.GCHeapSummary`";
const THREADS: &str = "a thread dump, no sizes of memory: take `jcmd PID VM.native_memory summary`";
const STATM: &str =
    "pages of unknown size (/proc/PID/statm or stat): take /proc/PID/status, which says kB";
const ERROR: &str =
    "an error message of a tool, no numbers: metrics are not available, or the command failed";
const BARE: &str =
    "a bare number, without unit and without process: give it as --rss or --limit with its unit";
const PERCENT: &str = "percentages (%) without a size or a name: take the size in bytes, e.g. `docker stats --no-stream`";
const DISK: &str = "sizes of disks, file systems or images, no memory: take `docker stats` or `kubectl top pod POD --containers`";
const RANGES: &str = "the ranges of the flags of a JVM, not their values: take `jcmd PID VM.flags` or -XX:+PrintFlagsFinal";
const PROCESSOR: &str =
    "use of the processor, no memory: take `pidstat -r`, `ps -o pid,rss,comm` or /proc/PID/status";
pub(super) const REQUESTS: &str = "memory requests of pods: neither a limit nor what is used; take `kubectl top pod POD --containers` and `kubectl describe pod`";
const MIXED: &str = "lines of several pods or containers, mixed as they came: give the log of each as a file of its own";

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    // With the command before it, a bare number has its unit and its process.
    if is_digits(first.trim()) && is_rss_of_ps(here) {
        return resident_of_ps(here);
    }
    let why = refusal_of(first, here)?;
    let lines = match why {
        ERROR | BARE => 1,
        _ => {
            1 + here.lines[1..]
                .iter()
                .take_while(|l| !l.text.is_empty())
                .count()
        }
    };
    Some(Found::refused(lines, why))
}

fn refusal_of(line: &str, here: &Here<'_>) -> Option<&'static str> {
    let next = || here.lines.get(1).map_or("", |l| l.text);
    let words = || line.split_whitespace();
    let may_be_vmstat = here.letters.have(Letters::of("memory"));
    let is_vmstat = may_be_vmstat && is_vmstat(line, next());
    if line.starts_with("MemTotal:") || is_free(line, next()) || is_vmstat {
        return Some(MACHINE);
    }
    if line.starts_with("MiB Mem :") || line.starts_with("KiB Mem :") {
        return Some(MACHINE);
    }
    let may_have = |names: &[&str]| names.iter().all(|n| here.letters.have(Letters::of(n)));
    let has =
        |names: &[&str]| may_have(names) && names.iter().all(|name| words().any(|w| w == *name));
    if has(&["kbmemfree", "%memused"]) || has(&["Area", "Used", "Cache", "Noncache"]) {
        return Some(MACHINE);
    }
    let is_df = line.trim_start().starts_with("Filesystem ") && line.contains("Use%");
    let is_images = has(&["REPOSITORY", "TAG", "SIZE"]) || has(&["TYPE", "SIZE", "RECLAIMABLE"]);
    if is_df || is_images {
        return Some(DISK);
    }
    if has(&["PID", "%CPU", "Command"]) && has(&["%usr"]) && !has(&["RSS"]) {
        return Some(PROCESSOR);
    }
    if may_have(&["...", "[]", "}"]) && is_range(line) && (is_range(next()) || next().is_empty()) {
        return Some(RANGES);
    }
    if line.starts_with("Full thread dump ") {
        return Some(THREADS);
    }
    if line.trim_start().starts_with("Event Type")
        && line.contains("Count")
        && line.contains("Size (bytes)")
    {
        return Some(RECORDING);
    }
    if line.starts_with("Name:") && next().starts_with("Roles:") {
        return Some(
            "a node, not a pod: take `kubectl describe pod POD` or `kubectl top pod POD --containers`",
        );
    }
    if words().all(is_digits) && words().count() == 7 || is_stat(line) {
        return Some(STATM);
    }
    is_error(line, here.letters).then_some(ERROR)
}

/// `uintx Name   [ 0  ...  100 ]   {product} {default}`: a row of `-XX:+PrintFlagsRanges`.
fn is_range(line: &str) -> bool {
    line.contains(" ... ") && line.contains('[') && line.contains("] ") && line.ends_with('}')
}

/// The heading of `free`: it has no name for the first column; below it are rows of sizes, `Mem:` or what that is in another language.
fn is_free(line: &str, next: &str) -> bool {
    let words = || line.split_whitespace();
    let is_row = |line: &str| {
        let (label, sizes) = line.split_once(':').unwrap_or(("", ""));
        let is_size = |w: &str| w.starts_with(|c: char| c.is_ascii_digit());
        !label.contains(' ')
            && sizes.split_whitespace().count() >= 3
            && sizes.split_whitespace().all(is_size)
    };
    let is_heading = line.starts_with(' ')
        && words().nth(2).is_some()
        && !line.contains(|c: char| c.is_ascii_digit() || c == ':');
    is_heading && (words().take(3).eq(["total", "used", "free"]) || is_row(next))
        || (line.starts_with("Mem:") || line.starts_with("Swap:"))
            && !line.contains(" used,")
            && line.split_whitespace().count() >= 4
}

/// The heading of `vmstat`, in any width; `vmstat -s`: a number of `K total memory` and the like, one a line.
fn is_vmstat(line: &str, next: &str) -> bool {
    let of_machine = |line: &str| {
        line.trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .split_once(' ')
            .is_some_and(|(unit, what)| {
                matches!(unit, "K" | "k" | "M" | "m" | "") && what.trim_end().ends_with(" memory")
            })
    };
    line.contains("-memory-")
        || line.starts_with("procs ") && line.contains("memory")
        || of_machine(line) && of_machine(next)
}

/// `/proc/PID/stat`: some fifty numbers behind a name in parentheses.
fn is_stat(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit())
        && line.contains(" (")
        && line.contains(") ")
        && line.split_whitespace().count() >= 44
}

/// What tools say when they have no answer.
fn is_error(line: &str, letters: Letters) -> bool {
    const STARTS: [&str; 9] = [
        "error:",
        "Error:",
        "ERROR:",
        "Error from server",
        "Unable to open socket file",
        "No such container",
        "cat: ",
        "bash: ",
        "command terminated",
    ];
    const PARTS: [Sought; 8] = [
        Sought::of("etrics not available"),
        Sought::of("command not found"),
        Sought::of("No such process"),
        Sought::of("Permission denied"),
        Sought::of("java.io.IOException:"),
        Sought::of("Connection refused"),
        Sought::of("No such file or directory"),
        Sought::of("com.sun.tools.attach."),
    ];
    let line = line.trim_start();
    STARTS.iter().any(|start| line.starts_with(start))
        || PARTS.iter().any(|part| part.is_in(line, letters))
}

fn is_rss_of_ps(here: &Here<'_>) -> bool {
    here.context.command_has(&["ps ", "rss="]) || here.context.command_has(&["ps ", "rss", "-h"])
}

/// The answer of `ps -o rss= -p PID`.
fn resident_of_ps(here: &Here<'_>) -> Option<Found> {
    let line = here.first();
    let kib: u64 = line.text.trim().parse().ok()?;
    let quantity = Quantity::Resident(Resident::Process);
    Some(Found::new(
        1,
        vec![Evidence::new(quantity, kib.checked_mul(1024)?, line.number)],
    ))
}

/// What a text that no format knows looks like, and what would serve.
pub(in super::super) fn looks_like(document: &Document) -> String {
    let text = document.text().trim();
    let words = || text.split_whitespace();
    let is_share = |w: &str| w.strip_suffix('%').is_some_and(|n| decimal(n).is_some());
    if text.is_empty() {
        return "the file is empty: nothing was written to it".to_owned();
    }
    // With names before them they are no better.
    let is_table = text
        .lines()
        .take(50)
        .all(|l| l.split_whitespace().any(is_share));
    if is_table && !text.contains("iB") {
        return PERCENT.to_owned();
    }
    if text.lines().take(50).all(|l| l.starts_with("[pod/")) {
        return MIXED.to_owned();
    }
    if words().count() == 7 && words().all(is_digits) {
        return STATM.to_owned();
    }
    if words().take(20).all(|w| decimal(w).is_some()) {
        return BARE.to_owned();
    }
    let is_json = text.starts_with('{')
        || text
            .strip_prefix('[')
            .is_some_and(|rest| rest.trim_start().starts_with(['{', '"', '[', ']']));
    let what = if is_json {
        "JSON of no known shape"
    } else if text.starts_with('<') {
        "HTML or XML"
    } else if text.contains("\tat ") || text.contains("Exception in thread") {
        "a stack trace"
    } else if text.contains('\0') {
        "a binary file"
    } else {
        "not a known kind of evidence"
    };
    format!(
        "{what}: what serves is `kubectl top pod POD --containers`, `docker stats`, /proc/PID/status, `jcmd PID VM.native_memory`, \
         a GC log or Prometheus metrics with their names (see README, Evidence)"
    )
}
