//! The top-level records: where names, classes, stacks and heap segments lie in the file.

use foldhash::HashMap;

use super::cursor::{Cursor, IdSize};
use super::damage::{self, Damage, DamageCode};
use super::header::Header;
use super::resync::{RECORD_HEADER, Search};
use super::sub_record::{SubRecord, SubRecords};
use super::tag::record;

/// A heap record of more bytes than this holds an array that fills all that a length of four bytes can say.
const LONGEST_RECORD: usize = u32::MAX as usize - 64;

/// A LOAD_CLASS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadClass {
    /// Class serial number.
    pub serial: u32,
    /// Identifier of the class object.
    pub class_id: u64,
    /// Identifier of the name.
    pub name_id: u64,
}

/// A FRAME record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Identifier of the method's name.
    pub method_id: u64,
    /// Identifier of the source file's name, 0 if unknown.
    pub source_id: u64,
    /// Serial number of the class.
    pub class_serial: u32,
    /// Line, or -1 unknown, -2 compiled, -3 native.
    pub line: i32,
}

/// A TRACE record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Thread serial number.
    pub thread_serial: u32,
    /// Identifiers of the frames, from the top of the stack.
    pub frames: Vec<u64>,
}

/// Where everything lies.
#[derive(Debug, Default)]
pub struct Container {
    /// Where each string lies: file offset and length in bytes.
    pub strings: HashMap<u64, (u64, u32)>,
    /// The LOAD_CLASS records in file order.
    pub load_classes: Vec<LoadClass>,
    /// Frames by identifier.
    pub frames: HashMap<u64, Frame>,
    /// Traces by serial number.
    pub traces: HashMap<u32, Trace>,
    /// Heap segments: file offsets `start..end` of their bodies, in file order.
    pub segments: Vec<(usize, usize)>,
    /// Indexes of the segments at which a heap dump may begin: the first one, those after an end record, whole records.
    pub sequence_starts: Vec<usize>,
    /// Whether a HEAP_DUMP_END was seen after the last segment.
    pub ended: bool,
    /// Whether the heap is written as segments, which need an end record.
    pub segmented: bool,
    /// Whether the dump says that its values were redacted.
    pub redacted: bool,
    /// File offsets of the headers of further dumps in the same file.
    pub further_dumps: Vec<usize>,
    /// Where the walk stopped.
    pub end: usize,
    /// What is wrong.
    pub damage: Vec<Damage>,
}

impl Container {
    /// Walks the records after `header`, which starts at file offset `start`. Takes linear time in the number of
    /// records; bodies of heap segments are not touched. `passed` learns which offsets were searched for a record in vain.
    pub fn walk(
        bytes: &[u8],
        start: usize,
        header: &Header,
        passed: &dyn Fn(usize, usize),
    ) -> Container {
        let mut walk = Walk {
            bytes,
            id: header.id_size,
            search: Search::new(bytes, header.id_size, passed),
            out: Container::default(),
        };
        walk.run(start + header.length);
        walk.out
    }

    /// The bytes of string `id`.
    pub fn string<'a>(&self, bytes: &'a [u8], id: u64) -> Option<&'a [u8]> {
        let &(offset, length) = self.strings.get(&id)?;
        bytes.get(offset as usize..offset as usize + length as usize)
    }
}

struct Walk<'a> {
    bytes: &'a [u8],
    id: IdSize,
    search: Search<'a>,
    out: Container,
}

