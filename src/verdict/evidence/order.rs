//! Which of several files is the earlier one: by times in the text, else as they were named on the command line, else by what their names
//! and the times of the files say. Where that is not clear, the program asks.

use super::{EvidenceError, Quantity, Resident, SourceFile, Subject};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Where the order of files comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Wherever it is clear.
    #[default]
    Clear,
    /// As the files were given; in a folder by name.
    Given,
    /// By words and numbers in the names.
    Name,
    /// By when the files were last written.
    Time,
}

/// Files written closer together than this many milliseconds may have been copied: their times say nothing.
const APART_MS: u64 = 2_000;

/// `sources` in the order of time, as far as it matters: files that measure the same thing without saying when.
///
/// # Errors
/// [`EvidenceError::UnknownOrder`] when it matters and is not clear.
pub fn arrange(sources: Vec<SourceFile>, order: Order) -> Result<Vec<SourceFile>, EvidenceError> {
    let places = without_time(&sources);
    if places.len() < 2 {
        return Ok(sources);
    }
    let mut sorted = places.clone();
    let as_given = match order {
        Order::Given => true,
        Order::Name => {
            sorted.sort_by(|a, b| by_name(&sources[*a].name(), &sources[*b].name()));
            false
        }
        Order::Time => {
            sorted.sort_by_key(|at| sources[*at].modified_ms);
            false
        }
        Order::Clear => {
            sorted = clear_order(&sources, &places)?;
            false
        }
    };
    if as_given {
        return Ok(sources);
    }
    let mut slots: Vec<Option<SourceFile>> = sources.into_iter().map(Some).collect();
    let taken: Vec<Option<SourceFile>> = sorted.iter().map(|at| slots[*at].take()).collect();
    for (place, source) in places.iter().zip(taken) {
        slots[*place] = source;
    }
    Ok(slots.into_iter().flatten().collect())
}

/// The files that measure what another file measures too, where a time is missing: their places.
fn without_time(sources: &[SourceFile]) -> Vec<usize> {
    type Key<'a> = (Resident, Subject, &'a str);
    let mut known: HashMap<Key, (Vec<usize>, bool)> = HashMap::new();
    for (at, source) in sources.iter().enumerate() {
        for fact in &source.facts {
            let Quantity::Resident(measure) = fact.quantity else {
                continue;
            };
            if !fact.subject.is_known() {
                continue;
            }
            let key = (measure, fact.subject.lasting(), fact.source.format);
            let (places, timed) = known.entry(key).or_insert((Vec::new(), true));
            if places.last() != Some(&at) {
                places.push(at);
            }
            *timed &= fact.time.is_some();
        }
    }
    let mut places: Vec<usize> = known
        .into_values()
        .filter(|(places, timed)| places.len() > 1 && !timed)
        .flat_map(|(places, _)| places)
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// The order that names and file times agree on.
fn clear_order(sources: &[SourceFile], places: &[usize]) -> Result<Vec<usize>, EvidenceError> {
    let name = |at: &usize| sources[*at].name();
    let unclear = |a: usize, b: usize, why| EvidenceError::UnknownOrder {
        first: sources[a].name(),
        second: sources[b].name(),
        why,
    };
    let mut named = places.to_vec();
    named.sort_by(|a, b| by_name(&name(a), &name(b)));
    let by_names = named
        .windows(2)
        .all(|pair| relation(&name(&pair[0]), &name(&pair[1])) == Some(Ordering::Less));
    if places.iter().all(|at| sources[*at].named) {
        if let Some(pair) = places
            .windows(2)
            .find(|pair| relation(&name(&pair[0]), &name(&pair[1])) == Some(Ordering::Greater))
        {
            return Err(unclear(
                pair[0],
                pair[1],
                " (their names say otherwise than the order they are given in)",
            ));
        }
        return Ok(places.to_vec());
    }
    let mut timed = places.to_vec();
    timed.sort_by_key(|at| sources[*at].modified_ms);
    let by_times = timed.windows(2).all(|pair| {
        let times = (sources[pair[0]].modified_ms, sources[pair[1]].modified_ms);
        matches!(times, (Some(a), Some(b)) if a.abs_diff(b) >= APART_MS)
    });
    match (by_names, by_times) {
        (true, true) if named != timed => Err(unclear(
            named[0],
            named[1],
            " (names and file times disagree)",
        )),
        (true, _) => Ok(named),
        (false, true) => Ok(timed),
        (false, false) => Err(unclear(places[0], places[1], "")),
    }
}

