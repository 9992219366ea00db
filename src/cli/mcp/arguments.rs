//! The arguments of a call, checked.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Rows of a page at most.
pub const MOST_ROWS: usize = 200;
/// Rows of a page by default.
pub const ROWS: usize = 20;
/// Most rows that are passed over.
const FURTHEST: usize = 1_000_000;

/// The arguments of one call.
pub struct Arguments<'a>(pub &'a Map<String, Value>);

/// A page of a list.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Rows before it.
    pub offset: usize,
    /// Its rows.
    pub limit: usize,
}

impl Page {
    /// Rows up to its end.
    pub fn end(self) -> usize {
        self.offset + self.limit
    }
}

impl Arguments<'_> {
    /// Refuses names that the tool does not have: a misspelt filter would otherwise answer another question.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(format!(
                "no argument `{}`; there are: {}",
                crate::report::neutralise::plain(name, true),
                known.join(", ")
            )),
            None => Ok(()),
        }
    }

    /// A text, if it is there.
    pub fn text(&self, name: &str) -> Result<Option<&str>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` must be a text")),
        }
    }

    /// A text that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, String> {
        self.text(name)?
            .ok_or_else(|| format!("`{name}` is missing"))
    }

    /// A number, `otherwise` where there is none, at most `most`.
    pub fn number(&self, name: &str, otherwise: usize, most: usize) -> Result<usize, String> {
        let number = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(otherwise),
            Some(value) => value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok()),
        };
        match number {
            Some(number) if number <= most => Ok(number),
            _ => Err(format!("`{name}` must be a whole number from 0 to {most}")),
        }
    }

    /// True or false; false where it is not there.
    pub fn flag(&self, name: &str) -> Result<bool, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(format!("`{name}` must be true or false")),
        }
    }

    /// A regular expression, if it is there.
    pub fn regex(&self, name: &str) -> Result<Option<Regex>, String> {
        let text = self.text(name)?;
        let regex = text.map(Regex::new).transpose();
        regex.map_err(|error| format!("`{name}` is no regular expression: {error}"))
    }

    /// Which page of a list.
    pub fn page(&self) -> Result<Page, String> {
        Ok(Page {
            offset: self.number("offset", 0, FURTHEST)?,
            limit: self.number("limit", ROWS, MOST_ROWS)?.max(1),
        })
    }
}
