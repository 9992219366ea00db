//! What the bytes say: header, records, sub-records. Allocates nothing per object.
//!
//! Follow a dump through this layer: [`header`] reads the first bytes, [`container`] walks the top-level records and
//! remembers where names, stacks and heap segments lie, [`mod@unit`] cuts the heap into pieces that threads can work on, and
//! [`sub_record`] reads the objects, class dumps and GC roots of a piece. Tags stand in [`tag`], once.
//!
//! Nothing is believed: every length and count is checked against the bytes that are there, and what is wrong becomes a
//! [`Damage`] with its file offset instead of an error.

mod class_dump;
mod container;
pub(crate) mod cursor;
pub(crate) mod damage;
mod gc_root;
mod header;
mod resync;
pub(crate) mod sequence;
mod sub_record;
mod tag;
pub(crate) mod unit;

pub use class_dump::{ClassDump, FieldValue, InstanceField, StaticField};
pub use container::{Container, Frame, LoadClass, Trace};
pub use cursor::IdSize;
pub use damage::{Damage, DamageCode};
pub use gc_root::{GcRoot, RootKind};
pub use header::{Header, HeaderError};
pub use sequence::PickError;
pub use sub_record::{SubRecord, SubRecords};
pub use tag::FieldType;
pub use unit::{Unit, Units};
