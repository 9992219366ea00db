//! A course of time: cheap evidence at intervals, a file each, until the time is over, the memory passes a share, or somebody interrupts.

use std::time::Duration;

/// What is taken at intervals, and when it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// From one sample to the next.
    pub every: Duration,
    /// How long altogether.
    pub lasts: Duration,
    /// End when the resident memory passes this.
    pub until: Option<Share>,
    /// The class histograms.
    pub histogram: Histogram,
}

/// How much memory ends a course of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// A share of the limit of the control group, or of the machine's memory where there is none; 0 to 1.
    OfLimit(f64),
    /// Bytes.
    Bytes(u64),
}

/// Which objects the class histograms of a course count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Histogram {
    /// All, garbage included: the JVM is stopped for the time of counting, and collects nothing.
    #[default]
    All,
    /// Live ones: the JVM collects garbage before.
    Live,
    /// No histograms.
    None,
}

/// Samples at most: a file each.
pub const MOST_SAMPLES: u64 = 10_000;

impl Watch {
    /// How many samples it takes, the first one at the beginning.
    pub fn samples(&self) -> u64 {
        let every = self.every.as_millis().max(1);
        u64::try_from(self.lasts.as_millis() / every)
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }
}

#[cfg(target_os = "linux")]
pub(super) use here::course;

#[cfg(target_os = "linux")]
mod here {
    use super::super::jcmd::{LONG_PATIENCE, PATIENCE};
    use super::super::manifest::{Course, Outcome};
    use super::super::steps::{MAX_COPY, Run};
    use super::super::{Progress, cgroup, create_private, headroom};
    use super::{Histogram, Share, Watch};
    use crate::verdict::evidence::{Quantity, Resident, read_file};
    use crate::verdict::size::Human;
    use std::fmt::Write as _;
    use std::io::{Read, Write as _};
    use std::time::{Duration, Instant, SystemTime};

    /// How often the resident memory is looked at.
    const LOOK: Duration = Duration::from_secs(1);
    /// Rows of a class histogram that are kept: a few kilobytes.
    const ROWS: usize = 40;
    /// Lines of `/proc/PID/status` that are kept.
    const STATUS: [&str; 11] = [
        "Name:",
        "State:",
        "Pid:",
        "VmSize:",
        "VmHWM:",
        "VmRSS:",
        "RssAnon:",
        "RssFile:",
        "RssShmem:",
        "VmSwap:",
        "Threads:",
    ];
    /// Lines of `memory.stat` that are kept, of both versions.
    const STAT: [&str; 12] = [
        "anon ",
        "file ",
        "kernel ",
        "shmem ",
        "inactive_file ",
        "active_file ",
        "cache ",
        "rss ",
        "total_inactive_file ",
        "total_rss ",
        "total_cache ",
        "total_shmem ",
    ];

    /// Takes samples to the end; the name of the last one's file.
    pub fn course(run: &mut Run<'_>, watch: &Watch) -> String {
        let start = Instant::now();
        let most = limit_of(run, watch);
        let mut name;
        run.manifest.course = Some(Course {
            interval_seconds: watch.every.as_secs(),
            ..Course::default()
        });
        let mut samples: u32 = 0;
        let ended = loop {
            samples = samples.saturating_add(1);
            name = format!("watch-{samples:04}.txt");
            sample(run, watch, &name, samples, start.elapsed());
            let next = watch.every.saturating_mul(samples);
            if let Some(ended) = wait(run, start, next.min(watch.lasts), most) {
                break ended;
            }
            if next > watch.lasts {
                break "the time is over".to_owned();
            }
        };
        // What the memory was when it passed the share, and the dump begins.
        if ended.contains("passed") {
            samples = samples.saturating_add(1);
            name = format!("watch-{samples:04}.txt");
            sample(run, watch, &name, samples, start.elapsed());
        }
        if let Some(course) = &mut run.manifest.course {
            course.ended = ended;
        }
        name
    }

