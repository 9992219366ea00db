//! `ps` in any form that shows the resident set, `top -b`, `smem` and `pidstat -r`: processes with PID and name. Columns are found by their headings.
//!
//! `RSS` and `RES` without a unit are KiB; `top` writes `1.2g` for large ones. `VSZ` and `VIRT` are address space, not memory.

use super::super::table::{binary, decimal, is_digits};
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject};
use super::{Format, Letters};
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "ps or top",
    letters: &[
        Letters::of("RSS"),
        Letters::of("RES"),
        Letters::of("RSZ"),
        Letters::of("PID"),
        Letters::of("top - "),
        Letters::of("Mem: used, "),
        Letters::of("0"),
    ],
    read,
};

const NO_MEMORY: &str = "a list of processes without their resident set: take `ps -o pid,rss,comm`, `ps aux` or `top -b`";
/// What the column with the command is called, also in other languages.
const COMMANDS: [&str; 10] = [
    "COMMAND", "Command", "CMD", "COMM", "ARGS", "NAME", "BEFEHL", "COMMANDE", "ORDEN", "COMANDO",
];
/// Rows that are listed whatever they are; of more, only large processes.
const MANY: usize = 400;
/// What a large process has resident, in bytes.
const LARGE: i64 = 16 << 20;

/// The place of the wanted columns.
struct Columns<'a> {
    names: Vec<&'a str>,
    pid: Option<usize>,
    resident: usize,
    command: Option<usize>,
    cpu_time: Option<usize>,
    started: Option<usize>,
}

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    if first.starts_with("top - ") {
        // What `top` says of the machine, up to its table.
        let lines = here.run_of(12, |l| !l.trim_start().starts_with("PID "));
        return Some(Found::new(lines, Vec::new()));
    }
    if first.starts_with("Mem: ") && first.contains(" used, ") {
        // The same of BusyBox.
        let lines = here.run_of(6, |l| !l.trim_start().starts_with("PID "));
        return Some(Found::new(lines, Vec::new()));
    }
    if let Some(columns) = columns_of(first) {
        return Some(table(here, &columns, 1));
    }
    // `ps -eo rss,comm | sort -rn` has its headings at the end, or cut off.
    let asked = here.context.command.as_deref().and_then(asked_columns);
    if let Some(asked) = asked
        && let Some(columns) = columns_of(&asked)
        && row(first, here.first().number, &columns).is_some()
    {
        return Some(table(here, &columns, 0));
    }
    if is_list_of_processes(first) {
        let lines = 1 + here.lines[1..]
            .iter()
            .take_while(|l| !l.text.is_empty())
            .count();
        return Some(Found::refused(lines, NO_MEMORY));
    }
    // `ps aux | grep java` has no headings.
    aux_row(first).map(|_| rows_of_aux(here))
}

fn columns_of(header: &str) -> Option<Columns<'_>> {
    let header = header.trim_start_matches(['#', ' ']);
    let names: Vec<&str> = header.split_whitespace().take(40).collect();
    let at = |wanted: &[&str]| names.iter().position(|n| wanted.contains(n));
    let resident = at(&["RSS", "RES", "RSZ", "RSSIZE"])?;
    // `smem` and `pidstat` write the headings of other columns in small letters, and `pidstat` the time where its heading would be.
    let with_small = names.contains(&"PID") && names.len() >= 3;
    let is_heading = |c: char| {
        c.is_ascii_uppercase()
            || c.is_ascii_digit()
            || "%+_/".contains(c)
            || with_small && (c.is_ascii_lowercase() || c == ':')
    };
    let is_table = names.iter().all(|n| n.chars().all(is_heading));
    let [pid, command, cpu_time, started] = [
        at(&["PID"]),
        at(&COMMANDS),
        at(&["TIME", "TIME+"]),
        at(&["STARTED"]),
    ];
    is_table.then_some(Columns {
        names,
        pid,
        resident,
        command,
        cpu_time,
        started,
    })
}

