//! Progress on standard error: a bar on a terminal, nothing when piped, phase times with `-v`.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::heap::Observer;
use crate::input::Input;

/// Shows what happens while it happens.
pub struct Progress<'i> {
    bar: ProgressBar,
    phase: Mutex<Phase>,
    verbose: bool,
    input: Option<&'i Input>,
}

struct Phase {
    name: &'static str,
    started: Instant,
    cpu: Duration,
}

impl<'i> Progress<'i> {
    /// Ready to show. With `input`, pages that were read are given back to the system.
    pub fn new(verbose: bool, input: Option<&'i Input>) -> Progress<'i> {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8))
        } else {
            ProgressBar::hidden()
        };
        let phase = Phase {
            name: "",
            started: Instant::now(),
            cpu: cpu_time(),
        };
        let progress = Progress {
            bar,
            phase: Mutex::new(phase),
            verbose,
            input,
        };
        progress.style(false);
        progress
    }

    /// Shows how far the file is unpacked.
    pub fn unpacked(&self, done: u64, total: Option<u64>) {
        if self.bar.message().is_empty() {
            self.bar.set_length(total.unwrap_or(0));
            self.style(total.is_some());
            self.bar.set_message("unpacking");
        }
        self.bar.set_position(done);
    }

    /// Ends the last phase and takes the bar away.
    pub fn finish(&self) {
        self.phase("", 0);
        self.bar.finish_and_clear();
    }

    fn style(&self, sized: bool) {
        let template = if sized {
            "{msg:>14} [{wide_bar}] {percent:>3}% {eta:>4}"
        } else {
            "{msg:>14} {spinner} {elapsed}"
        };
        // The template is a constant; were it wrong, the default style is as good.
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style.progress_chars("=> "));
    }

    fn tell(&self, phase: &Phase) {
        let (wall, cpu) = (
            phase.started.elapsed(),
            cpu_time().saturating_sub(phase.cpu),
        );
        let memory = memory().map_or(String::new(), |(resident, anonymous)| {
            format!("  resident {resident:>6} MiB, anonymous {anonymous:>6} MiB")
        });
        let line = format!(
            "{:>20} {:>7.3} s wall {:>7.3} s cpu{memory}",
            phase.name,
            wall.as_secs_f64(),
            cpu.as_secs_f64()
        );
        self.bar.suspend(|| anstream::eprintln!("{line}"));
    }
}

impl Observer for Progress<'_> {
    fn phase(&self, name: &'static str, bytes: u64) {
        let mut phase = self
            .phase
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.verbose && !phase.name.is_empty() {
            self.tell(&phase);
        }
        *phase = Phase {
            name,
            started: Instant::now(),
            cpu: cpu_time(),
        };
        self.style(bytes > 0);
        self.bar.set_length(bytes);
        self.bar.set_position(0);
        self.bar.set_message(name);
        self.bar.tick();
    }

    fn read(&self, start: usize, end: usize) {
        if let Some(input) = self.input {
            input.release(start..end);
        }
        self.bar.inc(end.saturating_sub(start) as u64);
    }
}

/// User and system time of the process so far.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15, counted after the name in parentheses, in ticks of 10 ms.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// Resident and anonymous memory of the process in mebibytes.
fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    Some((field("VmRSS:")? / 1024, field("RssAnon:")? / 1024))
}
