//! Class histograms in a folder, as inputs of a comparison over time.

use std::collections::BTreeSet;

use crate::growth::{Input, histogram};
use crate::verdict::evidence::{Document, Evidence, Quantity, SourceFile, Time};

/// The format of evidence that histograms are read as.
const FORMAT: &str = "class histogram";
/// Inputs of a comparison at most; of more, some over the whole time are taken.
const MOST: usize = 24;

/// The histograms among `sources`, oldest first, before the dump that was taken at `end`. Those of which the text says no time are no
/// course, nor are those of several processes.
pub fn histograms(sources: &[SourceFile], end: Option<Time>) -> Vec<Input> {
    let mut found: Vec<(&Evidence, &SourceFile)> = sources
        .iter()
        .filter_map(|source| Some((total(source)?, source)))
        .collect();
    let processes: BTreeSet<&Option<String>> =
        found.iter().map(|(total, _)| &total.subject.pid).collect();
    if processes.len() > 1 {
        return Vec::new();
    }
    found.sort_by_key(|(total, _)| total.time);
    let times: Vec<Time> = found.iter().filter_map(|(total, _)| total.time).collect();
    let mut are_spaced = are_spaced(&times, end).into_iter();
    found.retain(|_| are_spaced.next().unwrap_or(true));
    let last = found.len().saturating_sub(1);
    let taken = match found.len() > MOST {
        true => (0..MOST).map(|step| step * last / (MOST - 1)).collect(),
        false => (0..found.len()).collect::<Vec<usize>>(),
    };
    let input = |at: usize| {
        let (total, source) = found.get(at)?;
        read(total, source)
    };
    taken.into_iter().filter_map(input).collect()
}

/// By histogram: it is not much nearer to the next one, or to the dump at the end, than they are to one another as a rule. What grows has
/// no time to grow in between.
fn are_spaced(times: &[Time], end: Option<Time>) -> Vec<bool> {
    let mut gaps: Vec<u64> = times
        .windows(2)
        .map(|pair| pair[0].0.abs_diff(pair[1].0))
        .collect();
    gaps.sort_unstable();
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
    let mut next = end;
    let mut kept = vec![true; times.len()];
    for (kept, time) in kept.iter_mut().zip(times).rev() {
        *kept = next.is_none_or(|next| time.0 < next.0 && time.0.abs_diff(next.0) >= usual / 2);
        if *kept {
            next = Some(*time);
        }
    }
    kept
}

/// The only histogram of a file, when its text says when it was taken.
fn total(source: &SourceFile) -> Option<&Evidence> {
    let mut totals = source
        .facts
        .iter()
        .filter(|fact| fact.source.format == FORMAT);
    let total = totals.next()?;
    (totals.next().is_none() && total.time.is_some()).then_some(total)
}

fn read(total: &Evidence, source: &SourceFile) -> Option<Input> {
    // It was read once already; what cannot be read now is left out.
    let document = Document::read(&source.path).ok()?;
    let mut input = histogram::read(document.text(), &source.name());
    input.facts.captured_at = total.time.map(|time| time.to_string());
    input.facts.live_only = Some(total.quantity == Quantity::HeapAfterFullCollection);
    Some(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::evidence::read_folder;

    fn sample(second: u32, pid: u32, command: &str) -> String {
        format!(
            "$ jcmd {pid} {command}\n2026-11-30T02:00:{second:02}Z\n{pid}:\n \
             num     #instances         #bytes  class name (module)\n\
             -------------------------------------------------------\n   \
             1:  {second}  4096  com.acme.Item\nTotal  {second}  4096\n"
        )
    }

    fn read_samples(samples: &[String]) -> Vec<Input> {
        let folder = tempfile::tempdir().expect("a folder");
        for (at, text) in samples.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{at:04}.txt")), text).expect("a file");
        }
        histograms(&read_folder(folder.path()).expect("evidence").sources, None)
    }

    #[test]
    fn samples_are_in_the_order_of_their_times() {
        let all = "GC.class_histogram -all";
        let found = read_samples(&[sample(9, 17, all), sample(3, 17, "GC.class_histogram")]);
        let times: Vec<_> = found
            .iter()
            .map(|input| (input.facts.captured_at.as_deref(), input.facts.live_only))
            .collect();
        assert_eq!(
            times,
            [
                (Some("2026-11-30T02:00:03Z"), Some(true)),
                (Some("2026-11-30T02:00:09Z"), Some(false))
            ]
        );
        assert!(read_samples(&[sample(3, 17, all), sample(9, 18, all)]).is_empty());
        let without = sample(3, 17, all).replace("2026-11-30T02:00:03Z\n", "");
        assert!(read_samples(&[without]).is_empty());
    }

    #[test]
    fn a_sample_just_before_the_dump_has_nothing_to_tell() {
        let times = [0, 600, 1_200, 1_795].map(|s| Time(s * 1_000));
        assert_eq!(
            are_spaced(&times, Some(Time(1_800_000))),
            [true, true, true, false]
        );
        assert_eq!(are_spaced(&times, None), [true; 4]);
        assert_eq!(are_spaced(&times[..1], Some(Time(1))), [true]);
        // Nothing of after the dump.
        assert_eq!(
            are_spaced(&times, Some(Time(700_000))),
            [true, false, false, false]
        );
    }

    #[test]
    fn of_many_samples_some_over_the_whole_time_are_taken() {
        let all: Vec<String> = (0..60)
            .map(|second| sample(second, 17, "GC.class_histogram"))
            .collect();
        let found = read_samples(&all);
        assert_eq!(found.len(), MOST);
        let objects = |input: &Input| input.facts.live_objects;
        assert_eq!(found.first().and_then(objects), Some(0));
        assert_eq!(found.last().and_then(objects), Some(59));
    }
}
