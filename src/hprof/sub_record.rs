//! The sub-records of a heap segment, one after the other.

use byteorder::{BigEndian, ByteOrder};

use super::class_dump::ClassDump;
use super::cursor::{Cursor, IdSize};
use super::gc_root::{GcRoot, RootKind};
use super::tag::{FieldType, sub};

/// One sub-record, borrowed from the file.
#[derive(Clone, Copy, Debug)]
pub enum SubRecord<'a> {
    /// A GC root.
    Root(GcRoot),
    /// A class; read it with [`ClassDump::read`] from `body`.
    Class {
        /// Identifier of the class object.
        id: u64,
        /// File offset of the body, after the tag.
        body: usize,
    },
    /// An instance.
    Instance {
        /// Its identifier.
        id: u64,
        /// Identifier of its class.
        class_id: u64,
        /// Field values: those of its class first, then of the super class, and so on.
        data: &'a [u8],
    },
    /// An array of references.
    ObjectArray {
        /// Its identifier.
        id: u64,
        /// Identifier of the array class.
        class_id: u64,
        /// The elements: identifiers, one after the other.
        elements: &'a [u8],
    },
    /// An array of primitive values.
    PrimitiveArray {
        /// Its identifier.
        id: u64,
        /// Type of the elements.
        element: FieldType,
        /// Number of elements.
        length: u32,
        /// The elements; empty where the writer left them out.
        data: &'a [u8],
    },
    /// The objects that follow belong to another heap (Android).
    HeapInfo {
        /// Which heap: 65 app, 73 image, 90 zygote.
        heap_id: u32,
        /// Identifier of its name.
        name_id: u64,
    },
}

/// Why a sub-record could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubRecordError {
    /// File offset of the sub-record's tag.
    pub offset: usize,
    /// The tag.
    pub tag: u8,
    /// Whether the tag is known, so that the body is what is wrong.
    pub known_tag: bool,
}

/// Reads sub-records of `bytes[start..end]`.
#[derive(Clone, Copy, Debug)]
pub struct SubRecords<'a> {
    bytes: &'a [u8],
    cursor: Cursor<'a>,
    end: usize,
    id: IdSize,
}

impl<'a> SubRecords<'a> {
    /// Starts at file offset `start`.
    pub fn new(bytes: &'a [u8], start: usize, end: usize, id: IdSize) -> SubRecords<'a> {
        let end = end.min(bytes.len());
        SubRecords {
            bytes,
            cursor: Cursor::new(bytes, start, end),
            end,
            id,
        }
    }

    /// File offset of the next sub-record.
    #[inline(always)]
    pub fn position(&self) -> usize {
        self.cursor.position()
    }

    /// The next sub-record, `None` at the end.
    ///
    /// # Errors
    /// When the tag is unknown or the body does not fit; nothing after it in this range can be trusted.
    #[inline(always)]
    #[expect(
        clippy::should_implement_trait,
        reason = "no iterator: it stops for good at the first error"
    )]
    pub fn next(&mut self) -> Result<Option<SubRecord<'a>>, SubRecordError> {
        let offset = self.cursor.position();
        let Some(tag) = self.cursor.u1() else {
            return Ok(None);
        };
        match self.body(tag) {
            Some(record) => Ok(Some(record)),
            None => {
                self.cursor = Cursor::new(self.bytes, offset, self.end);
                Err(SubRecordError {
                    offset,
                    tag,
                    known_tag: is_known(tag),
                })
            }
        }
    }

    #[inline(always)]
    fn body(&mut self, tag: u8) -> Option<SubRecord<'a>> {
        let width = self.id.bytes();
        match tag {
            sub::INSTANCE_DUMP => {
                let head = self.cursor.take(2 * width + 8)?;
                let id = self.id.read(head);
                let class_id = self.id.read(&head[width + 4..]);
                let length = be32(&head[2 * width + 4..]);
                Some(SubRecord::Instance {
                    id,
                    class_id,
                    data: self.cursor.take(length as usize)?,
                })
            }
            sub::OBJECT_ARRAY_DUMP => {
                let head = self.cursor.take(2 * width + 8)?;
                let id = self.id.read(head);
                let length = be32(&head[width + 4..]) as usize;
                let class_id = self.id.read(&head[width + 8..]);
                Some(SubRecord::ObjectArray {
                    id,
                    class_id,
                    elements: self.cursor.take(length.checked_mul(width)?)?,
                })
            }
            sub::PRIMITIVE_ARRAY_DUMP | sub::PRIMITIVE_ARRAY_NODATA_DUMP => {
                let head = self.cursor.take(width + 9)?;
                let id = self.id.read(head);
                let length = be32(&head[width + 4..]);
                let element = FieldType::from_code(head[width + 8])?;
                if element == FieldType::Object {
                    return None;
                }
                let dumped = if tag == sub::PRIMITIVE_ARRAY_DUMP {
                    length as usize
                } else {
                    0
                };
                let data = self
                    .cursor
                    .take(dumped.checked_mul(element.width(width))?)?;
                Some(SubRecord::PrimitiveArray {
                    id,
                    element,
                    length,
                    data,
                })
            }
            sub::CLASS_DUMP => {
                let body = self.cursor.position();
                let id = ClassDump::skip(&mut self.cursor, self.id)?;
                Some(SubRecord::Class { id, body })
            }
            sub::HEAP_DUMP_INFO => {
                let heap_id = self.cursor.u4()?;
                Some(SubRecord::HeapInfo {
                    heap_id,
                    name_id: self.cursor.id(self.id)?,
                })
            }
            _ => self.root(RootKind::from_tag(tag)?),
        }
    }

    fn root(&mut self, kind: RootKind) -> Option<SubRecord<'a>> {
        let object_id = self.cursor.id(self.id)?;
        if kind == RootKind::J9SystemClass && object_id == 0 {
            return None; // a hole of zeros, not a root of OpenJ9
        }
        let (ids, plain) = kind.trailer();
        let trailer = self.cursor.take(ids * self.id.bytes() + plain)?;
        let thread_serial = if plain >= 4 { be32(trailer) } else { 0 };
        let frame = if plain >= 8 { be32(&trailer[4..]) } else { 0 };
        Some(SubRecord::Root(GcRoot {
            kind,
            object_id,
            thread_serial,
            frame,
        }))
    }
}

/// Whether `tag` is a sub-record tag that can be read.
pub fn is_known(tag: u8) -> bool {
    RootKind::from_tag(tag).is_some()
        || matches!(
            tag,
            sub::CLASS_DUMP
                ..=sub::PRIMITIVE_ARRAY_DUMP
                    | sub::PRIMITIVE_ARRAY_NODATA_DUMP
                    | sub::HEAP_DUMP_INFO
        )
}

#[inline(always)]
fn be32(bytes: &[u8]) -> u32 {
    BigEndian::read_u32(bytes)
}
