//! `kubectl top pod`, with and without `--containers`, `-A`, `--no-headers`, `--sum`: the working set of pods and containers.
//!
//! Columns are found by their headings: `NAMESPACE`, `POD`, `NAME`, `CPU(cores)`, `MEMORY(bytes)`. Without headings the last two are
//! processor and memory, and what stands before them is recognised by what names of pods look like. A time before a row is its time.

use super::super::table::is_rule;
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject, Time};
use super::{Format, Letters};
use crate::verdict::{clean_name, size};

pub(super) const FORMAT: Format = Format {
    name: "kubectl top",
    letters: &[
        Letters::of("CPU(MEMORY("),
        Letters::of("NAMECPUMEMORYWINDOW"),
        Letters::of("%"),
        Letters::of("<unknown>"),
        Letters::of("0"),
    ],
    read,
};

const NODES: &str = "memory of nodes, not of a pod: take `kubectl top pod POD --containers`";

/// Which columns a table has, from the left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// `POD NAME`, after further columns.
    Containers,
    /// `NAMESPACE POD NAME`.
    ContainersOfAll,
    /// `NAME`: the pod.
    Pods,
    /// `NAMESPACE NAME`.
    PodsOfAll,
}

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    if is_header(first) {
        let nodes = first.contains("CPU(%)") || first.contains("CPU%") || first.contains("MEMORY%");
        if nodes || asks_for_nodes(here) {
            return Some(Found::refused(1 + rows(&here.lines[1..], is_node), NODES));
        }
        return Some(table(here, 1, columns_of(first), memory_column(first)));
    }
    if is_node(first) {
        return Some(Found::refused(here.run(is_node), NODES));
    }
    row(first)?;
    let columns = guess(here);
    Some(table(here, 0, columns, 0))
}

fn is_header(line: &str) -> bool {
    line.contains("CPU(") && line.contains("MEMORY(") || is_resource_header(line)
}

/// The heading of `kubectl get podmetrics`.
fn is_resource_header(line: &str) -> bool {
    let has = |name: &str| line.split_whitespace().any(|column| column == name);
    ["NAME", "CPU", "MEMORY", "WINDOW"].iter().all(|n| has(n))
}

/// Whether the command was `kubectl top node`; a word like `node7` is the name of a machine.
fn asks_for_nodes(here: &Here<'_>) -> bool {
    ["top node ", "top nodes ", "top no "]
        .iter()
        .any(|asked| here.context.command_has(&[asked]))
        || here
            .context
            .command_ends_with(&["top node", "top nodes", "top no"])
}

