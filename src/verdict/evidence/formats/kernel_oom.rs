//! What the kernel writes when it kills for memory (`dmesg`, `journalctl -k`, events of Kubernetes): the victim, its resident set, the limit.
//!
//! The table of tasks is in pages of a size that it does not say; the line `Killed process` has kB.

use super::super::table::{between, is_digits};
use super::super::{Evidence, Found, Here, Quantity, Resident, Subject, Time};
use super::Format;
use crate::verdict::clean_name;

pub(super) const FORMAT: Format = Format {
    name: "kernel log",
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
    }
    if readings.is_empty() {
        let why = "a report of the kernel without its line `Killed process`: take the lines behind it too (`dmesg -T`)";
        return Some(Found::refused(lines, why));
    }
    readings.retain(|f| f.source.line < here.first().number + lines as u64);
    Some(Found::new(lines, readings))
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
