//! What the line of progress says: phase, bytes, rate, and the time that is left, as wide as the terminal allows.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressState, ProgressStyle};

use crate::phase::Phase;

/// Columns from which on the line has room for a bar and words.
const ROOMY: u16 = 72;
/// Shares of the whole time below this tell nothing of the rest.
const TELLING: f64 = 0.01;
/// When each phase begins, as a share of the whole time. Measured with `--verbose` on dumps of 0.2 to 3 GB; only the time that is left rests on
/// it. A phase that is not listed is shown without.
const BEGINS: &[(Phase, f64)] = &[
    (Phase::Records, 0.0),
    (Phase::Scan, 0.01),
    (Phase::Addresses, 0.06),
    (Phase::References, 0.09),
    (Phase::Sizes, 0.26),
    (Phase::Forest, 0.30),
    (Phase::Contract, 0.37),
    (Phase::CoreGraph, 0.43),
    (Phase::Reachability, 0.48),
    (Phase::SemiNca, 0.49),
    (Phase::Expand, 0.53),
    (Phase::RetainedSizes, 0.55),
    (Phase::Facts, 0.78),
    (Phase::Classes, 0.78),
    (Phase::TopmostObjects, 0.82),
    (Phase::Suspects, 0.83),
    (Phase::Patterns, 0.97),
    (Phase::Verdict, 0.99),
];

/// What can be counted of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It reads so many bytes.
    Bytes(u64),
    /// It reads bytes, nobody knows how many: a compressed stream.
    UnknownBytes,
    /// Nothing is counted.
    Uncounted,
}

/// What the line is about.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The phase.
    pub phase: Phase,
    /// When the whole work began.
    pub began: Instant,
    /// When the phase began.
    pub phase_began: Instant,
    /// The share of the whole time at which the phase begins and ends; `None` when it is not known.
    pub shares: Option<(f64, f64)>,
}

impl Line {
    /// The line for a phase that begins now. `earlier` is the share at which the last one began: time does not go backwards.
    pub fn new(phase: Phase, began: Instant, earlier: f64) -> Line {
        let at = BEGINS.iter().position(|(known, _)| *known == phase);
        let shares = at.map(|at| {
            let end = BEGINS.get(at + 1).map_or(1.0, |(_, next)| *next);
            (BEGINS[at].1.max(earlier), end.max(earlier))
        });
        Line {
            phase,
            began,
            phase_began: Instant::now(),
            shares,
        }
    }

    /// How the line looks in a terminal of `width` columns; every line fits 40.
    pub fn style(self, work: Work, width: u16) -> ProgressStyle {
        let template = match (work, width >= ROOMY) {
            (Work::Bytes(_), true) => "{phase:>14} [{wide_bar}] {done:>13}  {rate:>11}  {left:<12}",
            (Work::Bytes(_), false) => "{phase} {done} {rate} {left}",
            (Work::UnknownBytes, true) => "{phase:>14} {spinner} {done}  {rate}",
            (Work::UnknownBytes, false) => "{phase} {spinner} {done} {rate}",
            (Work::Uncounted, true) => "{phase:>14} {spinner} {spent}  {left}",
            (Work::Uncounted, false) => "{phase} {spinner} {spent} {left}",
        };
        let words = if width >= ROOMY { " left" } else { "" };
        let bytes = match work {
            Work::Bytes(all) => Some(all),
            Work::UnknownBytes | Work::Uncounted => None,
        };
        let phase = move |_: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(self.phase.name());
        };
        let spent = move |_: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&seconds(self.began.elapsed()));
        };
        let rate = move |state: &ProgressState, out: &mut dyn Write| {
            // Of nothing there is no rate yet.
            if state.pos() > 0 {
                let rate = per_second(state.pos(), self.phase_began.elapsed());
                let _ = write!(out, "{}/s", size(rate, rate));
            }
        };
        let done = move |state: &ProgressState, out: &mut dyn Write| {
            let _ = match bytes {
                Some(all) => write!(out, "{}", part(state.pos(), all)),
                None => write!(out, "{}", size(state.pos(), state.pos())),
            };
        };
        let left = move |state: &ProgressState, out: &mut dyn Write| {
            let read = bytes.map(|all| share(state.pos(), all));
            if let Some(left) = self.left(read, Instant::now()) {
                let _ = write!(out, "{}{words}", seconds(left));
            }
        };
        // The templates are constants; were one wrong, the default style is as good.
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        style
            .progress_chars("=> ")
            .with_key("phase", phase)
            .with_key("spent", spent)
            .with_key("rate", rate)
            .with_key("done", done)
            .with_key("left", left)
    }

    /// The time until everything is done, at `now`, with the share of the phase that is `read`. `None` as long as nothing can be said.
    fn left(&self, read: Option<f64>, now: Instant) -> Option<Duration> {
        let Some((from, to)) = self.shares else {
            // Work of one phase, such as unpacking: the bytes alone tell.
            let read = read.filter(|read| *read >= TELLING)?;
            let spent = now.saturating_duration_since(self.phase_began);
            return Some(spent.mul_f64((1.0 - read) / read));
        };
        let total = now.saturating_duration_since(self.began);
        let phase = now.saturating_duration_since(self.phase_began);
        let done = match read {
            Some(read) => from + (to - from) * read,
            None => {
                // Nothing is counted: the phase takes its share, as fast as the work went before, and stays just before its end.
                let before = total.saturating_sub(phase).as_secs_f64();
                let rate = from / before.max(1e-3);
                (from + rate * phase.as_secs_f64()).min(to)
            }
        };
        (done >= TELLING).then(|| total.mul_f64(((1.0 - done) / done).max(0.0)))
    }
}