/// The headings of the columns that `ps -eo pid,rss,args` asks for: two or more, the memory among them, and nothing but the last of several
/// words.
fn asked_columns(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split('|').next()?.split_whitespace().collect();
    let at = words
        .iter()
        .position(|w| w.rsplit('/').next() == Some("ps"))?;
    let mut words = words[at + 1..].iter();
    // `-o LIST`, `-eo LIST`, `axo LIST`.
    words.find(|w| {
        w.ends_with('o')
            && w.trim_start_matches('-')
                .bytes()
                .all(|b| b.is_ascii_alphabetic())
    })?;
    let list: Vec<&str> = words.next()?.split(',').take(40).collect();
    let last = list.len().checked_sub(1).filter(|last| *last > 0)?;
    let heading = |(at, name): (usize, &&str)| match name.trim_end_matches('=') {
        "rss" | "rssize" | "rsz" => Some("RSS".to_owned()),
        "args" | "cmd" | "comm" | "command" => (at == last).then(|| "COMMAND".to_owned()),
        "lstart" | "start" | "bsdstart" => None,
        other => Some(other.trim_matches('%').to_uppercase()),
    };
    let names: Option<Vec<String>> = list.iter().enumerate().map(heading).collect();
    Some(names?.join(" "))
}

/// `UID PID PPID C STIME TTY TIME CMD`.
fn is_list_of_processes(header: &str) -> bool {
    let names: Vec<&str> = header.split_whitespace().take(20).collect();
    names.contains(&"PID")
        && names.iter().any(|n| matches!(*n, "CMD" | "COMMAND"))
        && names
            .iter()
            .all(|n| n.chars().all(|c| !c.is_ascii_lowercase()))
}

/// The rows behind so many lines of headings.
fn table(here: &Here<'_>, columns: &Columns<'_>, headings: usize) -> Found {
    let mut readings = Vec::new();
    let mut lines = headings;
    for line in here.rows(headings) {
        if !is_average(line.text) {
            let Some(fact) = row(line.text, line.number, columns) else {
                break;
            };
            readings.push(fact);
        }
        lines += 1;
    }
    if readings.is_empty() && lines == headings {
        return Found::broken(lines, here.first().number, "no process is listed");
    }
    without_small(Found::new(lines, readings))
}

/// `Average:  0  22906  ..` of `pidstat`: no sample, whatever the language.
fn is_average(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or("");
    first.ends_with(':') && first.starts_with(char::is_alphabetic)
}

/// How many words a start is: `Sun Nov 29 08:00:05 2026`, `Nov 29`, or a time of today.
fn words_of_start(first: &str) -> usize {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let is_month = first.len() == 3 && first.starts_with(char::is_uppercase);
    match first {
        day if DAYS.contains(&day) => 5,
        _ if is_month => 2,
        _ => 1,
    }
}

/// A row: all columns are one word, but a start with its date has several, and the command is the rest.
fn row(line: &str, number: u64, columns: &Columns<'_>) -> Option<Evidence> {
    let mut words: Vec<&str> = line
        .split_whitespace()
        .take(columns.names.len() + 60)
        .collect();
    let mut started = None;
    if let Some(at) = columns.started
        && let Some(first) = words.get(at)
    {
        let end = (at + words_of_start(first)).min(words.len());
        started = Some(words[at..end].join(" "));
        words.drain(at + 1..end);
    }
    // A command in the middle that is not to be had leaves its column empty.
    if let Some(at) = columns.command.filter(|at| *at < columns.resident)
        && words.len() + 1 == columns.names.len()
    {
        words.insert(at, "");
    }
    // A command of several words in the middle moves what stands behind it.
    let moved = columns.command.filter(|at| at + 1 < columns.names.len());
    let moved = moved
        .filter(|at| *at < columns.resident)
        .map_or(0, |_| words.len().saturating_sub(columns.names.len()));
    let bytes = memory(words.get(columns.resident + moved)?)?;
    let pid = columns.pid.and_then(|at| words.get(at)).copied();
    if pid.is_some_and(|pid| !is_digits(pid)) {
        return None;
    }
    let subject = Subject {
        pid: pid.map(str::to_owned),
        process: columns
            .command
            .and_then(|at| words.get(at))
            .filter(|c| !c.is_empty())
            .map(|c| program(c)),
        life: started.map(|s| clean_name(&s)),
        ..Subject::default()
    };
    let fact = Evidence::new(Quantity::Resident(Resident::Process), bytes, number).of(&subject);
    let spent = columns.cpu_time.and_then(|at| seconds(words.get(at)?));
    Some(match spent {
        Some(spent) => fact.with_rising("the processor time", spent),
        None => fact,
    })
}

