//! `--format pprof`: the dominator tree as an in-use-space profile (gzipped `profile.proto`). Of a comparison: what `pprof -diff_base` makes
//! of two profiles, the earlier one negative and labelled `pprof::base`, by owner inside owner.
//!
//! The messages below are the part of <https://github.com/google/pprof/blob/main/proto/profile.proto> that is needed;
//! numbers are those of the protocol.

use std::collections::HashMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use prost::Message;

use super::model::{Difference, Report};
use super::{describe, difference, neutralise, stacks};

/// A profile: samples over locations, all names in one table of strings.
#[derive(Clone, PartialEq, Message)]
pub struct Profile {
    /// What the values of a sample are.
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    /// Stacks with values.
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    /// One for each function here.
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    /// One for each name.
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    /// All strings; the first is empty.
    #[prost(string, repeated, tag = "6")]
    pub string_table: Vec<String>,
    /// What a period is.
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    /// Events between samples: 1, every byte is counted.
    #[prost(int64, tag = "12")]
    pub period: i64,
    /// Free text, as indexes of strings.
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
    /// The sample type that viewers show first.
    #[prost(int64, tag = "14")]
    pub default_sample_type: i64,
}

/// A kind of value and its unit, as indexes of strings.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct ValueType {
    /// Such as `inuse_space`.
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    /// Such as `bytes`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// One stack.
#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    /// Locations, the leaf first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// Values in the order of the sample types.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// What else is known of it.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// A word about a sample, as indexes of strings.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Label {
    /// Such as `pprof::base`.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// Such as `true`.
    #[prost(int64, tag = "2")]
    pub str: i64,
}

/// A place in a stack.
#[derive(Clone, PartialEq, Message)]
pub struct Location {
    /// From 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The function there.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Line {
    /// Function by its id.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
}

/// A name.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Function {
    /// From 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Index of the name shown.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// Index of the name in the system.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
}

/// The gzipped profile, without a time in the gzip header.
///
/// # Errors
///
/// Never in practice: it is written to memory.
pub fn render(report: &Report) -> std::io::Result<Vec<u8>> {
    let mut file = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default());
    file.write_all(&profile(report).encode_to_vec())?;
    file.finish()
}

/// The profile: one sample for each path of the dominator tree with bytes of its own; of a comparison two for each owner.
pub fn profile(report: &Report) -> Profile {
    let mut writer = Writer::default();
    writer.strings.index("");
    let bytes = ValueType {
        r#type: writer.strings.index("inuse_space"),
        unit: writer.strings.index("bytes"),
    };
    let difference = difference::of(report);
    let what = match difference {
        Some(_) => "bytes by owner, the earlier ones negative",
        None => "retained bytes by dominator",
    };
    let files = match difference {
        Some(difference) => difference::files(report, difference),
        None => report.dump.file_name.clone(),
    };
    let about = format!("{} {}: {what}", report.tool.name, report.tool.version);
    let mut comment = vec![
        writer.strings.index(&about),
        writer.strings.index(&neutralise::plain(&files, true)),
    ];
    if report.tool.values_shown {
        comment.push(writer.strings.index(describe::VALUES_SHOWN));
    }
    match difference {
        Some(difference) => writer.difference(difference),
        None => {
            for stack in stacks::stacks(&report.dominator_tree) {
                writer.sample(&stack.frames, signed(stack.bytes), None);
            }
        }
    }
    Profile {
        sample_type: vec![bytes],
        period_type: Some(bytes),
        period: 1,
        comment,
        default_sample_type: bytes.r#type,
        string_table: writer.strings.table,
        ..writer.profile
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Samples with the functions and names that they need.
#[derive(Default)]
struct Writer {
    profile: Profile,
    strings: Strings,
    functions: HashMap<i64, u64>,
}

impl Writer {
    /// The later samples, then the earlier ones as pprof's base: viewers take percentages of these.
    fn difference(&mut self, difference: &Difference) {
        let base = Label {
            key: self.strings.index("pprof::base"),
            str: self.strings.index("true"),
        };
        let stacks = difference::stacks(difference);
        for stack in stacks.iter().filter(|stack| stack.after > 0) {
            self.sample(&stack.frames, signed(stack.after), None);
        }
        for stack in stacks.iter().filter(|stack| stack.before > 0) {
            self.sample(&stack.frames, -signed(stack.before), Some(base));
        }
    }

    fn sample(&mut self, frames: &[String], value: i64, label: Option<Label>) {
        let mut sample = Sample {
            value: vec![value],
            label: label.into_iter().collect(),
            ..Sample::default()
        };
        for frame in frames.iter().rev() {
            let name = self.strings.index(&neutralise::plain(frame, true));
            let next = self.functions.len() as u64 + 1;
            let id = *self.functions.entry(name).or_insert(next);
            if id == next {
                // Without a name in the system: `go tool pprof` takes one with `<` or `[` for C++ and cuts it.
                self.profile.function.push(Function {
                    id,
                    name,
                    system_name: 0,
                });
                self.profile.location.push(Location {
                    id,
                    line: vec![Line { function_id: id }],
                });
            }
            sample.location_id.push(id);
        }
        self.profile.sample.push(sample);
    }
}

/// Every string once.
#[derive(Debug, Default)]
struct Strings {
    table: Vec<String>,
    indexes: HashMap<String, i64>,
}

impl Strings {
    fn index(&mut self, text: &str) -> i64 {
        if let Some(index) = self.indexes.get(text) {
            return *index;
        }
        let index = self.table.len() as i64;
        self.table.push(text.to_owned());
        self.indexes.insert(text.to_owned(), index);
        index
    }
}
