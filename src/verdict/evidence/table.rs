//! Tables and numbers as tools print them.

/// The cells of a row whose columns are two or more spaces, or tabs, apart.
pub(super) fn cells(line: &str) -> Vec<&str> {
    line.split('\t')
        .flat_map(|part| part.split("  "))
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect()
}

/// Whether a line only draws a rule, or is empty.
pub(super) fn is_rule(line: &str) -> bool {
    line.chars()
        .all(|c| matches!(c, '-' | '=' | '_' | '+' | '|' | ':' | ' ' | '\t'))
}

/// A decimal number with a point or, as some locales write it, a comma; never one with groups of digits.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let is_number = !text.is_empty()
        && text.len() <= 30
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        && text.bytes().filter(|b| matches!(b, b'.' | b',')).count() <= 1
        && text.as_bytes()[0].is_ascii_digit();
    is_number.then(|| text.replace(',', ".").parse().ok())?
}

/// Bytes of a number of KiB with a fraction, as `jstat` prints it.
pub(super) fn kib(text: &str) -> Option<u64> {
    // 2^52 KiB is above any memory; 0.5 rounds to the nearest byte.
    decimal(text)
        .filter(|kib| *kib < 4.5e15)
        .map(|kib| (kib * 1024.0 + 0.5) as u64)
}

/// Bytes of a size whose units are powers of 1024 whatever their letters: `588.2M`, `4.02 MB`, `1.9G`, `0 bytes`, `0.0B`.
pub(super) fn binary(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))?;
    let number = decimal(&text[..split])?;
    let shift = match text[split..].trim_start() {
        "B" | "b" | "byte" | "bytes" => 0,
        "K" | "k" | "KB" | "kB" | "Kb" | "KiB" | "kiB" | "Ki" => 10,
        "M" | "m" | "MB" | "MiB" | "Mi" => 20,
        "G" | "g" | "GB" | "GiB" | "Gi" => 30,
        "T" | "t" | "TB" | "TiB" | "Ti" => 40,
        _ => return None,
    };
    let bytes = number * (1u64 << shift) as f64;
    (bytes < 9e18).then_some(bytes as u64)
}

/// Bytes of `  1744 kB`, the form of /proc (its kB are 1024 bytes).
pub(super) fn kb_of_proc(value: &str) -> Option<u64> {
    let number: u64 = value.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    number.checked_mul(1024)
}

/// Whether all of `text` are decimal digits.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What stands between `before` and the next of `ends` behind it.
pub(super) fn between<'a>(text: &'a str, before: &str, ends: &[char]) -> Option<&'a str> {
    let rest = text.split_once(before)?.1;
    Some(rest[..rest.find(ends).unwrap_or(rest.len())].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_several_locales() {
        assert_eq!(decimal("10752.5"), Some(10752.5));
        assert_eq!(decimal("10752,5"), Some(10752.5));
        assert_eq!(decimal("1,234,567"), None);
        assert_eq!(decimal(".5"), None);
        assert_eq!(kib("0,5"), Some(512));
        assert_eq!(binary("1.9G"), Some(2_040_109_465));
        assert_eq!(binary("204.35 KB"), Some(209_254));
        assert_eq!(binary("0 bytes"), Some(0));
        assert_eq!(binary("12"), None);
        assert_eq!(kb_of_proc("  12 kB"), Some(12 << 10));
        assert_eq!(kb_of_proc("12 MB"), None);
    }

    #[test]
    fn cells_are_columns() {
        assert_eq!(
            cells("CONTAINER ID   NAME\tMEM USAGE / LIMIT "),
            ["CONTAINER ID", "NAME", "MEM USAGE / LIMIT"]
        );
    }
}
