//! What one dump says of its owners: the part of a report that a later comparison needs.

use serde::{Deserialize, Serialize};

use crate::suspects::{HolderKind, Level};

/// Owners and classes with fewer bytes are left out of an inventory.
pub const FLOOR: u64 = 16 << 10;

/// The owners of one dump with what they keep, and its classes; strongly reachable objects only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Inventory {
    /// The process that wrote the dump: equal for dumps of one process, different for others; `None` where the dump does not say.
    pub process: Option<String>,
    /// Owners that keep fewer bytes are not listed: their number is between 0 and this.
    pub owners_floor_bytes: u64,
    /// Classes with fewer bytes are not listed.
    pub classes_floor_bytes: u64,
    /// Fields, threads, thread-locals and class loaders by the bytes that they keep, largest first.
    pub owners: Vec<Owner>,
    /// Classes by the bytes of their objects, largest first.
    pub classes: Vec<ClassAmount>,
    /// Fields that keep what threads and owners of a library or of the JDK hold, as the suspects of the dump name them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holdings: Vec<Holding>,
    /// Bytes of direct memory as the JVM counts them.
    pub direct_bytes: Option<u64>,
    /// What was measured outside at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Outside>,
}

/// A field by which a suspect of the dump is held, and the threads and the owners of a library or of the JDK that lie in the suspect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Holding {
    /// What kind of field.
    pub kind: HolderKind,
    /// Class that declares it; without what differs from run to run.
    pub class: String,
    /// Name of the field.
    pub field: String,
    /// Bytes that it keeps.
    pub bytes: u64,
    /// The numbers of the owners in `owners`.
    pub owners: Vec<u32>,
}

/// Memory that was measured outside of the heap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Outside {
    /// What was measured, such as `resident memory`.
    pub of: String,
    /// Bytes.
    pub bytes: u64,
}

/// How much of its bound an owner uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Bound {
    /// What is measured, such as entries.
    pub measured: u64,
    /// The most that the component takes.
    pub most: u64,
    /// The heap has room for it when it is full.
    pub fits: bool,
}

impl Bound {
    /// So much of at most so much.
    pub fn of(measured: u64, most: u64) -> Bound {
        Bound {
            measured,
            most,
            fits: false,
        }
    }

    /// Whether it is full, but for a tenth.
    pub fn is_full(self) -> bool {
        self.measured.saturating_mul(10) >= self.most.saturating_mul(9)
    }
}

/// An owner: all fields of one name (in however many objects), all threads of a pool, all loaders of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Owner {
    /// What kind of owner.
    pub kind: HolderKind,
    /// Class that declares the field, or class of the thread or loader; without what differs from run to run.
    pub class: String,
    /// Name of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Name of the thread or loader without its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose class it is.
    #[serde(skip_serializing_if = "is_application")]
    pub level: Level,
    /// Bytes that would be freed with what it refers to, each counted once.
    pub bytes: u64,
    /// Things that it refers to, those inside others not counted: collections of fields, threads of a pool.
    pub targets: u64,
    /// Objects that have the field (strongly reachable); for a static field the classes that have it, one for each loader.
    pub instances: u64,
    /// What was put in, through collections, by class; most bytes first.
    pub contents: Vec<Contents>,
    /// The number in `owners` of the owner inside which most of it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u32>,
    /// Bytes of native memory that what it keeps gives access to.
    #[serde(skip_serializing_if = "is_zero")]
    pub off_heap_bytes: u64,
    /// The bound that its component is known to have, where it is within it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
}

/// Objects of one class that an owner keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Contents {
    /// Their class, without what differs from run to run.
    pub class: String,
    /// Objects.
    pub objects: u64,
    /// Bytes that they retain together.
    pub bytes: u64,
}

/// The objects of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClassAmount {
    /// The class, without what differs from run to run.
    pub class: String,
    /// The loader that defines it, where it is not one of the JDK's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loader: Option<String>,
    /// Objects that strong references reach.
    pub objects: u64,
    /// Bytes, the sum of their shallow sizes.
    pub bytes: u64,
}

fn is_application(level: &Level) -> bool {
    *level == Level::Application
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Owner {
    /// What stays the same from dump to dump, as signatures of suspects spell it.
    pub fn signature(&self) -> String {
        let field = self.field.as_deref().map(|field| format!(".{field}"));
        let name = self.name.as_deref().map(|name| format!(" {name}"));
        format!(
            "{} {}{}{}",
            self.kind.as_str(),
            self.class,
            field.unwrap_or_default(),
            name.unwrap_or_default()
        )
    }

    /// What it keeps above all.
    pub fn content(&self) -> Option<&Contents> {
        self.contents.first()
    }
}