/// `pos` of `all`, from 0 to 1.
fn share(pos: u64, all: u64) -> f64 {
    pos.min(all) as f64 / all.max(1) as f64
}

fn per_second(bytes: u64, spent: Duration) -> u64 {
    // Of the first instant nothing can be said.
    (bytes as f64 / spent.as_secs_f64().max(1e-3)) as u64
}

/// `1.2/3.0 GiB`.
fn part(pos: u64, all: u64) -> String {
    let all_text = size(all, all);
    let (_, unit) = unit_of(all);
    let pos_text = size(pos.min(all), all);
    format!("{}/{all_text}", pos_text.trim_end_matches(unit).trim_end())
}

/// `bytes` in the unit that suits `all`.
fn size(bytes: u64, all: u64) -> String {
    let (scale, unit) = unit_of(all);
    let number = bytes as f64 / scale;
    if all as f64 / scale < 10.0 {
        format!("{number:.1} {unit}")
    } else {
        format!("{number:.0} {unit}")
    }
}

fn unit_of(bytes: u64) -> (f64, &'static str) {
    match bytes {
        0..=0xf_ffff => (1024.0, "KiB"),
        0x10_0000..=0x3fff_ffff => (1024.0 * 1024.0, "MiB"),
        _ => (1024.0 * 1024.0 * 1024.0, "GiB"),
    }
}

/// `12s`, `3m20s`: rounded up, for what is left is never nothing.
fn seconds(left: Duration) -> String {
    let seconds = (left.as_secs_f64().ceil() as u64).max(1);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..6_000 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_share_a_unit() {
        assert_eq!(part(0, 10 << 20), "0/10 MiB");
        assert_eq!(part(1_288_490_189, 3 << 30), "1.2/3.0 GiB");
        assert_eq!(part(700, 2_000), "0.7/2.0 KiB");
        assert_eq!(part(9, 5), "0.0/0.0 KiB");
        assert_eq!(size(512 << 20, 512 << 20), "512 MiB");
        assert_eq!(per_second(100, Duration::ZERO), 100_000);
    }

    #[test]
    fn times_are_short() {
        let texts =
            [0.0, 0.2, 59.9, 61.0, 7_300.0].map(|left| seconds(Duration::from_secs_f64(left)));
        assert_eq!(texts, ["1s", "1s", "1m00s", "1m01s", "3h"]);
    }

    #[test]
    fn the_time_left_follows_the_work() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs_f64(seconds);
        let line = Line {
            phase: Phase::Scan,
            began,
            phase_began: at(1.0),
            shares: Some((0.1, 0.3)),
        };
        let left = |read, seconds| line.left(read, at(seconds)).expect("known").as_secs_f64();
        // Half of the phase: a fifth of the work in 2 s.
        assert!((left(Some(0.5), 2.0) - 8.0).abs() < 0.01);
        // Nothing counted: a tenth a second, and never beyond the phase's end.
        assert!((left(None, 2.0) - 8.0).abs() < 0.01);
        assert!(left(None, 9.0) > 20.0);
        // Of the beginning nothing can be said.
        let first = Line {
            phase_began: began,
            shares: Some((0.0, 0.1)),
            ..line
        };
        assert_eq!(first.left(Some(0.01), at(1.0)), None);
        // Unpacking is all there is: by its bytes.
        let unpacking = Line {
            shares: None,
            ..first
        };
        let left = unpacking.left(Some(0.25), at(1.0)).expect("known");
        assert!((left.as_secs_f64() - 3.0).abs() < 0.01);
        assert_eq!(unpacking.left(None, at(1.0)), None);
    }

    /// Shares only grow, so the time that is left never jumps back at the beginning of a phase.
    #[test]
    fn phases_are_in_their_order() {
        assert!(BEGINS.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        let now = Instant::now();
        assert_eq!(
            Line::new(Phase::Expand, now, 0.56).shares,
            Some((0.56, 0.56))
        );
        assert_eq!(Line::new(Phase::Scan, now, 0.0).shares, Some((0.01, 0.06)));
        assert!(Line::new(Phase::Inventory, now, 0.3).shares.is_none());
    }
}