/// Words in names that say when, from the earliest to the latest.
const PHASES: [&[&str]; 3] = [
    &[
        "before",
        "earlier",
        "first",
        "start",
        "begin",
        "old",
        "pre",
        "baseline",
        "initial",
        "yesterday",
    ],
    &["now"],
    &[
        "after", "later", "last", "end", "then", "new", "post", "final",
    ],
];

/// The phase that a word of the name tells; 1 without such a word.
fn phase(name: &str) -> usize {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphabetic());
    words
        .find_map(|word| PHASES.iter().position(|known| known.contains(&word)))
        .unwrap_or(1)
}

/// Orders two file names by the time they tell, else by their letters.
pub(super) fn by_name(a: &str, b: &str) -> Ordering {
    phase(a).cmp(&phase(b)).then_with(|| natural(a, b))
}

/// Which of two names is the earlier one, when they tell: by words, or by numbers in otherwise equal names.
fn relation(a: &str, b: &str) -> Option<Ordering> {
    match phase(a).cmp(&phase(b)) {
        Ordering::Equal if skeleton(a) == skeleton(b) && has_number(a, b) => Some(natural(a, b)),
        Ordering::Equal => None,
        other => Some(other),
    }
}

/// Whether one of two different names has a number.
fn has_number(a: &str, b: &str) -> bool {
    a != b && (a.contains(|c: char| c.is_ascii_digit()) || b.contains(|c: char| c.is_ascii_digit()))
}

/// A name with each number as one sign; `top.txt` is like `top-2.txt`.
fn skeleton(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '0'..='9' | '-' | '_' | '(' | ')' | ' ' => {}
            c => out.push(c),
        }
    }
    out
}

/// Orders names with numbers in them by the value of the numbers; a name without is ahead of the same with one.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (na, rest_a) = number(a);
                let (nb, rest_b) = number(b);
                let by_value = na.len().cmp(&nb.len()).then_with(|| na.cmp(nb));
                if by_value != Ordering::Equal {
                    return by_value;
                }
                (a, b) = (rest_a, rest_b);
            }
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            // `top.txt` is ahead of `top-2.txt`, though a hyphen is ahead of a point.
            (Some(b'.'), Some(b'-' | b'_' | b'(' | b' ')) => return Ordering::Less,
            (Some(b'-' | b'_' | b'(' | b' '), Some(b'.')) => return Ordering::Greater,
            (x, y) => return x.cmp(&y),
        }
    }
}

/// The digits at the start without leading zeros, and the rest.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let zeros = text[..end].iter().take_while(|b| **b == b'0').count();
    (&text[zeros..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_order_of_time() {
        let mut names = vec![
            "top-after.txt",
            "top-10.txt",
            "top-2.txt",
            "top-before.txt",
            "top-02.txt",
            "top.txt",
        ];
        names.sort_by(|a, b| by_name(a, b));
        assert_eq!(
            names,
            [
                "top-before.txt",
                "top.txt",
                "top-2.txt",
                "top-02.txt",
                "top-10.txt",
                "top-after.txt"
            ]
        );
    }

    #[test]
    fn some_names_tell_nothing() {
        for (a, b) in [
            ("top-now.txt", "top-later.txt"),
            ("mem-0800.txt", "mem-1400.txt"),
            ("top.txt", "top-2.txt"),
        ] {
            assert_eq!(relation(a, b), Some(Ordering::Less), "{a} {b}");
            assert_eq!(relation(b, a), Some(Ordering::Greater), "{a} {b}");
        }
        assert_eq!(relation("ada.txt", "bob.txt"), None);
        assert_eq!(relation("afternoon.txt", "morning.txt"), None);
    }
}
