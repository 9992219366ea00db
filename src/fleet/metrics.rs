//! A fleet as OpenMetrics text, for a scrape or a push: what changes over time, by cause, service and version.

use super::model::{Cause, CauseService, Fleet};
use crate::report::neutralise;

/// A metric: name without prefix, unit, what it is.
struct Family {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
}

const PREFIX: &str = "hprof_suspects_fleet_";

pub(super) fn metrics(fleet: &Fleet) -> String {
    let mut out = String::new();
    let none: [(&str, &str); 0] = [];
    let mut single = |name, help, value: u64| {
        begin(
            &mut out,
            &Family {
                name,
                unit: "",
                help,
            },
        );
        sample(&mut out, name, &none, value);
    };
    single("dumps", "Dumps that reports were read of.", fleet.dumps);
    single(
        "reports_not_read",
        "Files that were not read.",
        fleet.not_read_count,
    );
    single(
        "reports_repeated",
        "Reports of a dump that another one is of, too.",
        fleet.repeated,
    );
    let causes = fleet.causes.len() as u64 + fleet.more_causes;
    single("causes", "Different causes.", causes);
    if let Some(comparison) = &fleet.baseline {
        single(
            "causes_new",
            "Causes that the baseline does not have.",
            comparison.new.len() as u64,
        );
        single(
            "causes_gone",
            "Causes of the baseline that are not seen any more.",
            comparison.gone.len() as u64,
        );
        single(
            "causes_larger",
            "Causes whose median is larger than in the baseline.",
            comparison.larger.len() as u64,
        );
    }
    verdicts(&mut out, fleet);
    per_cause(&mut out, fleet);
    out.push_str("# EOF\n");
    out
}

fn verdicts(out: &mut String, fleet: &Fleet) {
    let family = Family {
        name: "verdict_dumps",
        unit: "",
        help: "Dumps by verdict on the Java heap.",
    };
    begin(out, &family);
    let verdicts = fleet.verdicts;
    let rows = [
        ("suspected", verdicts.suspected),
        ("inconclusive", verdicts.inconclusive),
        ("ruled_out", verdicts.ruled_out),
    ];
    for (verdict, number) in rows {
        sample(out, family.name, &[("verdict", verdict)], number);
    }
}

/// What a metric of a cause takes from it.
type Take = fn(&CauseService) -> Option<u64>;

fn per_cause(out: &mut String, fleet: &Fleet) {
    let families: [(Family, Take); 4] = [
        (
            Family {
                name: "cause_dumps",
                unit: "",
                help: "Dumps that have the cause.",
            },
            |row| Some(row.dumps),
        ),
        (
            Family {
                name: "cause_retained_median_bytes",
                unit: "bytes",
                help: "Median of what the cause retains.",
            },
            |row| Some(row.median_retained_bytes),
        ),
        (
            Family {
                name: "cause_retained_largest_bytes",
                unit: "bytes",
                help: "Most that the cause retains in a dump.",
            },
            |row| Some(row.largest_retained_bytes),
        ),
        (
            Family {
                name: "cause_last_seen_timestamp_seconds",
                unit: "seconds",
                help: "Time of the last dump that has the cause.",
            },
            |row| seconds(row.last_seen.as_deref()?),
        ),
    ];
    for (family, take) in families {
        begin(out, &family);
        for (cause, row) in fleet
            .causes
            .iter()
            .flat_map(|cause| cause.services.iter().map(move |row| (cause, row)))
        {
            if let Some(value) = take(row) {
                sample(out, family.name, &labels(cause, row), value);
            }
        }
    }
}

fn labels<'c>(cause: &'c Cause, row: &'c CauseService) -> [(&'static str, &'c str); 3] {
    [
        ("cause", &cause.signature),
        ("service", row.service.as_deref().unwrap_or_default()),
        (
            "since_version",
            row.since_version.as_deref().unwrap_or_default(),
        ),
    ]
}

fn seconds(time: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339_weak(time).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

fn begin(out: &mut String, family: &Family) {
    let Family { name, unit, help } = family;
    out.push_str(&format!("# TYPE {PREFIX}{name} gauge\n"));
    if !unit.is_empty() {
        out.push_str(&format!("# UNIT {PREFIX}{name} {unit}\n"));
    }
    out.push_str(&format!("# HELP {PREFIX}{name} {help}\n"));
}

fn sample(out: &mut String, name: &str, labels: &[(&str, &str)], value: u64) {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    let labels = match pairs.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", pairs.join(",")),
    };
    out.push_str(&format!("{PREFIX}{name}{labels} {value}\n"));
}

/// A label's value. Line breaks and what acts on a terminal are visible escapes already.
fn escaped(value: &str) -> String {
    let plain = neutralise::plain(value, true);
    plain.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_of_labels_end_where_they_end() {
        assert_eq!(super::escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\\\u{a}d");
    }
}
