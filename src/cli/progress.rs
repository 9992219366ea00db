//! Progress on standard error: a bar on a terminal, nothing when piped, phase times with `-v`.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish};

use super::progress_line::{Line, Work};
use crate::heap::Observer;
use crate::input::Input;
use crate::phase::Phase;
use crate::platform::usage::{cpu_time, memory};

/// Columns of a terminal that does not say.
const USUAL_WIDTH: u16 = 80;
/// How often a terminal sees a change at most, and at least while nothing is counted.
const REDRAW: u8 = 8;

/// Shows what happens while it happens.
pub struct Progress<'i> {
    bar: ProgressBar,
    began: Instant,
    now: Mutex<Now>,
    verbose: bool,
    input: Option<&'i Input>,
}

/// The phase that the work is in.
struct Now {
    /// `None` before the first and after the last.
    phase: Option<Phase>,
    started: Instant,
    cpu: Option<Duration>,
    /// The share of the whole time at which it began.
    share: f64,
}

impl<'i> Progress<'i> {
    /// Ready to show work that began at `began`. With `input`, pages that were read are given back to the system.
    pub fn new(verbose: bool, input: Option<&'i Input>, began: Instant) -> Progress<'i> {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(REDRAW))
                .with_finish(ProgressFinish::AndClear)
        } else {
            ProgressBar::hidden()
        };
        let now = Now {
            phase: None,
            started: began,
            cpu: cpu_time(),
            share: 0.0,
        };
        Progress {
            bar,
            began,
            now: Mutex::new(now),
            verbose,
            input,
        }
    }

    /// Shows how far the file is unpacked; `total` where it is known.
    pub fn unpacked(&self, done: u64, total: Option<u64>) {
        let begun = self.now().phase == Some(Phase::Unpacking);
        if !begun {
            self.begin(
                Phase::Unpacking,
                total.map_or(Work::UnknownBytes, Work::Bytes),
            );
        }
        self.bar.set_position(done);
    }

    /// Ends the last phase and takes the bar away.
    pub fn finish(&self) {
        let mut now = self.now();
        self.end(&now);
        now.phase = None;
        self.bar.finish_and_clear();
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, phase: Phase, work: Work) {
        let mut now = self.now();
        self.end(&now);
        let line = Line::new(phase, self.began, now.share);
        *now = Now {
            phase: Some(phase),
            started: line.phase_began,
            cpu: cpu_time(),
            share: line.shares.map_or(now.share, |(from, _)| from),
        };
        if !self.bar.is_hidden() {
            self.show(line, work);
        }
    }

    /// Prints what the last phase took, and draws what it came to: a short one would not be seen.
    fn end(&self, now: &Now) {
        let Some(phase) = now.phase else { return };
        if self.verbose {
            self.print(phase, now);
        }
        if !self.bar.is_hidden() {
            self.bar.force_draw();
        }
    }

    fn show(&self, line: Line, work: Work) {
        let width = terminal_size::terminal_size_of(std::io::stderr())
            .map_or(USUAL_WIDTH, |(width, _)| width.0);
        self.bar.set_style(line.style(work, width));
        self.bar.update(|state| {
            state.set_pos(0);
            state.set_len(match work {
                Work::Bytes(bytes) => bytes,
                Work::UnknownBytes | Work::Uncounted => 0,
            });
        });
        // Where nothing is counted a clock must move the line.
        self.bar
            .enable_steady_tick(Duration::from_secs(1) / u32::from(REDRAW));
    }

    fn print(&self, phase: Phase, now: &Now) {
        let wall = now.started.elapsed().as_secs_f64();
        let cpu = cpu_time()
            .zip(now.cpu)
            .map_or(String::new(), |(after, before)| {
                let seconds = after.saturating_sub(before).as_secs_f64();
                format!(" {seconds:>7.3} s cpu")
            });
        let memory = memory().map_or(String::new(), |(resident, anonymous)| {
            format!("  resident {resident:>6} MiB, anonymous {anonymous:>6} MiB")
        });
        let line = format!("{:>20} {wall:>7.3} s wall{cpu}{memory}", phase.name());
        self.bar.suspend(|| anstream::eprintln!("{line}"));
    }
}

impl Observer for Progress<'_> {
    fn phase(&self, phase: Phase, bytes: u64) {
        let work = match bytes {
            0 => Work::Uncounted,
            _ => Work::Bytes(bytes),
        };
        self.begin(phase, work);
    }

    fn read(&self, start: usize, end: usize) {
        if let Some(input) = self.input {
            input.release(start..end);
        }
        self.bar.inc(end.saturating_sub(start) as u64);
    }
}
