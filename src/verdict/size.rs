//! Sizes as people and tools write them: `1.9GiB`, `2Gi`, `800M`, `105Mi`, `512m`, `1048576`.
//!
//! Units follow Kubernetes quantities (`Ki Mi Gi Ti` are powers of 1024, `k K M G T` powers of 1000), their spelt-out forms (`KiB`, `GB`),
//! and the JVM's lower-case letters (`-Xmx512m`: powers of 1024). A comma is refused: `1,9GiB` means 1.9 to one half of the world and 19 to
//! the other.

pub use crate::numbers::{Human, count as thousands};

/// Why a size could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a size: {why}")]
pub struct SizeError {
    /// What was written, shortened to what fits a message.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Bytes in `text`, e.g. `1.9GiB`, `2Gi`, `800M`, `512m` or `1048576`.
///
/// # Errors
/// [`SizeError`] when the number or the unit is not understood, is negative, or exceeds 2^63 - 1 bytes.
pub fn parse(text: &str) -> Result<u64, SizeError> {
    let fail = |why| SizeError {
        text: shorten(text),
        why,
    };
    let text = text.trim();
    let split = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    if number.is_empty() {
        return Err(fail("it must start with a number, e.g. 800MiB"));
    }
    if unit.starts_with(',') {
        return Err(fail("write it without a comma, e.g. 1.9GiB or 1900MiB"));
    }
    let factor = factor_of(unit.trim()).ok_or_else(|| {
        fail("the unit must be one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB or their short forms (Mi, M)")
    })?;
    let bytes = scale(number, factor).ok_or_else(|| fail("the number is not understood"))?;
    u64::try_from(bytes)
        .ok()
        .filter(|b| *b <= i64::MAX as u64)
        .ok_or_else(|| fail("it is too large"))
}

/// `number` (digits with at most one point) times `factor`, rounded down, without going through floating point.
fn scale(number: &str, factor: u64) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.contains('.') || number.len() > 40 {
        return None;
    }
    let whole: u128 = whole.parse().ok()?;
    let mut bytes = whole.checked_mul(u128::from(factor))?;
    let digits = &fraction[..fraction.len().min(18)];
    if !digits.is_empty() {
        let part: u128 = digits.parse().ok()?;
        bytes = bytes.checked_add(part * u128::from(factor) / 10u128.pow(digits.len() as u32))?;
    }
    Some(bytes)
}

/// The factor of a unit, `None` when it is not known.
fn factor_of(unit: &str) -> Option<u64> {
    Some(match unit {
        "" | "B" | "b" | "bytes" => 1,
        "Ki" | "KiB" | "kiB" | "k" => 1 << 10,
        "Mi" | "MiB" | "m" => 1 << 20,
        "Gi" | "GiB" | "g" => 1 << 30,
        "Ti" | "TiB" | "t" => 1 << 40,
        "K" | "kB" | "KB" => 1_000,
        "M" | "MB" => 1_000_000,
        "G" | "GB" => 1_000_000_000,
        "T" | "TB" => 1_000_000_000_000,
        _ => return None,
    })
}

/// Bytes in a size as HotSpot prints it: every unit is a power of 1024 (`17408K`, `144217KB`, `256M`, `4G`, `3840B`).
///
/// `None` when it is not of that form.
pub fn parse_hotspot(text: &str) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let factor = match text[split..].trim_start() {
        "B" | "bytes" => 1u64,
        "K" | "KB" | "k" | "kB" | "Kb" => 1 << 10,
        "M" | "MB" => 1 << 20,
        "G" | "GB" => 1 << 30,
        "T" | "TB" => 1 << 40,
        _ => return None,
    };
    text[..split].parse::<u64>().ok()?.checked_mul(factor)
}

/// `text` cut to 40 characters, without control characters, for an error message.
fn shorten(text: &str) -> String {
    super::clean_name(text).chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_kubernetes_jvm_and_people() {
        for (text, bytes) in [
            ("1.9GiB", 2_040_109_465),
            ("2Gi", 2 << 30),
            ("2GiB", 2 << 30),
            ("800MiB", 800 << 20),
            ("800M", 800_000_000),
            ("105Mi", 105 << 20),
            ("512m", 512 << 20),
            ("4g", 4 << 30),
            ("1.5 GB", 1_500_000_000),
            ("1048576", 1_048_576),
            ("0", 0),
            ("12kB", 12_000),
            ("3Ti", 3 << 40),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in [
            "",
            "GiB",
            "1,9GiB",
            "-5MiB",
            "1.2.3M",
            "5 parsecs",
            "1e9",
            "99999999999T",
            ".5G",
            "9223372036854775808",
            "0x10",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("9223372036854775807"), Ok(i64::MAX as u64));
    }

    #[test]
    fn hotspot_units_are_binary() {
        assert_eq!(parse_hotspot("17408K"), Some(17408 << 10));
        assert_eq!(parse_hotspot("144217KB"), Some(144_217 << 10));
        assert_eq!(parse_hotspot("256M"), Some(256 << 20));
        assert_eq!(parse_hotspot("12"), None);
        assert_eq!(parse_hotspot("99999999999999999999K"), None);
    }
}
