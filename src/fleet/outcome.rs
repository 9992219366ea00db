//! Against a baseline: what is new, gone or larger; and when the program ends with exit code 3.

use std::str::FromStr;

use foldhash::HashMap;

use super::model::{Cause, Change, Comparison, Fleet};

/// A median that grew by fewer bytes did not: constant heaps move by as much.
const NOISE_BYTES: u64 = 64 << 10;

/// Compares `now` with `before`; both list all of their causes.
pub fn compare(before: &Fleet, now: &Fleet) -> Comparison {
    let known = by_signature(before);
    let current = by_signature(now);
    let new = now
        .causes
        .iter()
        .filter(|cause| !known.contains_key(cause.signature.as_str()));
    let gone = before
        .causes
        .iter()
        .filter(|cause| !current.contains_key(cause.signature.as_str()));
    let both = now
        .causes
        .iter()
        .filter_map(|cause| Some((*known.get(cause.signature.as_str())?, cause)));
    let larger = both.map(|(before, now)| change(Some(before), Some(now)));
    let mut larger: Vec<Change> = larger
        .filter(|change| change.grew_share.is_some())
        .collect();
    larger.sort_by(|a, b| {
        b.grew_share
            .partial_cmp(&a.grew_share)
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut gone: Vec<Change> = gone.map(|cause| change(Some(cause), None)).collect();
    gone.sort_by_key(|change| std::cmp::Reverse(change.largest_before_bytes));
    Comparison {
        dumps: before.dumps,
        first_seen: before.first_seen.clone(),
        last_seen: before.last_seen.clone(),
        new: new.map(|cause| change(None, Some(cause))).collect(),
        gone,
        larger,
    }
}

fn by_signature(fleet: &Fleet) -> HashMap<&str, &Cause> {
    let causes = fleet.causes.iter();
    causes
        .map(|cause| (cause.signature.as_str(), cause))
        .collect()
}

fn change(before: Option<&Cause>, now: Option<&Cause>) -> Change {
    let either = now.or(before);
    let median_before = before.map(|cause| cause.median_retained_bytes);
    let median = now.map(|cause| cause.median_retained_bytes);
    let grew = match (median_before, median) {
        (Some(before), Some(now)) if now.saturating_sub(before) >= NOISE_BYTES => {
            Some((now - before) as f64 / before.max(1) as f64)
        }
        _ => None,
    };
    Change {
        signature: either
            .map(|cause| cause.signature.clone())
            .unwrap_or_default(),
        holder: either.map(|cause| cause.holder.clone()).unwrap_or_default(),
        dumps_before: before.map_or(0, |cause| cause.dumps),
        dumps: now.map_or(0, |cause| cause.dumps),
        median_before_bytes: median_before,
        median_retained_bytes: median,
        largest_before_bytes: before.map(|cause| cause.largest_retained_bytes),
        largest_retained_bytes: now.map(|cause| cause.largest_retained_bytes),
        grew_share: grew,
        not_ruled_out: now.map_or(0, |cause| cause.dumps - cause.verdicts.ruled_out),
    }
}

/// A condition of `fleet --fail-on`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// A cause that the baseline does not have, in a dump whose heap is not ruled out.
    New,
    /// The median of a cause grew by at least this share.
    Regressed(f64),
}

impl Condition {
    /// Whether it is met.
    pub fn is_met(self, change: &Comparison) -> bool {
        match self {
            Condition::New => change.new.iter().any(|cause| cause.not_ruled_out > 0),
            Condition::Regressed(least) => {
                let mut shares = change.larger.iter().filter_map(|cause| cause.grew_share);
                shares.any(|share| share >= least)
            }
        }
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = || "expected new or regressed=SHARE, e.g. regressed=20%".to_owned();
        match text.split_once('=') {
            None if text == "new" => Ok(Condition::New),
            Some(("regressed", share)) => {
                let (number, scale) = match share.strip_suffix('%') {
                    Some(percent) => (percent.trim(), 100.0),
                    None => (share, 1.0),
                };
                let share = number.parse::<f64>().ok().map(|number| number / scale);
                let share = share.filter(|share| share.is_finite() && *share > 0.0);
                share.map(Condition::Regressed).ok_or_else(expected)
            }
            _ => Err(expected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        assert_eq!("new".parse(), Ok(Condition::New));
        assert_eq!("regressed=20%".parse(), Ok(Condition::Regressed(0.2)));
        assert_eq!("regressed=1.5".parse(), Ok(Condition::Regressed(1.5)));
        for wrong in [
            "",
            "old",
            "regressed",
            "regressed=x",
            "regressed=-1",
            "regressed=NaN",
        ] {
            assert!(wrong.parse::<Condition>().is_err(), "{wrong}");
        }
    }
}
