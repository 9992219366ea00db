//! Sentences of a report: words, names and sizes, put together once and written out by each format.
//!
//! A sentence keeps its sizes as numbers of bytes. Whoever writes it out rounds them, or writes them exactly (`--bytes`). In JSON
//! a sentence is its text with rounded sizes, and names and commands stand between backquotes.
//!
//! [`sentence!`](crate::sentence!) works like `format!`, for `{}` only. What stands between backquotes is a name or a command.
//!
//! ```
//! use hprof_suspects::sentence::{Code, Count, Size};
//! use hprof_suspects::sentence;
//!
//! let text = sentence!("{} keeps {} in {} objects", Code("com.acme.Cache.ALL"), Size(8_073_216), Count(1_200));
//! assert_eq!(text, "`com.acme.Cache.ALL` keeps 7.7 MiB in 1,200 objects");
//! assert_eq!(text.exact(), "`com.acme.Cache.ALL` keeps 8,073,216 B in 1,200 objects");
//! ```

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::numbers::{Human, Units, count};

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Ordinary words, without backquotes.
    Text(String),
    /// A name or a command, in a fixed-width font where there is one; without backquotes.
    Code(String),
    /// Emphasised words. No report has them in JSON: a format adds them.
    Bold(String),
    /// A number of bytes.
    Bytes(u64),
}

/// A number of bytes in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

/// A change of a number of bytes in a sentence, with its sign where negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change(pub i64);

/// A number in a sentence, with commas between groups of three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u64);

/// A name or a command in a sentence. Backquotes in it become `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code<'a>(pub &'a str);

/// Pieces of text, of which no two of plain words follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence(Vec<Span>);

impl Sentence {
    /// The pieces in their order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds `part` to the end.
    pub fn push(&mut self, part: impl Into<Sentence>) {
        for span in part.into().0 {
            self.add(span);
        }
    }

    fn add(&mut self, span: Span) {
        match (self.0.last_mut(), span) {
            (Some(Span::Text(before)), Span::Text(more)) => before.push_str(&more),
            (_, Span::Text(text) | Span::Code(text)) if text.is_empty() => {}
            (_, span) => self.0.push(span),
        }
    }

    /// The text with rounded sizes.
    pub fn rounded(&self) -> String {
        self.written(Units::default())
    }

    /// The text with exact sizes.
    pub fn exact(&self) -> String {
        self.written(Units { exact: true })
    }

    /// The text with sizes as `units` say; names and commands stand between backquotes.
    pub fn written(&self, units: Units) -> String {
        let mut text = String::new();
        for span in &self.0 {
            match span {
                Span::Text(words) | Span::Bold(words) => text.push_str(words),
                Span::Code(name) => text.extend(["`", name, "`"]),
                Span::Bytes(bytes) => text.push_str(&size(*bytes, units)),
            }
        }
        text
    }

    /// Whether the text with rounded sizes has `part` in it.
    pub fn contains(&self, part: &str) -> bool {
        self.rounded().contains(part)
    }

    /// Whether the text with rounded sizes starts with `part`.
    pub fn starts_with(&self, part: &str) -> bool {
        self.rounded().starts_with(part)
    }

    /// Whether the text with rounded sizes ends with `part`.
    pub fn ends_with(&self, part: &str) -> bool {
        self.rounded().ends_with(part)
    }

    /// `parts` with `between` between each two.
    pub fn joined(parts: impl IntoIterator<Item = Sentence>, between: &str) -> Sentence {
        let mut all = Sentence::default();
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                all.push(between);
            }
            all.push(part);
        }
        all
    }

    /// `template` with `parts` for its `{}`: what [`sentence!`](crate::sentence!) calls.
    pub fn filled<const N: usize>(template: &str, parts: [Sentence; N]) -> Sentence {
        let mut sentence = Sentence::default();
        let mut parts = parts.into_iter();
        for (i, piece) in template.split('`').enumerate() {
            let mut inside = Sentence::default();
            for (j, words) in piece.split("{}").enumerate() {
                if j > 0 {
                    inside.push(parts.next().unwrap_or_default());
                }
                inside.add(Span::Text(words.to_owned()));
            }
            match i % 2 {
                0 => sentence.push(inside),
                _ => sentence.push(Code(&inside.rounded())),
            }
        }
        sentence
    }

    /// The sizes of the rounded text: where each starts and ends in it, in bytes of UTF-8, and its bytes of memory.
    pub fn sizes(&self) -> Vec<[u64; 3]> {
        let mut text = 0u64;
        let mut sizes = Vec::new();
        for span in &self.0 {
            let start = text;
            text += match span {
                Span::Text(words) | Span::Bold(words) => words.len() as u64,
                Span::Code(name) => name.len() as u64 + 2,
                Span::Bytes(bytes) => {
                    let length = Human(*bytes).to_string().len() as u64;
                    sizes.push([start, start + length, *bytes]);
                    length
                }
            };
        }
        sizes
    }

    /// The sentence of `text` with sizes where [`sizes`](Sentence::sizes) said that they are. A size that is not what stands there is left out.
    pub fn with_sizes(text: &str, sizes: &[[u64; 3]]) -> Sentence {
        let mut sentence = Sentence::default();
        let mut done = 0;
        for &[start, end, bytes] in sizes {
            let (start, end) = (start as usize, end as usize);
            let before = (done <= start).then(|| text.get(done..start)).flatten();
            let fits = text.get(start..end) == Some(&Human(bytes).to_string());
            let (Some(before), true) = (before, fits) else {
                continue;
            };
            sentence.push(before);
            sentence.add(Span::Bytes(bytes));
            done = end;
        }
        sentence.push(text.get(done..).unwrap_or_default());
        sentence
    }
}

