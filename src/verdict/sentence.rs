//! Sizes inside sentences, rounded for reading and exact on demand.
//!
//! A sentence is put together once. Each [`Size`] in it carries its rounded text and its bytes between marks that are no characters;
//! [`settle`] makes of that the sentence that is shown, and the same sentence with exact bytes for `--bytes`.

use std::collections::BTreeMap;
use std::fmt;

use super::size::{Human, thousands};

/// Noncharacters of Unicode, which no text carries: before the bytes, between bytes and text, after the text.
const MARKS: [char; 3] = ['\u{fdd0}', '\u{fdd1}', '\u{fdd2}'];

/// A number of bytes in a sentence that is to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&marked(self.0, &Human(self.0).to_string()))
    }
}

/// `bytes` in a sentence that is to be settled, with `rounded` for reading.
pub fn marked(bytes: u64, rounded: &str) -> String {
    let [before, between, after] = MARKS;
    format!("{before}{bytes}{between}{rounded}{after}")
}

/// Sentences with rounded sizes, each with what it reads with exact bytes.
pub type Exact = BTreeMap<String, String>;

/// `sentence` as it is shown; what it reads with exact bytes goes to `exact` where that is something else.
pub fn settle(sentence: &str, exact: &mut Exact) -> String {
    if !sentence.contains(MARKS[0]) {
        return sentence.to_owned();
    }
    let (mut rounded, mut precise) = (String::new(), String::new());
    let mut rest = sentence;
    while let Some((before, size)) = rest.split_once(MARKS[0]) {
        rounded.push_str(before);
        precise.push_str(before);
        let parts = size.split_once(MARKS[1]).and_then(|(bytes, more)| {
            let (text, after) = more.split_once(MARKS[2])?;
            Some((bytes.parse().ok()?, text, after))
        });
        // A mark that begins nothing is dropped.
        rest = match parts {
            Some((bytes, text, after)) => {
                rounded.push_str(text);
                precise.push_str(&format!("{} B", thousands(bytes)));
                after
            }
            None => size,
        };
    }
    rounded.push_str(rest);
    precise.push_str(rest);
    if rounded != precise {
        exact.insert(rounded.clone(), precise);
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_of_a_sentence() {
        let mut exact = Exact::new();
        let sentence = format!(
            "{} live of {}, {}",
            Size(8_073_216),
            Size(64 << 20),
            Size(400)
        );
        assert_eq!(
            settle(&sentence, &mut exact),
            "7.7 MiB live of 64 MiB, 400 B"
        );
        assert_eq!(
            exact["7.7 MiB live of 64 MiB, 400 B"],
            "8,073,216 B live of 67,108,864 B, 400 B"
        );
        assert_eq!(settle("no size", &mut exact), "no size");
        assert_eq!(
            settle("a\u{fdd0}b\u{fdd0}7\u{fdd1}c", &mut exact),
            "ab7\u{fdd1}c"
        );
        assert_eq!(exact.len(), 1);
    }
}
