//! What the kernel writes when it kills for memory (`dmesg`, `journalctl -k`, events of Kubernetes): the victim, its resident set, the limit.
//!
//! The table of tasks is in pages of a size that it does not say; the line `Killed process` has kB. Where the victim is in both, that says how
//! large a page is, and the table has the resident sets of the other processes.

use super::super::table::{between, is_digits};
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject, Time};
use super::{Format, Letters};
use crate::verdict::clean_name;
use std::collections::BTreeMap;

pub(super) const FORMAT: Format = Format {
    name: "kernel log",
    letters: &[
        Letters::of("oom"),
        Letters::of("illed process total-vm:"),
        Letters::of("memory: usage limit "),
        Letters::of("OOM encountered, victim process: "),
    ],
    read,
};

/// Limits from here on are none: the kernel's largest number of pages, in kB.
const NO_LIMIT_KB: u64 = 1 << 52;
/// Lines of other things between those of one report, at most.
const GAP: usize = 200;

fn read(here: &Here<'_>) -> Option<Found> {
    if !is_oom(here.first().text) {
        return None;
    }
    let mut lines = 1;
    let mut readings = Vec::new();
    let mut table = Table::default();
    for (at, line) in here.lines.iter().enumerate() {
        if at >= lines + GAP {
            break;
        }
        if is_oom(line.text) {
            lines = at + 1;
        }
        readings.extend(killed(line.text, line.number));
        readings.extend(limit(line.text, line.number));
        readings.extend(victim(line.text, line.number));
        table.take(line.text, line.number);
    }
    if readings.is_empty() {
        let why = "a report of the kernel without its line `Killed process`: take the lines behind it too (`dmesg -T`)";
        return Some(Found::refused(lines, why));
    }
    readings.extend(table.others(&readings));
    readings.retain(|f| f.source.line < here.first().number + lines as u64);
    Some(Found::new(lines, readings))
}

/// Processes of the table that are kept.
const MOST_TASKS: usize = 1_000;
/// Sizes of a page that Linux has, in kB.
const PAGES_KB: [u64; 3] = [4, 16, 64];

/// `[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name`, and a row for each process of the control group.
#[derive(Default)]
struct Table {
    /// Columns behind the PID.
    columns: Vec<String>,
    tasks: Vec<Task>,
}

struct Task {
    pid: String,
    name: String,
    /// Resident set in pages.
    pages: u64,
    line: u64,
}

impl Table {
    fn take(&mut self, line: &str, number: u64) {
        let Some((before, row)) = line.rsplit_once(']') else {
            return;
        };
        let Some((_, pid)) = before.rsplit_once('[') else {
            return;
        };
        let cells: Vec<&str> = row.split_whitespace().collect();
        if pid.trim() == "pid" {
            self.columns = cells.into_iter().map(str::to_owned).collect();
            return;
        }
        let cell = |name: &str| {
            let at = self.columns.iter().position(|column| column == name)?;
            cells.get(at).copied()
        };
        let pages = cell("rss").and_then(|pages| pages.parse().ok());
        let name = cell("name").map(clean_name);
        let (Some(pages), Some(name), true) = (pages, name, is_digits(pid.trim())) else {
            return;
        };
        if self.tasks.len() < MOST_TASKS {
            self.tasks.push(Task {
                pid: pid.trim().to_owned(),
                name,
                pages,
                line: number,
            });
        }
    }

