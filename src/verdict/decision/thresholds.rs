//! The thresholds of the decision; each can be set as `--threshold NAME=VALUE`.

use crate::verdict::size;

/// Where the decision changes. Shares are numbers from 0 to 1, sizes bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// A holder explains the growth when it retains this share of it.
    pub holder_of_growth: f64,
    /// A holder fits what grew when it is at most this share of it larger: measurements outside are rounded, and taken at other times.
    pub fits: f64,
    /// The JVM did not grow as another container did when it grew by at most this share of that.
    pub others_growth: f64,
    /// A holder is large when it retains this share of the maximum heap.
    pub holder_of_max: f64,
    /// A holder that a pattern knows to be unbounded or finds above its bound is suspected from this share of the maximum heap on.
    pub unbounded_of_max: f64,
    /// The heap is nearly full when this share of its maximum is live.
    pub nearly_full: f64,
    /// A holder dominates the heap when it retains this share of what is live.
    pub dominating: f64,
    /// A holder that can grow is large when it retains this share of what is live.
    pub growing_of_live: f64,
    /// A live heap up to this share of the maximum heap is small.
    pub small_of_max: f64,
    /// A live heap up to this share of the growth, or of the resident memory, is too small to explain it.
    pub small_of_observed: f64,
    /// A holder is negligible up to this share of the maximum heap, whatever its share of the live heap ...
    pub negligible_of_max: f64,
    /// ... or up to this share of it and no more than `growth_bytes`, where nothing was seen to grow and no pattern says that it can ...
    pub minor_of_max: f64,
    /// ... or up to this share of the observed growth or, no growth observed, of the resident memory that nothing explains (rule `dominated`) ...
    pub negligible_of_growth: f64,
    /// ... or up to this size.
    pub negligible_bytes: u64,
    /// Growth below this is noise: the memory did not grow.
    pub growth_bytes: u64,
    /// Growth of a holder from one dump to the next below this is noise.
    pub inside_growth_bytes: u64,
    /// Memory that nothing explains is worth a next step from this size on. Below it is what every JVM has and a dump cannot show: compiled
    /// code, the collector's structures, fragmentation of malloc.
    pub unexplained_bytes: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            holder_of_growth: 0.50,
            fits: 0.20,
            others_growth: 0.25,
            holder_of_max: 0.25,
            unbounded_of_max: 0.10,
            nearly_full: 0.80,
            dominating: 0.50,
            growing_of_live: 0.33,
            small_of_max: 0.25,
            small_of_observed: 0.25,
            negligible_of_max: 0.01,
            minor_of_max: 0.05,
            negligible_of_growth: 0.05,
            negligible_bytes: 4 << 20,
            growth_bytes: 32 << 20,
            inside_growth_bytes: 256 << 10,
            unexplained_bytes: 256 << 20,
        }
    }
}

/// A threshold that can be set: its name and where it is.
enum Field {
    Share(fn(&mut Thresholds) -> &mut f64),
    Bytes(fn(&mut Thresholds) -> &mut u64),
}

const FIELDS: [(&str, Field); 17] = [
    (
        "holder-of-growth",
        Field::Share(|t| &mut t.holder_of_growth),
    ),
    ("fits", Field::Share(|t| &mut t.fits)),
    ("others-growth", Field::Share(|t| &mut t.others_growth)),
    ("holder-of-max", Field::Share(|t| &mut t.holder_of_max)),
    (
        "unbounded-of-max",
        Field::Share(|t| &mut t.unbounded_of_max),
    ),
    ("nearly-full", Field::Share(|t| &mut t.nearly_full)),
    ("dominating", Field::Share(|t| &mut t.dominating)),
    ("growing-of-live", Field::Share(|t| &mut t.growing_of_live)),
    ("small-of-max", Field::Share(|t| &mut t.small_of_max)),
    (
        "small-of-observed",
        Field::Share(|t| &mut t.small_of_observed),
    ),
    (
        "negligible-of-max",
        Field::Share(|t| &mut t.negligible_of_max),
    ),
    ("minor-of-max", Field::Share(|t| &mut t.minor_of_max)),
    (
        "negligible-of-growth",
        Field::Share(|t| &mut t.negligible_of_growth),
    ),
    ("negligible", Field::Bytes(|t| &mut t.negligible_bytes)),
    ("growth", Field::Bytes(|t| &mut t.growth_bytes)),
    (
        "inside-growth",
        Field::Bytes(|t| &mut t.inside_growth_bytes),
    ),
    ("unexplained", Field::Bytes(|t| &mut t.unexplained_bytes)),
];

impl Thresholds {
    /// Sets one threshold from `NAME=VALUE`: a share as a number from 0 to 1 or in percent (`0.3`, `30%`), a size such as `8MiB`.
    ///
    /// # Errors
    /// A sentence when the name is not known or the value not understood.
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text
            .split_once('=')
            .ok_or("expected NAME=VALUE, e.g. holder-of-max=0.3")?;
        let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) else {
            return Err(format!("no such threshold; known: {}", Self::names()));
        };
        match field {
            Field::Share(at) => *at(self) = share(value)?,
            Field::Bytes(at) => *at(self) = size::parse(value).map_err(|e| e.to_string())?,
        }
        Ok(())
    }

    /// The names of all thresholds, for help and messages.
    pub fn names() -> String {
        FIELDS.map(|(name, _)| name).join(", ")
    }
}

/// A share from 0 to 1, also written in percent.
fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim(), 100.0),
        None => (text, 1.0),
    };
    let value = number.parse::<f64>().map(|n| n / scale);
    value
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "expected a share from 0 to 1, e.g. 0.3 or 30%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_can_be_set() {
        let mut set = Thresholds::default();
        for (name, field) in FIELDS {
            let value = if matches!(field, Field::Share(_)) {
                "12%"
            } else {
                "12MiB"
            };
            set.set(&format!("{name}={value}")).expect(name);
        }
        let (s, b) = (0.12, 12 << 20);
        let all = Thresholds {
            holder_of_growth: s,
            fits: s,
            others_growth: s,
            holder_of_max: s,
            unbounded_of_max: s,
            nearly_full: s,
            dominating: s,
            growing_of_live: s,
            small_of_max: s,
            small_of_observed: s,
            negligible_of_max: s,
            minor_of_max: s,
            negligible_of_growth: s,
            negligible_bytes: b,
            growth_bytes: b,
            inside_growth_bytes: b,
            unexplained_bytes: b,
        };
        assert_eq!(set, all);
        for bad in [
            "holder-of-max",
            "holder-of-max=2",
            "holder-of-max=-1",
            "holder-of-max=NaN",
            "x=1",
            "growth=1,5",
        ] {
            assert!(set.set(bad).is_err(), "{bad}");
        }
        assert_eq!(set, all, "what is refused changes nothing");
    }
}