    /// Bytes of resident memory that end it.
    fn limit_of(run: &Run<'_>, watch: &Watch) -> Option<u64> {
        let of_machine = || {
            let text = std::fs::read_to_string("/proc/meminfo").ok()?;
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("MemTotal:"))?;
            line.split_whitespace()
                .next()?
                .parse::<u64>()
                .ok()?
                .checked_mul(1024)
        };
        match watch.until? {
            Share::Bytes(bytes) => Some(bytes),
            Share::OfLimit(share) => {
                let limit = headroom::of(&cgroup::groups(run.jvm)).map(|room| room.limit);
                let limit = limit.or_else(of_machine)?;
                Some((limit as f64 * share) as u64)
            }
        }
    }

    /// Waits until `next` after `start`; why it all ends, when it does.
    fn wait(run: &Run<'_>, start: Instant, next: Duration, most: Option<u64>) -> Option<String> {
        let mut looked: Option<Instant> = None;
        loop {
            if let Some(signal) = run.options.interrupt.signal() {
                return Some(format!("interrupted by {signal}"));
            }
            if looked.is_none_or(|at| at.elapsed() >= LOOK) {
                looked = Some(Instant::now());
                if !run.jvm.is_alive() {
                    return Some("the JVM ended".to_owned());
                }
                if let (Some(rss), Some(most)) = (resident(run), most)
                    && rss > most
                {
                    return Some(format!(
                        "the resident memory passed {}: {}",
                        Human(most),
                        Human(rss)
                    ));
                }
            }
            let left = next.saturating_sub(start.elapsed());
            if left.is_zero() {
                return None;
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }

    fn resident(run: &Run<'_>) -> Option<u64> {
        let status = std::fs::read_to_string(run.jvm.proc("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace()
            .next()?
            .parse::<u64>()
            .ok()?
            .checked_mul(1024)
    }

    /// Takes one sample: a file with the time before each part, and a line of progress.
    fn sample(run: &mut Run<'_>, watch: &Watch, name: &str, number: u32, passed: Duration) {
        run.asker.forgive();
        let (text, failed) = text(run, watch);
        let path = run.folder.join(name);
        let written = create_private(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        let failed = failed.or(written.err().map(|e| e.to_string()));
        let worked = failed.is_none();
        if let Some(course) = &mut run.manifest.course {
            course.samples = number;
        }
        // One line for all that fail alike: a course may be long.
        let is_shown = |why: &String| {
            let mut steps = run.manifest.steps.iter();
            steps.any(|step| step.outcome == Outcome::Failed(why.clone()))
        };
        if let Some(why) = failed.filter(|why| !is_shown(why)) {
            run.step(&format!("sample {number}"), None, |_| {
                Err(Outcome::Failed(why))
            });
        } else {
            let _ = run.manifest.write(run.folder);
        }
        let line = progress_line(&path, watch, number, passed);
        let note = if worked { "" } else { " (incomplete)" };
        (run.progress)(Progress::Sampled(&format!("{line}{note}")));
    }

    /// The line of progress: what the sample says.
    fn progress_line(
        path: &std::path::Path,
        watch: &Watch,
        number: u32,
        passed: Duration,
    ) -> String {
        let facts = read_file(path).unwrap_or_default();
        let find = |quantity: Quantity| {
            let fact = facts.iter().find(|fact| fact.quantity == quantity)?;
            Some(u64::try_from(fact.bytes).unwrap_or(0))
        };
        let mut line = format!("sample {number} of {}", watch.samples());
        for (what, quantity) in [
            ("resident", Quantity::Resident(Resident::Process)),
            ("limit", Quantity::Limit),
            ("heap in use", Quantity::HeapUsed),
        ] {
            if let Some(bytes) = find(quantity) {
                let _ = write!(line, ", {what} {}", Human(bytes));
            }
        }
        let left = watch.lasts.saturating_sub(passed);
        let left = Duration::from_secs(left.as_secs());
        let _ = write!(line, "; {} left", humantime::format_duration(left));
        line
    }

    /// The text of a sample, and the first thing that failed.
    fn text(run: &Run<'_>, watch: &Watch) -> (String, Option<String>) {
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let mut out = String::new();
        let status = std::fs::read_to_string(run.jvm.proc("status")).unwrap_or_default();
        let _ = writeln!(out, "==> /proc/{}/status <==\n{time}", run.jvm.pid);
        keep(&mut out, &status, |line| {
            STATUS.iter().any(|key| line.starts_with(key))
        });
        for (name, file) in cgroup::memory_files(run.jvm) {
            let mut text = String::new();
            let _ = file.take(MAX_COPY).read_to_string(&mut text);
            let _ = writeln!(out, "==> {name} <==\n{time}");
            let is_stat = name == "memory.stat";
            keep(&mut out, &text, |line| {
                !is_stat || STAT.iter().any(|key| line.starts_with(key))
            });
        }
        let failed = questions(run, watch, &time, &mut out);
        (out, failed)
    }

    /// What the JVM says.
    fn questions(run: &Run<'_>, watch: &Watch, time: &str, out: &mut String) -> Option<String> {
        let histogram = match watch.histogram {
            Histogram::All => Some("GC.class_histogram -all"),
            Histogram::Live => Some("GC.class_histogram"),
            Histogram::None => None,
        };
        let mut failed = None;
        let questions = ["GC.heap_info", "VM.native_memory summary"];
        for question in questions.into_iter().chain(histogram) {
            let patience = match question.starts_with("GC.class") {
                true => LONG_PATIENCE,
                false => PATIENCE,
            };
            match run.answer(question, patience) {
                Ok(answer) => {
                    let pid = run.jvm.pid;
                    let _ = writeln!(out, "$ jcmd {pid} {question}\n{time}\n{pid}:");
                    shortened(out, &answer, question);
                }
                Err(why) => failed = failed.or(Some(format!("{question}: {why}"))),
            }
        }
        failed
    }

    /// An answer, as far as it is worth a place in every sample.
    fn shortened(out: &mut String, answer: &str, question: &str) {
        let answer: Vec<&str> = answer.lines().filter(|line| !is_pid(line)).collect();
        if question.starts_with("GC.class") {
            let head = answer.iter().take(ROWS + 3);
            let total = answer
                .iter()
                .skip(ROWS + 3)
                .filter(|line| line.starts_with("Total"));
            head.chain(total).for_each(|line| push(out, line));
        } else if question.starts_with("VM.native") {
            // `-      Java Heap (reserved=...)`, not what stands below each.
            let is_kept = |line: &&&str| !line.starts_with(' ') && !line.is_empty();
            answer
                .iter()
                .filter(is_kept)
                .for_each(|line| push(out, line));
        } else {
            answer.iter().for_each(|line| push(out, line));
        }
    }

    fn is_pid(line: &str) -> bool {
        line.strip_suffix(':')
            .is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit()))
    }

    fn keep(out: &mut String, text: &str, is_kept: impl Fn(&str) -> bool) {
        text.lines()
            .filter(|line| is_kept(line))
            .for_each(|line| push(out, line));
    }

    fn push(out: &mut String, line: &str) {
        out.push_str(line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_samples() {
        let watch = |every, lasts| Watch {
            every: Duration::from_secs(every),
            lasts: Duration::from_secs(lasts),
            until: None,
            histogram: Histogram::All,
        };
        assert_eq!(watch(600, 7_200).samples(), 13);
        assert_eq!(watch(600, 30).samples(), 1);
        assert_eq!(watch(0, 1).samples(), 1001);
    }
}