/// `bytes` as a sentence writes them.
pub fn size(bytes: u64, units: Units) -> String {
    units.bytes(bytes)
}

/// How many `{}` a template has, or more than there can be parts where it has other braces: they stand for nothing here.
#[doc(hidden)]
pub const fn placeholders(template: &str) -> usize {
    let text = template.as_bytes();
    let (mut at, mut found) = (0, 0);
    while at < text.len() {
        if text[at] == b'{' {
            if at + 1 == text.len() || text[at + 1] != b'}' {
                return usize::MAX;
            }
            found += 1;
        }
        at += 1;
    }
    found
}

/// A [`Sentence`] of a template and a part for each `{}` in it: text, [`Size`], [`Change`], [`Count`], [`Code`], another sentence, or
/// an `Option` of these. What stands between backquotes in the template is a name or a command.
#[macro_export]
macro_rules! sentence {
    ($template:expr $(, $part:expr)* $(,)?) => {{
        const PARTS: usize = <[&str]>::len(&[$(stringify!($part)),*]);
        const { assert!($crate::sentence::placeholders($template) == PARTS, "as many parts as pairs of braces, and no other braces") };
        $crate::sentence::Sentence::filled($template, [$($crate::sentence::Sentence::from($part)),*])
    }};
}

impl From<&str> for Sentence {
    /// What stands between backquotes is a name or a command.
    fn from(text: &str) -> Sentence {
        let mut sentence = Sentence::default();
        for (i, piece) in text.split('`').enumerate() {
            sentence.add(match i % 2 {
                0 => Span::Text(piece.to_owned()),
                _ => Span::Code(piece.to_owned()),
            });
        }
        sentence
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Sentence {
        Sentence::from(text.as_str())
    }
}

impl From<&String> for Sentence {
    fn from(text: &String) -> Sentence {
        Sentence::from(text.as_str())
    }
}

impl From<Cow<'_, str>> for Sentence {
    fn from(text: Cow<'_, str>) -> Sentence {
        Sentence::from(text.as_ref())
    }
}

impl From<&Sentence> for Sentence {
    fn from(sentence: &Sentence) -> Sentence {
        sentence.clone()
    }
}

impl<T: Into<Sentence>> From<Option<T>> for Sentence {
    fn from(part: Option<T>) -> Sentence {
        part.map(Into::into).unwrap_or_default()
    }
}

impl From<Span> for Sentence {
    fn from(span: Span) -> Sentence {
        Sentence(vec![span])
    }
}

impl From<Size> for Sentence {
    fn from(size: Size) -> Sentence {
        Sentence(vec![Span::Bytes(size.0)])
    }
}

impl From<Change> for Sentence {
    fn from(change: Change) -> Sentence {
        let mut sentence = Sentence::from(if change.0 < 0 { "-" } else { "" });
        sentence.push(Size(change.0.unsigned_abs()));
        sentence
    }
}

impl From<Count> for Sentence {
    fn from(number: Count) -> Sentence {
        Sentence::from(count(number.0))
    }
}

impl From<Code<'_>> for Sentence {
    fn from(name: Code<'_>) -> Sentence {
        let mut sentence = Sentence::default();
        sentence.add(Span::Code(name.0.replace('`', "?")));
        sentence
    }
}

impl FromIterator<Span> for Sentence {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Sentence {
        let mut sentence = Sentence::default();
        for span in spans {
            sentence.add(span);
        }
        sentence
    }
}

impl fmt::Display for Sentence {
    /// The text with rounded sizes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rounded())
    }
}

impl PartialEq<str> for Sentence {
    fn eq(&self, text: &str) -> bool {
        self.rounded() == text
    }
}

impl PartialEq<&str> for Sentence {
    fn eq(&self, text: &&str) -> bool {
        self.rounded() == *text
    }
}

impl Serialize for Sentence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rounded())
    }
}

impl<'de> Deserialize<'de> for Sentence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sentence, D::Error> {
        Ok(Sentence::from(String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Sentence {
    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readings_of_a_sentence() {
        let sentence = sentence!(
            "{} live of {}, {}{}",
            Size(8_073_216),
            Size(64 << 20),
            Change(-400),
            None::<Size>
        );
        assert_eq!(sentence, "7.7 MiB live of 64 MiB, -400 B");
        assert_eq!(sentence.exact(), "8,073,216 B live of 67,108,864 B, -400 B");
        assert_eq!(sentence!("no size"), "no size");
    }

    #[test]
    fn names_stand_between_backquotes_and_cannot_end_there() {
        let name = "a`b";
        let sentence = sentence!("look at `{}`: {}", Code(name).0, Code(name));
        assert_eq!(sentence, "look at `a?b?`: `a?b`");
        let spans: Vec<&str> = sentence
            .spans()
            .iter()
            .map(|span| match span {
                Span::Code(_) => "code",
                _ => "text",
            })
            .collect();
        assert_eq!(spans, ["text", "code", "text", "code"]);
        assert_eq!(Sentence::from(sentence.rounded()), sentence);
    }

    /// A text that says of itself where its sizes are is believed only where they stand there.
    #[test]
    fn sizes_survive_being_saved() {
        let sentence = sentence!("größer: `x` {} and {}", Size(1_511_168), Size(1_511_040));
        let text = sentence.rounded();
        assert_eq!(text, "größer: `x` 1.4 MiB and 1.4 MiB");
        assert_eq!(Sentence::with_sizes(&text, &sentence.sizes()), sentence);
        let wrong = [[0, 4, 7], [3, 1, 0], [14, u64::MAX, 1], [13, 20, 5]];
        assert_eq!(Sentence::with_sizes(&text, &wrong).rounded(), text);
        assert_eq!(Sentence::with_sizes(&text, &wrong).exact(), text);
    }
}
