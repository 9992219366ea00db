//! What is wrong with a dump, as data.

/// The kinds of damage. Each has a stable code that appears in reports.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum DamageCode {
    /// The file ends inside a record.
    Truncated,
    /// The record that ends a segmented dump is missing.
    NoEndRecord,
    /// A top-level record has a tag that no writer is known to use.
    UnknownRecord,
    /// A sub-record has an unknown tag: the rest of its segment cannot be read.
    UnknownSubRecord,
    /// A sub-record claims more bytes than its segment has, or has an impossible type.
    BadSubRecord,
    /// Bytes that are no record; reading went on at the next plausible one.
    Garbage,
    /// Bytes after the last record.
    TrailingBytes,
    /// A record's length is impossible and was worked out from what follows.
    BadLength,
    /// A second dump follows in the same file.
    AnotherDump,
    /// One identifier has two different records.
    DuplicateObject,
    /// Two records define the same name or class differently.
    DuplicateDefinition,
    /// A class is its own super class, directly or not.
    SuperClassCycle,
    /// Objects whose class has no class dump.
    ClassMissing,
    /// A class whose super class is not in the dump.
    SuperClassMissing,
    /// Instances whose data is shorter or longer than their class says.
    InstanceLength,
    /// An object with identifier 0.
    NullObject,
    /// No GC root in the whole dump.
    NoRoots,
    /// Names that are not in the dump.
    NameMissing,
    /// GC roots that name objects that are not in the dump.
    RootsMissing,
    /// An array as long as a record can be: the JVM may have shortened it.
    ShortenedArray,
}

impl DamageCode {
    /// The code as it appears in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            DamageCode::Truncated => "truncated",
            DamageCode::NoEndRecord => "no_end_record",
            DamageCode::UnknownRecord => "unknown_record",
            DamageCode::UnknownSubRecord => "unknown_sub_record",
            DamageCode::BadSubRecord => "bad_sub_record",
            DamageCode::Garbage => "garbage",
            DamageCode::TrailingBytes => "trailing_bytes",
            DamageCode::BadLength => "bad_length",
            DamageCode::AnotherDump => "another_dump",
            DamageCode::DuplicateObject => "duplicate_object",
            DamageCode::DuplicateDefinition => "duplicate_definition",
            DamageCode::SuperClassCycle => "super_class_cycle",
            DamageCode::ClassMissing => "class_missing",
            DamageCode::SuperClassMissing => "super_class_missing",
            DamageCode::InstanceLength => "instance_length",
            DamageCode::NullObject => "null_object",
            DamageCode::NoRoots => "no_roots",
            DamageCode::NameMissing => "name_missing",
            DamageCode::RootsMissing => "roots_missing",
            DamageCode::ShortenedArray => "shortened_array",
        }
    }

    /// Whether objects or references may be missing because of it, so that sizes are lower bounds.
    pub fn loses_data(self) -> bool {
        !matches!(
            self,
            DamageCode::TrailingBytes | DamageCode::AnotherDump | DamageCode::NameMissing
        )
    }
}

/// Places of one kind of damage that are listed one by one; the rest is summed up.
const MOST_PLACES: usize = 20;

/// Adds `damage` to `list`. Beyond a number of places of one kind the last entry stands for all further ones, so that the
/// list stays short whatever the dump holds.
pub fn add(list: &mut Vec<Damage>, damage: Damage) {
    let alike = list.iter().filter(|known| known.code == damage.code);
    if alike.count() <= MOST_PLACES {
        list.push(damage);
        return;
    }
    let last = list.iter_mut().rfind(|known| known.code == damage.code);
    if let Some(last) = last {
        last.count = last.count.max(1) + damage.count.max(1);
        last.bytes_lost = last.bytes_lost.saturating_add(damage.bytes_lost);
        last.message = format!(
            "{} more places like this from byte {} on; {} bytes were not read there",
            last.count, last.offset, last.bytes_lost
        );
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Damage {
    /// What kind.
    pub code: DamageCode,
    /// File offset (of the unpacked dump) where it was noticed.
    pub offset: u64,
    /// How many bytes could not be read because of it, 0 where none.
    pub bytes_lost: u64,
    /// How many objects, classes or records are concerned, 0 where that is not known.
    pub count: u64,
    /// A sentence for the reader.
    pub message: String,
}

impl Damage {
    /// A damage with no count.
    pub fn new(
        code: DamageCode,
        offset: usize,
        bytes_lost: usize,
        message: impl Into<String>,
    ) -> Damage {
        Damage {
            code,
            offset: offset as u64,
            bytes_lost: bytes_lost as u64,
            count: 0,
            message: message.into(),
        }
    }

    /// The same with a count.
    pub fn with_count(mut self, count: u64) -> Damage {
        self.count = count;
        self
    }
}