    /// The resident sets of those that were not killed. `killed` has the victim's in bytes.
    fn others(&self, killed: &[Evidence]) -> Vec<Evidence> {
        let of_process = |e: &&Evidence| e.quantity == Quantity::Resident(Resident::Process);
        let pid = |e: &'_ Evidence| Some((e.subject.pid.clone()?, e.bytes));
        let killed: BTreeMap<String, i64> =
            killed.iter().filter(of_process).filter_map(pid).collect();
        let resident = |task: &Task| killed.get(&task.pid).copied();
        let size = |task: &Task| {
            let kb = u64::try_from(resident(task)?).ok()? / 1024;
            // Tasks go on while the table is printed.
            let is =
                |size: &&u64| task.pages > 0 && (kb / task.pages).abs_diff(**size) <= **size / 4;
            PAGES_KB.iter().find(is).copied()
        };
        let Some(page_kb) = self.tasks.iter().find_map(size) else {
            return Vec::new();
        };
        let others = self.tasks.iter().filter(|task| resident(task).is_none());
        let fact = |task: &Task| {
            let subject = Subject {
                pid: Some(task.pid.clone()),
                process: Some(task.name.clone()),
                ..Subject::default()
            };
            let bytes = task.pages.saturating_mul(page_kb << 10);
            Evidence::new(Quantity::Resident(Resident::Process), bytes, task.line).of(&subject)
        };
        others.map(fact).collect()
    }
}

fn is_oom(line: &str) -> bool {
    // Cheap: one search for most lines.
    let has = |part: &str| line.contains(part);
    has("oom") && (has("oom-killer") || has("oom-kill:") || has("oom_score") || has("oom_reaper"))
        || has("illed process ") && has("total-vm:")
        || has("memory: usage ") && has("limit ")
        || has(VICTIM)
}

/// What the kubelet makes of it in an event: `System OOM encountered, victim process: java, pid: 88123`.
const VICTIM: &str = "OOM encountered, victim process: ";

fn victim(line: &str, number: u64) -> Option<Evidence> {
    let process = between(line, VICTIM, &[','])?;
    let subject = Subject {
        pid: between(line, "pid: ", &[' ', ','])
            .filter(|p| is_digits(p))
            .map(str::to_owned),
        process: Some(clean_name(process)),
        ..Subject::default()
    };
    let kill = Evidence::new(Quantity::OomKilled, 1, number);
    Some(kill.of(&subject).at(time(line)))
}

/// `Memory cgroup out of memory: Killed process 88123 (java) total-vm:7336084kB, anon-rss:2071204kB, file-rss:5244kB, shmem-rss:0kB`.
fn killed(line: &str, number: u64) -> Vec<Evidence> {
    let Some((_, rest)) = line.split_once("illed process ") else {
        return Vec::new();
    };
    let (pid, after) = rest.split_once([' ', ',']).unwrap_or((rest, ""));
    if !is_digits(pid) {
        return Vec::new();
    }
    let subject = Subject {
        pid: Some(pid.to_owned()),
        process: between(after, "(", &[')'])
            .filter(|n| !n.is_empty())
            .map(clean_name),
        ..Subject::default()
    };
    let kb = |key: &str| between(line, key, &['k', ',', ' ']).and_then(|n| n.parse::<u64>().ok());
    let parts = [kb("anon-rss:"), kb("file-rss:"), kb("shmem-rss:")];
    let resident = parts[0].map(|_| {
        parts
            .iter()
            .flatten()
            .fold(0u64, |sum, part| sum.saturating_add(*part))
    });
    let time = time(line);
    let fact = |quantity, value| Evidence::new(quantity, value, number).of(&subject).at(time);
    let kill = fact(Quantity::OomKilled, 1);
    let resident = resident.map(|kb| {
        fact(
            Quantity::Resident(Resident::Process),
            kb.saturating_mul(1024),
        )
    });
    Some(kill).into_iter().chain(resident).collect()
}

/// `memory: usage 2097152kB, limit 2097152kB, failcnt 41873`; the line for swap looks alike.
fn limit(line: &str, number: u64) -> Option<Evidence> {
    let (before, sizes) = line.split_once("memory: usage ")?;
    if before.ends_with('+') || before.contains("swap") {
        return None;
    }
    let kb: u64 = between(sizes, "limit ", &['k'])?.parse().ok()?;
    (kb < NO_LIMIT_KB).then(|| Evidence::new(Quantity::Limit, kb * 1024, number).at(time(line)))
}

/// The time before a line, where it has a zone: `2026-11-29T02:47:09+00:00 node-a1 kernel:`.
fn time(line: &str) -> Option<Time> {
    Time::find(&line.split_whitespace().next()?.replace(',', "."))
}
