//! The few fields of a saved report that a fleet needs. The rest is skipped while it is read, not kept.

use serde::Deserialize;

use crate::growth::Course;
use crate::labels::Labels;
use crate::report::model::{Amount, Confidence, Content, HeapVerdict, Holder, HolderKind};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Saved {
    pub schema_version: Option<u64>,
    pub fleet_schema_version: Option<u64>,
    pub tool: Tool,
    pub labels: Labels,
    pub dump: Dump,
    pub jvm: Jvm,
    pub heap: Heap,
    pub verdict: Verdict,
    pub suspects: Vec<Suspect>,
    pub growth: Option<Growth>,
    pub inventory: Option<Inventory>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tool {
    pub values_shown: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dump {
    pub file_name: String,
    pub bytes: u64,
    pub captured_at: Option<String>,
    pub complete: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Jvm {
    pub main_class: Option<String>,
    pub pod: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Heap {
    pub strong: Amount,
    pub max_bytes: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Verdict {
    pub heap: HeapVerdict,
    pub confidence: Confidence,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Suspect {
    pub rank: u32,
    pub signature: String,
    pub kind: HolderKind,
    pub holder: Holder,
    pub content: Content,
    pub retained_bytes: u64,
    pub retained_objects: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Growth {
    pub holders: Vec<HolderCourse>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HolderCourse {
    pub signature: String,
    pub grew_bytes: Option<i64>,
    pub course: Option<Course>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Inventory {
    pub process: Option<String>,
    pub owners_floor_bytes: u64,
    pub owners: Vec<Owner>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owner {
    pub kind: HolderKind,
    pub class: String,
    pub field: Option<String>,
    pub name: Option<String>,
    pub bytes: u64,
}

impl Owner {
    /// As [`crate::growth::Owner::signature`] has it.
    pub fn signature(self) -> String {
        crate::growth::Owner {
            kind: self.kind,
            class: self.class,
            field: self.field,
            name: self.name,
            ..crate::growth::Owner::default()
        }
        .signature()
    }
}
