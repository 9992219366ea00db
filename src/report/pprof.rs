//! `--format pprof`: the dominator tree as an in-use-space profile (gzipped `profile.proto`).
//!
//! The messages below are the part of <https://github.com/google/pprof/blob/main/proto/profile.proto> that is needed;
//! numbers are those of the protocol.

use std::collections::HashMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use prost::Message;

use super::model::Report;
use super::{describe, neutralise, stacks};

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

/// The profile: one sample for each path of the dominator tree with bytes of its own.
pub fn profile(report: &Report) -> Profile {
    let mut strings = Strings::default();
    strings.index("");
    let bytes = ValueType {
        r#type: strings.index("inuse_space"),
        unit: strings.index("bytes"),
    };
    let about = format!(
        "{} {}: retained bytes by dominator",
        report.tool.name, report.tool.version
    );
    let mut comment = vec![
        strings.index(&about),
        strings.index(&neutralise::plain(&report.dump.file_name, true)),
    ];
    if report.tool.values_shown {
        comment.push(strings.index(describe::VALUES_SHOWN));
    }
    let mut functions: HashMap<i64, u64> = HashMap::new();
    let mut profile = Profile {
        sample_type: vec![bytes],
        period_type: Some(bytes),
        period: 1,
        ..Profile::default()
    };
    for stack in stacks::stacks(&report.dominator_tree) {
        let mut sample = Sample {
            value: vec![i64::try_from(stack.bytes).unwrap_or(i64::MAX)],
            ..Sample::default()
        };
        for frame in stack.frames.iter().rev() {
            let name = strings.index(&neutralise::plain(frame, true));
            let next = functions.len() as u64 + 1;
            let id = *functions.entry(name).or_insert(next);
            if id == next {
                // Without a name in the system: `go tool pprof` takes one with `<` or `[` for C++ and cuts it.
                profile.function.push(Function {
                    id,
                    name,
                    system_name: 0,
                });
                profile.location.push(Location {
                    id,
                    line: vec![Line { function_id: id }],
                });
            }
            sample.location_id.push(id);
        }
        profile.sample.push(sample);
    }
    profile.comment = comment;
    profile.default_sample_type = bytes.r#type;
    profile.string_table = strings.table;
    profile
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