/// Bytes of `169300` (KiB), `1.2g`, `169m`.
fn memory(word: &str) -> Option<u64> {
    if is_digits(word) {
        return word.parse::<u64>().ok()?.checked_mul(1024);
    }
    let unit = word.chars().last()?;
    matches!(unit, 'k' | 'm' | 'g' | 't' | 'K' | 'M' | 'G' | 'T')
        .then(|| binary(word))
        .flatten()
}

/// The program of a command line: its file name.
fn program(word: &str) -> String {
    let name = word.trim_start_matches('-');
    clean_name(name.rsplit('/').next().unwrap_or(name))
}

/// Whole seconds of `2:41.55`, `00:00:17`, `1-02:03:04`.
fn seconds(text: &str) -> Option<u64> {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let mut total = 0u64;
    for part in clock.split(':') {
        total = total.checked_mul(60)?.checked_add(decimal(part)? as u64)?;
    }
    days.parse::<u64>()
        .ok()?
        .checked_mul(86_400)?
        .checked_add(total)
}

/// PID, KiB, processor time and program of a row of `ps aux`.
fn aux_row(line: &str) -> Option<[&str; 4]> {
    // Cheap: a row has eleven words, of which the second and two more are numbers.
    let words: Vec<&str> = line.split_whitespace().take(11).collect();
    let [
        _,
        pid,
        cpu,
        share,
        virt,
        resident,
        _,
        state,
        _,
        time,
        command,
    ] = words[..]
    else {
        return None;
    };
    let is_row = is_digits(pid)
        && is_digits(virt)
        && is_digits(resident)
        && decimal(cpu).is_some()
        && decimal(share).is_some()
        && seconds(time).is_some()
        && state.starts_with(|c: char| "DRSTtWXZI".contains(c));
    is_row.then_some([pid, resident, time, command])
}

fn rows_of_aux(here: &Here<'_>) -> Found {
    let rows = here.rows(0);
    let readings: Vec<Evidence> = rows
        .iter()
        .map_while(|line| Some((line.number, aux_row(line.text)?)))
        .filter_map(|(number, [pid, resident, time, command])| {
            let subject = Subject {
                pid: Some(pid.to_owned()),
                process: Some(program(command)),
                ..Subject::default()
            };
            let fact = Evidence::new(
                Quantity::Resident(Resident::Process),
                memory(resident)?,
                number,
            );
            Some(
                fact.of(&subject)
                    .with_rising("the processor time", seconds(time)?),
            )
        })
        .collect();
    let lines = here.run_of(rows.len(), |l| aux_row(l).is_some());
    without_small(Found::new(lines, readings))
}

/// Of very many processes only the large ones.
fn without_small(mut found: Found) -> Found {
    let all = found.readings.len();
    if all > MANY {
        let is_jvm = |f: &Evidence| f.subject.process.as_deref() == Some("java");
        found.readings.retain(|f| f.bytes >= LARGE || is_jvm(f));
    }
    let left = all - found.readings.len();
    found.without((left > 0).then(|| format!("{left} processes below 16 MiB")))
}
