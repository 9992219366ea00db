//! What lists, bars and the rows of tables are marked with; each format writes its own signs and colours.

/// What the items of a list are, for formats that show it by a sign or a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing special.
    Item,
    /// A step: in order, with its number.
    Step,
    /// What a decision rests on: a terminal cuts it last.
    Reason,
    /// A line of its own that needs no sign.
    Line,
    /// What hangs on the line above.
    Branch,
    /// What grows.
    Grows,
    /// What is there for completeness.
    Quiet,
    /// What is in order.
    Cleared,
    /// What the reader should know before relying on the rest.
    Warning,
    /// The first so many are parts of a [`Bar`], in its order.
    Part(usize),
}

/// What a row of a table is in the bar above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swatch {
    /// The part with this number.
    Part(usize),
    /// What no part explains.
    Rest,
    /// What is known to have no explanation.
    Unexplained,
}

impl Swatch {
    /// A sign for a terminal, different for neighbours without colour.
    pub fn sign(self, unicode: bool) -> &'static str {
        const UNICODE: [&str; 9] = ["█", "▓", "▒", "▚", "▞", "▤", "▥", "▦", "▧"];
        const ASCII: [&str; 9] = ["#", "=", "+", "%", "o", "x", "*", "~", "^"];
        match (self, unicode) {
            (Swatch::Part(part), true) => UNICODE[part % UNICODE.len()],
            (Swatch::Part(part), false) => ASCII[part % ASCII.len()],
            (Swatch::Rest, true) => "·",
            (Swatch::Rest, false) => ".",
            (Swatch::Unexplained, _) => "?",
        }
    }
}

/// A bar of parts that follow each other; what is left of the whole stays empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What is read out in the place of the picture.
    pub label: String,
    /// The whole in bytes.
    pub bytes: u64,
    /// The parts from left to right.
    pub parts: Vec<BarPart>,
}

/// A part of a [`Bar`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarPart {
    /// Its colour or sign.
    pub swatch: Swatch,
    /// What is written in it where there is room.
    pub name: String,
    /// What the pointer shows over it.
    pub title: String,
    /// Its size.
    pub bytes: u64,
}
