//! Numbers as people read them: binary units, thousands separators, shares.
//!
//! No layer of its own: every layer writes numbers, and each writes them this way.

use std::fmt;

/// How byte counts are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Write the exact number of bytes (`65,840,640 B`) instead of binary units (`63 MiB`).
    pub exact: bool,
}

const BINARY: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

impl Units {
    /// A number of bytes, rounded as [`Human`] or exactly.
    ///
    /// ```
    /// use hprof_suspects::numbers::Units;
    /// assert_eq!(Units::default().bytes(400), "400 B");
    /// assert_eq!(Units::default().bytes(65_840_640), "63 MiB");
    /// assert_eq!(Units { exact: true }.bytes(65_840_640), "65,840,640 B");
    /// ```
    pub fn bytes(self, bytes: u64) -> String {
        match self.exact {
            true => format!("{} B", count(bytes)),
            false => Human(bytes).to_string(),
        }
    }

    /// `bytes`, or a question mark where unknown.
    pub fn bytes_or_unknown(self, bytes: Option<u64>) -> String {
        bytes.map_or_else(|| "?".to_owned(), |b| self.bytes(b))
    }

    /// A difference of bytes, with its sign where negative.
    pub fn signed_bytes(self, bytes: i64) -> String {
        let size = self.bytes(bytes.unsigned_abs());
        if bytes < 0 { format!("-{size}") } else { size }
    }

    /// A range of bytes; one number when both ends are equal or are written alike.
    pub fn range(self, low: u64, high: u64) -> String {
        let (low, high) = (self.bytes(low), self.bytes(high));
        if low == high {
            return low;
        }
        match (low.rsplit_once(' '), high.rsplit_once(' ')) {
            (Some((number, a)), Some((_, b))) if a == b => format!("{number} to {high}"),
            _ => format!("{low} to {high}"),
        }
    }
}

/// A size for a sentence: `400 B`, `10 KiB`, `1.2 MiB`, `1,024 MiB`, `23.4 GiB`. Rounded to the nearest; MiB up to 10 GiB, so that sizes of
/// heaps and containers stay comparable at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Human(pub u64);

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, u32, &str); 4] = [
            (10 << 40, 40, "TiB"),
            (10 << 30, 30, "GiB"),
            (1 << 20, 20, "MiB"),
            (1 << 10, 10, "KiB"),
        ];
        let Some(&(_, shift, unit)) = UNITS.iter().find(|(from, _, _)| self.0 >= *from) else {
            return write!(f, "{} B", count(self.0));
        };
        let tenths = (u128::from(self.0) * 10 + (1u128 << shift) / 2) >> shift;
        let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
        if tenths < 100 || unit == "GiB" || unit == "TiB" {
            write!(f, "{}.{} {unit}", count(tenths / 10), tenths % 10)
        } else {
            let whole = (u128::from(self.0) + (1u128 << shift) / 2) >> shift;
            write!(f, "{} {unit}", count(whole as u64))
        }
    }
}

/// A number with a comma between groups of three digits.
///
/// ```
/// assert_eq!(hprof_suspects::numbers::count(1_234_567), "1,234,567");
/// ```
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time in the largest unit of which there are two or more: `90 s`, `30 min`, `6 h`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A share (0 to 1) as percent. The caller names the base.
///
/// What is not zero never reads as `0 %`, what is not all never as `100 %`.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        s if !s.is_finite() => "?".to_owned(),
        s if s <= 0.0 => "0 %".to_owned(),
        s if s < 1.0 => "< 1 %".to_owned(),
        s if s < 100.0 => format!("{:.0} %", s.min(99.0)),
        s => format!("{s:.0} %"),
    }
}

/// `part` as a share of `whole`; `None` when there is no whole.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A space at which no line is broken.
pub const NO_BREAK: char = '\u{a0}';

/// `text` with numbers and their units held together by [`NO_BREAK`].
pub fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            let unit = word.trim_end_matches([',', ';', ':', '.', ')']);
            let is_unit = unit == "%" || unit == "B" || BINARY.contains(&unit);
            let after_number = out.ends_with(|c: char| c.is_ascii_digit());
            out.push(if is_unit && after_number {
                NO_BREAK
            } else {
                ' '
            });
        }
        out.push_str(word);
    }
    out
}

/// `noun` in the singular for 1, else with an `s`, after the count: `1 object`, `2 objects`.
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", count(number))
    }
}

/// `unit`, which is in the plural, after its count, in the singular for 1: `1 entry`, `2 entries`.
pub fn measured(number: u64, unit: &str) -> String {
    if number != 1 {
        return format!("{} {unit}", count(number));
    }
    let one = match unit.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => {
            let cut = if unit.ends_with("sses") { "es" } else { "s" };
            unit.strip_suffix(cut).unwrap_or(unit).to_owned()
        }
    };
    format!("1 {one}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_name_a_common_unit_once() {
        let u = Units::default();
        assert_eq!(u.range(6 << 20, 14 << 20), "6.0 to 14 MiB");
        assert_eq!(u.range(900, 2048), "900 B to 2.0 KiB");
        assert_eq!(u.range(7, 7), "7 B");
    }

    #[test]
    fn numbers_stay_with_their_units() {
        assert_eq!(
            unbroken("retains 30 MiB (6 % of 1 GiB), 300 B; a MiB"),
            "retains 30\u{a0}MiB (6\u{a0}% of 1\u{a0}GiB), 300\u{a0}B; a MiB"
        );
    }

    #[test]
    fn one_is_singular() {
        for (unit, one) in [
            ("entries", "1 entry"),
            ("classes", "1 class"),
            ("caches", "1 cache"),
            ("threads", "1 thread"),
            ("log records", "1 log record"),
        ] {
            assert_eq!(measured(1, unit), one);
        }
        assert_eq!(measured(1_200, "entries"), "1,200 entries");
    }

    #[test]
    fn a_share_never_rounds_to_nothing_or_all() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.000_01, "< 1 %"),
            (0.999_99, "99 %"),
            (1.0, "100 %"),
            (0.7132, "71 %"),
            (19.3, "1930 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn human_sizes() {
        for (bytes, text) in [
            (0, "0 B"),
            (400, "400 B"),
            (1023, "1,023 B"),
            (10_568, "10 KiB"),
            (1_258_291, "1.2 MiB"),
            (42 << 20, "42 MiB"),
            (1 << 30, "1,024 MiB"),
            (812 << 20, "812 MiB"),
            (25_125_558_682, "23.4 GiB"),
            (u64::MAX, "16,777,216.0 TiB"),
        ] {
            assert_eq!(Human(bytes).to_string(), text);
        }
        // 9.99 MiB must not become "10.0 MiB" in one place and "10 MiB" in the other.
        assert_eq!(Human((10 << 20) - 1000).to_string(), "10 MiB");
    }
}
