//! A suspect as every format writes it: who holds how much, what is known of it, the path to it, and lists of what belongs to it.

use super::inline::{Facts, Inline};
use super::marks::{Bar, Mark};
use super::model::Severity;

/// Names of facts that a terminal cuts in a way of its own.
pub const ALSO_HELD_BY: &str = "also held by";
pub const PATTERN: &str = "pattern";
pub const FIX: &str = "fix";
pub const SIGNATURE: &str = "signature";

/// Somebody who holds memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Its place in the list, from 1 on.
    pub rank: u32,
    /// How bad it is, for the colour.
    pub severity: Severity,
    /// How much it holds.
    pub bytes: u64,
    /// The same as it is written.
    pub size: String,
    /// The share of all that is reachable, 0 to 1.
    pub share: f64,
    /// Its shares, each with its base, and native memory: `71 % of reachable, 12 % of max heap`.
    pub shares: String,
    /// How bad it is and of which kind: `critical, static field`.
    pub kind: String,
    /// Who holds.
    pub holder: Inline,
    /// What is known besides; what is kept comes first.
    pub facts: Facts,
    /// Whether it has one line on a terminal.
    pub brief: bool,
    /// What is kept by class, as a picture.
    pub inside: Option<Bar>,
    /// The path from a GC root.
    pub path: Option<Path>,
    /// Lists of what belongs to it, none of them empty.
    pub parts: Vec<Part>,
}

/// A path from a GC root, with at least one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Kind of the root, where it is known.
    pub root: Option<String>,
    /// From the root to the object that holds.
    pub steps: Vec<Step>,
    /// The step through the field that the holder is called by.
    pub named: Option<usize>,
    /// Whether a page has a picture of it.
    pub drawn: bool,
    /// Whether each step has a line of its own on a terminal.
    pub whole: bool,
}

impl Path {
    /// The kind of the root in words.
    pub fn from(&self) -> &str {
        self.root.as_deref().unwrap_or("GC root")
    }
}

/// A step of a [`Path`].
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How it is held, and its class: `.CACHE java.util.HashMap`.
    pub name: String,
    /// The same without packages: `.CACHE HashMap`.
    pub short: String,
    /// Bytes that it retains.
    pub bytes: u64,
    /// The same as they are written.
    pub size: String,
    /// Its address.
    pub address: String,
}

/// A list of what belongs to a suspect.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What each item is, in a word.
    pub name: &'static str,
    /// What they are together.
    pub title: &'static str,
    /// How they are marked.
    pub mark: Mark,
    /// A line for each.
    pub items: Vec<Inline>,
}
