//! Whether two inputs may be of one JVM, where they do not both say of which process they are: a class histogram never does. A JVM keeps its
//! release, and the size of the objects of each class.

use std::collections::BTreeMap;

use super::input::Input;
use super::inventory::ClassAmount;
use super::model::InputKind;

/// Classes that both need before the sizes of their objects decide.
const LEAST: usize = 3;

/// Whether `a` and `b` may be of one JVM.
pub(super) fn may_be_one(a: &Input, b: &Input) -> bool {
    let releases = a.release.as_deref().zip(b.release.as_deref());
    let is_histogram = |input: &Input| input.facts.kind == InputKind::Histogram;
    releases.is_none_or(|(a, b)| is_one_release(a, b))
        && (!(is_histogram(a) || is_histogram(b)) || are_as_large(a, b))
}

/// Whether `17` or `17.0.15` may be the other.
fn is_one_release(a: &str, b: &str) -> bool {
    let mut numbers = a.split('.').zip(b.split('.'));
    numbers.all(|(a, b)| a == b)
}

/// Whether objects of most classes are as large in `a` as in `b`.
fn are_as_large(a: &Input, b: &Input) -> bool {
    let (of_a, of_b) = (sizes(a), sizes(b));
    let common = of_a
        .iter()
        .filter_map(|(class, size)| Some((size, of_b.get(class)?)));
    let (same, other): (Vec<_>, Vec<_>) = common.partition(|(a, b)| a == b);
    let all = same.len() + other.len();
    all < LEAST || other.len() * 3 < all
}

/// The size of the objects of each class that has one size.
fn sizes(input: &Input) -> BTreeMap<&str, u64> {
    let rows = input.inventory.classes.iter();
    let has_one = |row: &&ClassAmount| {
        // Arrays have many; so may classes whose names were made equal, and class objects with their static fields.
        let several = row.class.ends_with(']') || row.class == "java.lang.Class";
        !several && row.objects > 0 && row.bytes.is_multiple_of(row.objects)
    };
    rows.filter(has_one)
        .map(|row| (row.class.as_str(), row.bytes / row.objects))
        .collect()
}

/// The release in what a JVM says of its version: `17.0.15` of `OpenJDK 64-Bit Server VM 17.0.15+6-Debian`.
pub fn release(version: &str) -> Option<String> {
    let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    // `64-Bit` is no version.
    let mut words = version
        .split_whitespace()
        .filter(is_number)
        .filter(|word| !word.ends_with("-Bit"));
    let word = words.next()?;
    let end = word.find(|c: char| c != '.' && !c.is_ascii_digit());
    Some(word[..end.unwrap_or(word.len())].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases() {
        let of = |text: &str| release(text).unwrap_or_default();
        assert_eq!(
            of("OpenJDK 64-Bit Server VM 17.0.15+6-Debian-1deb12u1"),
            "17.0.15"
        );
        assert_eq!(of("25.0.3"), "25.0.3");
        assert_eq!(of("17-ea"), "17");
        assert_eq!(release("Dalvik"), None);
        assert!(is_one_release("17", "17.0.15") && !is_one_release("17.0.15", "25.0.3"));
    }
}