fn rows(lines: &[super::super::Line<'_>], belong: fn(&str) -> bool) -> usize {
    lines.iter().take_while(|l| belong(l.text)).count()
}

/// `node-a1   1873m   23%   23552Mi   73%`.
fn is_node(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(7).collect();
    let [_, cpu, cpu_share, memory, share] = words[..] else {
        return false;
    };
    let is_share = |w: &str| w.ends_with('%') || w == "<unknown>";
    is_share(cpu_share)
        && is_share(share)
        && (is_cpu(cpu) && memory_of(memory).is_some() || cpu == "<unknown>")
}

fn columns_of(header: &str) -> Columns {
    let has = |name: &str| header.split_whitespace().any(|column| column == name);
    match (has("NAMESPACE"), has("POD")) {
        (true, true) if !has("NAME") => Columns::PodsOfAll,
        (true, true) => Columns::ContainersOfAll,
        (true, false) => Columns::PodsOfAll,
        (false, true) if !has("NAME") => Columns::Pods,
        (false, true) => Columns::Containers,
        (false, false) => Columns::Pods,
    }
}

/// How many columns stand right of the memory.
fn memory_column(header: &str) -> usize {
    let mut names = header.split_whitespace().rev();
    names
        .position(|name| name.starts_with("MEMORY(") || name == "MEMORY")
        .unwrap_or(0)
}

/// The words of a row before processor and memory, and the bytes.
fn row(line: &str) -> Option<(Vec<&str>, u64)> {
    row_at(line, 0)
}

fn row_at(line: &str, behind: usize) -> Option<(Vec<&str>, u64)> {
    let mut words: Vec<&str> = line.split_whitespace().take(12).collect();
    words.truncate(words.len().checked_sub(behind)?);
    let memory = words.pop()?;
    let cpu = words.pop()?;
    let bytes = memory_of(memory)?;
    (is_cpu(cpu) && !words.is_empty() && is_name(words.last()?)).then_some((words, bytes))
}

/// Bytes of `1022Mi`; a bare number other than 0 is not what kubectl prints.
fn memory_of(text: &str) -> Option<u64> {
    let has_unit = text.ends_with(|c: char| c.is_ascii_alphabetic()) || text == "0";
    has_unit.then(|| size::parse(text).ok())?
}

/// `12m`, `2`, `1500n`.
fn is_cpu(text: &str) -> bool {
    let digits = text.trim_end_matches(['m', 'n', 'u']);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word can be the name of a pod or container: letters, digits, hyphens, points.
fn is_name(word: &str) -> bool {
    // The pause container of older clusters.
    word == "POD"
        || word.contains(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
}

/// The columns of a table without headings.
fn guess(here: &Here<'_>) -> Columns {
    let rows: Vec<Vec<&str>> = here
        .lines
        .iter()
        .map_while(|l| row(l.text))
        .take(200)
        .map(|(words, _)| without_time(&words).1.to_vec())
        .collect();
    let names = rows.first().map_or(0, Vec::len);
    if here.context.command_has(&["--containers"]) {
        return if names > 2 {
            Columns::ContainersOfAll
        } else {
            Columns::Containers
        };
    }
    let pods = |column: usize| {
        rows.iter()
            .filter(|r| r.get(column).is_some_and(|n| is_pod(n)))
            .count()
    };
    match names {
        1 => Columns::Pods,
        2 if pods(1) > pods(0) => Columns::PodsOfAll,
        2 => Columns::Containers,
        _ if pods(1) > 0 || pods(0) == 0 => Columns::ContainersOfAll,
        _ => Columns::Containers,
    }
}

/// Whether a name ends as a controller ends the names of its pods: `-kq2xm`, `-0`.
fn is_pod(name: &str) -> bool {
    let Some((_, end)) = name.rsplit_once('-') else {
        return false;
    };
    let random = |c: char| "bcdfghjklmnpqrstvwxz2456789".contains(c);
    (end.len() == 5 && end.chars().all(random)) || end.bytes().all(|b| b.is_ascii_digit())
}

/// Reads the rows; `skip` lines of heading.
fn table(here: &Here<'_>, skip: usize, columns: Columns, behind: usize) -> Found {
    let mut readings = Vec::new();
    let mut left_out = Vec::new();
    let mut broken = None;
    let mut lines = skip;
    for line in here.rows(skip) {
        if let Some((words, bytes)) = row_at(line.text, behind) {
            let (time, words) = without_time(&words);
            if words.last() == Some(&"POD") {
                lines += 1;
                continue;
            }
            let fact = Evidence::new(Quantity::Resident(Resident::WorkingSet), bytes, line.number);
            readings.push(fact.of(&subject(words, columns)).at(time));
        } else if line.text.contains("<unknown>") {
            left_out.push(format!("line {}: the memory is unknown", line.number));
        } else if skip == 0 || !(is_rule(line.text) && !line.text.is_empty() || is_sum(line.text)) {
            broken = (skip > 0 && !line.text.is_empty()).then_some(line.number);
            break;
        }
        lines += 1;
    }
    if columns == Columns::Pods || columns == Columns::PodsOfAll {
        left_out.push(
            "sums of pods: what each container has is in `kubectl top pod POD --containers`"
                .to_owned(),
        );
    }
    let what = "expected pod, container, processor and memory, e.g. `web-1 app 12m 1022Mi`";
    match (readings.is_empty(), broken) {
        (true, Some(number)) => Found::broken(lines, number, what),
        (true, None) => Found::broken(lines, here.first().number, "no container is listed"),
        (false, _) => Found::new(lines, readings).without(left_out),
    }
}

/// The time that stands before a row, and the rest of its words.
fn without_time<'a, 'w>(words: &'w [&'a str]) -> (Option<Time>, &'w [&'a str]) {
    let end = words
        .iter()
        .take_while(|w| w.contains(':') || Time::line(w).is_some() || is_date(w))
        .count()
        .min(words.len() - 1);
    (Time::find(&words[..end].join(" ")), &words[end..])
}

fn is_date(word: &str) -> bool {
    word.len() == 10 && word.starts_with("20") && word.split('-').count() == 3
}

/// Whose row it is.
fn subject(words: &[&str], columns: Columns) -> Subject {
    let from_right = |n: usize| {
        let at = words.len().checked_sub(n)?;
        words.get(at).map(|w| clean_name(w))
    };
    let (namespace, pod, container) = match columns {
        Columns::Pods => (None, from_right(1), None),
        Columns::PodsOfAll => (from_right(2), from_right(1), None),
        Columns::Containers => (None, from_right(2), from_right(1)),
        Columns::ContainersOfAll => (from_right(3), from_right(2), from_right(1)),
    };
    Subject {
        namespace,
        pod,
        container,
        ..Subject::default()
    }
}

/// The line of `--sum`: processor and memory without a name.
fn is_sum(line: &str) -> bool {
    let mut words = line.split_whitespace();
    matches!((words.next(), words.next(), words.next()), (Some(cpu), Some(memory), None)
        if is_cpu(cpu) && memory_of(memory).is_some())
}