impl Walk<'_> {
    fn run(&mut self, start: usize) {
        let mut at = start;
        while at < self.bytes.len() {
            if self.bytes[at..].starts_with(b"JAVA PROFILE 1.")
                && Header::read(self.bytes, at).is_ok()
            {
                self.out.further_dumps.push(at);
                break;
            }
            at = match self.step(at) {
                Some(next) => next,
                None => break,
            };
        }
        self.out.end = at.min(self.bytes.len());
        if self.out.segmented
            && !self.out.ended
            && !self
                .out
                .damage
                .iter()
                .any(|d| d.code == DamageCode::Truncated)
        {
            self.damage(
                DamageCode::NoEndRecord,
                self.out.end,
                0,
                "the record that ends a dump is missing: the JVM may have been stopped while it wrote".to_owned(),
            );
        }
    }

    /// Reads the record at `at`; gives the offset of the next one, or `None` to stop.
    fn step(&mut self, at: usize) -> Option<usize> {
        let mut cursor = Cursor::new(self.bytes, at, self.bytes.len());
        let (Some(tag), Some(_), Some(length)) = (cursor.u1(), cursor.u4(), cursor.u4()) else {
            let left = self.bytes.len() - at;
            if self.out.ended {
                self.trailing(at);
            } else {
                self.damage(
                    DamageCode::Truncated,
                    at,
                    left,
                    format!("the file ends inside a record header at byte {at}"),
                );
            }
            return None;
        };
        if self.out.ended && !self.search.plausible(at, 1) {
            self.trailing(at);
            return None;
        }
        let body = at + RECORD_HEADER;
        let available = self.bytes.len() - body;
        if tag == record::HEAP_DUMP || tag == record::HEAP_DUMP_SEGMENT {
            return Some(self.heap(tag, at, length as usize));
        }
        if !record::is_known(tag) {
            return self.unknown(at, tag, length as usize);
        }
        if length as usize > available {
            return self.too_long(at, tag, length as usize);
        }
        let end = body + length as usize;
        if self.read(tag, Cursor::new(self.bytes, body, end)).is_none() {
            let message = format!(
                "record with tag 0x{tag:02x} at byte {at} is too short for what it should hold"
            );
            self.damage(DamageCode::BadLength, at, length as usize, message);
            if !self.search.plausible(end, 1) {
                return self.resync(at + 1);
            }
        }
        Some(end)
    }

    /// Reads a record that is kept; `None` when the body is too short.
    fn read(&mut self, tag: u8, mut c: Cursor<'_>) -> Option<()> {
        match tag {
            record::UTF8 => {
                let id = c.id(self.id)?;
                self.out
                    .strings
                    .entry(id)
                    .or_insert((c.position() as u64, c.remaining() as u32));
            }
            record::LOAD_CLASS => {
                let serial = c.u4()?;
                let class_id = c.id(self.id)?;
                c.u4()?;
                self.out.load_classes.push(LoadClass {
                    serial,
                    class_id,
                    name_id: c.id(self.id)?,
                });
            }
            record::FRAME => {
                let frame_id = c.id(self.id)?;
                let method_id = c.id(self.id)?;
                c.id(self.id)?;
                let source_id = c.id(self.id)?;
                let class_serial = c.u4()?;
                let line = c.u4()? as i32;
                self.out.frames.entry(frame_id).or_insert(Frame {
                    method_id,
                    source_id,
                    class_serial,
                    line,
                });
            }
            record::TRACE => {
                let serial = c.u4()?;
                let thread_serial = c.u4()?;
                let count = (c.u4()? as usize).min(c.remaining() / self.id.bytes());
                let frames = (0..count).map_while(|_| c.id(self.id)).collect();
                self.out.traces.entry(serial).or_insert(Trace {
                    thread_serial,
                    frames,
                });
            }
            record::HEAP_DUMP_END => self.out.ended = true,
            record::REDACTED => self.out.redacted = true,
            _ => {}
        }
        Some(())
    }

    /// A heap segment at `at`; gives where the next record starts.
    fn heap(&mut self, tag: u8, at: usize, length: usize) -> usize {
        let body = at + RECORD_HEADER;
        let file_end = self.bytes.len();
        let mut end = body.saturating_add(length);
        self.out.segmented |= tag == record::HEAP_DUMP_SEGMENT;
        let first = self.out.segments.is_empty() || self.out.ended;
        self.out.ended = false;
        let whole = tag == record::HEAP_DUMP;
        if length == 0 {
            if body == file_end || self.search.plausible(body, 2) {
                return body;
            }
            end = self.search.true_end(body, usize::MAX).unwrap_or(file_end);
            let message = format!(
                "heap record at byte {at} has length 0, so the JVM was stopped while it wrote; read to byte {end}"
            );
            self.damage(DamageCode::BadLength, at, 0, message);
        } else if whole
            && end < file_end
            && !self.search.plausible(end, 2)
            && wrapped(body, file_end, length)
        {
            let message = format!(
                "length of the heap record at byte {at} passed 4 GiB and wrapped; read to the end of the file"
            );
            self.damage(DamageCode::BadLength, at, 0, message);
            end = file_end;
        } else if end > file_end || !self.search.plausible(end, 2) || end == file_end && !whole {
            end = self.heap_of_doubtful_length(at, end);
        }
        if end - body > LONGEST_RECORD {
            self.note_shortened(body, end);
        }
        if first || whole {
            self.out.sequence_starts.push(self.out.segments.len());
        }
        self.out.segments.push((body, end));
        end
    }

    /// A heap record at `at` whose end, as its length says, is not followed by a record: its sub-records tell where it
    /// ends. Gives the end to read up to.
    fn heap_of_doubtful_length(&mut self, at: usize, end: usize) -> usize {
        let (body, file_end) = (at + RECORD_HEADER, self.bytes.len());
        let length = end - body;
        match self.search.true_end(body, end) {
            Some(found) if found != end && (found < file_end || end < file_end) => {
                let message = format!(
                    "heap record at byte {at} claims {length} bytes, but its sub-records end at byte {found}; read up to there"
                );
                self.damage(DamageCode::BadLength, at, 0, message);
                found
            }
            _ if end > file_end => {
                let missing = end - file_end;
                let message = format!(
                    "the file ends inside the heap record at byte {at}: {missing} of its {length} bytes are missing"
                );
                self.damage(DamageCode::Truncated, file_end, missing, message);
                file_end
            }
            _ => end,
        }
    }

    /// HotSpot shortens an array that does not fit a record (`heapDumper.cpp`, `calculate_array_max_length`) and says so
    /// on the JVM's console only.
    fn note_shortened(&mut self, body: usize, end: usize) {
        let array = SubRecords::new(self.bytes, body, end, self.id).next();
        let (elements, bytes) = match array {
            Ok(Some(SubRecord::PrimitiveArray { length, data, .. })) => {
                (length as usize, data.len())
            }
            Ok(Some(SubRecord::ObjectArray { elements, .. })) => {
                (elements.len() / self.id.bytes(), elements.len())
            }
            _ => return,
        };
        if bytes + 64 > LONGEST_RECORD {
            let message = format!(
                "the array at byte {body} has {elements} elements, the most that fits a record: the JVM shortens longer ones, so it may be larger than it looks"
            );
            let damage = Damage::new(DamageCode::ShortenedArray, body, 0, message).with_count(1);
            damage::add(&mut self.out.damage, damage);
        }
    }

    fn too_long(&mut self, at: usize, tag: u8, length: usize) -> Option<usize> {
        let left = self.bytes.len() - at;
        let found = self.search.find_plausible(at + 1);
        match found {
            Some(next) => {
                let message = format!(
                    "record with tag 0x{tag:02x} at byte {at} claims {length} bytes, more than the file has; went on at byte {next}"
                );
                self.damage(DamageCode::BadLength, at, next - at, message);
                Some(next)
            }
            None => {
                let message = format!(
                    "the file ends inside the record with tag 0x{tag:02x} at byte {at}, which claims {length} bytes"
                );
                self.damage(DamageCode::Truncated, at, left, message);
                None
            }
        }
    }

    fn unknown(&mut self, at: usize, tag: u8, length: usize) -> Option<usize> {
        let end = (at + RECORD_HEADER).saturating_add(length);
        if end == self.bytes.len() || self.search.plausible(end, 2) {
            // A record of a kind we do not know, with a length that fits: what it held is unknown, the rest is whole.
            let heap = self.search.looks_like_heap(at + RECORD_HEADER, end);
            let message = if heap {
                format!(
                    "record at byte {at} has the unknown tag 0x{tag:02x} but holds heap data; read as a heap segment"
                )
            } else {
                format!(
                    "record with the unknown tag 0x{tag:02x} at byte {at} was skipped ({length} bytes)"
                )
            };
            if heap {
                if self.out.segments.is_empty() {
                    self.out.sequence_starts.push(0);
                }
                self.out.segments.push((at + RECORD_HEADER, end));
            }
            self.damage(
                DamageCode::UnknownRecord,
                at,
                if heap { 0 } else { length },
                message,
            );
            return Some(end);
        }
        self.resync(at)
    }

    fn resync(&mut self, from: usize) -> Option<usize> {
        match self.search.find_plausible(from) {
            Some(next) => {
                let message =
                    format!("bytes {from} to {next} are no records; went on at byte {next}");
                self.damage(DamageCode::Garbage, from, next - from, message);
                Some(next)
            }
            None => {
                let left = self.bytes.len().saturating_sub(from);
                self.damage(
                    DamageCode::Garbage,
                    from,
                    left,
                    format!("no record can be read from byte {from} to the end of the file"),
                );
                None
            }
        }
    }

    fn trailing(&mut self, at: usize) {
        let left = self.bytes.len() - at;
        self.damage(
            DamageCode::TrailingBytes,
            at,
            left,
            format!("{left} bytes after the end of the dump (byte {at}) were not read"),
        );
    }

    fn damage(&mut self, code: DamageCode, offset: usize, lost: usize, message: String) {
        damage::add(
            &mut self.out.damage,
            Damage::new(code, offset, lost, message),
        );
    }
}

/// Whether a record whose body is `start..end` would have this length if it wrapped at 4 GiB.
fn wrapped(start: usize, end: usize, length: usize) -> bool {
    (end - start) as u64 % (1 << 32) == length as u64
}
