//! Top-level records, written as told: nothing is checked.

use super::SubRecords;

/// Big-endian bytes with identifiers of one width.
#[derive(Clone, Debug)]
pub struct Bytes {
    id_size: usize,
    out: Vec<u8>,
}

impl Bytes {
    /// Nothing yet, identifiers of `id_size` bytes (any number, also sizes no JVM writes).
    pub fn new(id_size: usize) -> Self {
        Bytes {
            id_size,
            out: Vec::new(),
        }
    }
    pub fn id_size(&self) -> usize {
        self.id_size
    }
    pub fn u1(&mut self, value: u8) -> &mut Self {
        self.out.push(value);
        self
    }
    pub fn u2(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub fn u4(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    pub fn u8(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }
    /// The low `id_size` bytes of `value`; wider identifiers get leading zeros.
    pub fn id(&mut self, value: u64) -> &mut Self {
        let wide = value.to_be_bytes();
        for position in (0..self.id_size).rev() {
            self.out
                .push(if position < 8 { wide[7 - position] } else { 0 });
        }
        self
    }
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.out.extend_from_slice(bytes);
        self
    }
    pub fn len(&self) -> usize {
        self.out.len()
    }
    pub fn as_slice(&self) -> &[u8] {
        &self.out
    }
    pub fn into_vec(self) -> Vec<u8> {
        self.out
    }
}

/// One line of a stack trace (record 0x04).
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub id: u64,
    pub method: u64,
    pub signature: u64,
    pub source_file: u64,
    pub class_serial: u32,
    /// Above 0 a line; 0 none, -1 unknown, -2 compiled, -3 native.
    pub line: i32,
}

/// A dump under construction: header and top-level records.
#[derive(Clone, Debug)]
pub struct RawDump {
    bytes: Bytes,
    /// The time field of the records that follow, in microseconds after the header's time (HotSpot: always 0).
    pub time: u32,
}

/// 2026-01-02T03:04:05Z in milliseconds: the header time of every synthetic dump.
pub const CAPTURED_AT: u64 = 1_767_323_045_000;

impl RawDump {
    /// `JAVA PROFILE 1.0.2` with identifiers of `id_size` bytes.
    pub fn new(id_size: usize) -> Self {
        Self::with_header("JAVA PROFILE 1.0.2", id_size, id_size as u32)
    }

    /// Any magic, and an identifier size in the header that need not be the one that is written.
    pub fn with_header(magic: &str, id_size: usize, id_size_field: u32) -> Self {
        let mut bytes = Bytes::new(id_size);
        bytes
            .raw(magic.as_bytes())
            .u1(0)
            .u4(id_size_field)
            .u8(CAPTURED_AT);
        RawDump { bytes, time: 0 }
    }

    /// No header at all: for what follows one.
    pub fn headless(id_size: usize) -> Self {
        RawDump {
            bytes: Bytes::new(id_size),
            time: 0,
        }
    }

    pub fn id_size(&self) -> usize {
        self.bytes.id_size()
    }

    /// Bytes so far: the file offset of the next record.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }

    /// Bytes outside of any record: garbage, padding.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.raw(bytes);
        self
    }

    /// A record whose length field tells the truth.
    pub fn record(&mut self, tag: u8, body: &[u8]) -> &mut Self {
        self.record_claiming(tag, body.len() as u32, body)
    }

    /// A record whose length field says `length`, whatever the body is.
    pub fn record_claiming(&mut self, tag: u8, length: u32, body: &[u8]) -> &mut Self {
        let time = self.time;
        self.bytes.u1(tag).u4(time).u4(length).raw(body);
        self
    }

    fn record_of(&mut self, tag: u8, fill: impl FnOnce(&mut Bytes)) -> &mut Self {
        let mut body = Bytes::new(self.id_size());
        fill(&mut body);
        self.record(tag, body.as_slice())
    }

    pub fn string(&mut self, id: u64, modified_utf8: &[u8]) -> &mut Self {
        self.record_of(0x01, |b| {
            b.id(id).raw(modified_utf8);
        })
    }
    pub fn load_class(&mut self, serial: u32, class_id: u64, trace: u32, name: u64) -> &mut Self {
        self.record_of(0x02, |b| {
            b.u4(serial).id(class_id).u4(trace).id(name);
        })
    }
    pub fn unload_class(&mut self, serial: u32) -> &mut Self {
        self.record_of(0x03, |b| {
            b.u4(serial);
        })
    }
    pub fn stack_frame(&mut self, frame: &Frame) -> &mut Self {
        self.record_of(0x04, |b| {
            b.id(frame.id)
                .id(frame.method)
                .id(frame.signature)
                .id(frame.source_file);
            b.u4(frame.class_serial).u4(frame.line as u32);
        })
    }
    pub fn stack_trace(&mut self, serial: u32, thread_serial: u32, frames: &[u64]) -> &mut Self {
        self.record_of(0x05, |b| {
            b.u4(serial).u4(thread_serial).u4(frames.len() as u32);
            frames.iter().for_each(|&frame| {
                b.id(frame);
            });
        })
    }
    /// ALLOC_SITES with one site, as the hprof agent writes it.
    pub fn alloc_sites(&mut self) -> &mut Self {
        self.record_of(0x06, |b| {
            b.u2(1).u4(0).u4(100).u4(1).u8(100).u8(1).u4(1);
            b.u1(0).u4(1).u4(1).u4(100).u4(1).u4(100).u4(1);
        })
    }
    pub fn heap_summary(&mut self, live_bytes: u32, live_objects: u32) -> &mut Self {
        self.record_of(0x07, |b| {
            b.u4(live_bytes)
                .u4(live_objects)
                .u8(u64::from(live_bytes))
                .u8(u64::from(live_objects));
        })
    }
    pub fn start_thread(
        &mut self,
        serial: u32,
        object: u64,
        trace: u32,
        names: [u64; 3],
    ) -> &mut Self {
        self.record_of(0x0A, |b| {
            b.u4(serial)
                .id(object)
                .u4(trace)
                .id(names[0])
                .id(names[1])
                .id(names[2]);
        })
    }
    pub fn end_thread(&mut self, serial: u32) -> &mut Self {
        self.record_of(0x0B, |b| {
            b.u4(serial);
        })
    }
    pub fn heap_dump(&mut self, content: &SubRecords) -> &mut Self {
        self.record(0x0C, content.as_slice())
    }
    /// HEAP_DUMP of length 0, as a JVM leaves it that was killed before it came back to write the length.
    pub fn heap_dump_unpatched(&mut self, content: &SubRecords) -> &mut Self {
        self.record_claiming(0x0C, 0, content.as_slice())
    }
    pub fn cpu_samples(&mut self, samples: u32, trace: u32) -> &mut Self {
        self.record_of(0x0D, |b| {
            b.u4(samples).u4(1).u4(samples).u4(trace);
        })
    }
    pub fn control_settings(&mut self, flags: u32, depth: u16) -> &mut Self {
        self.record_of(0x0E, |b| {
            b.u4(flags).u2(depth);
        })
    }
    pub fn heap_dump_segment(&mut self, content: &SubRecords) -> &mut Self {
        self.record(0x1C, content.as_slice())
    }
    pub fn heap_dump_end(&mut self) -> &mut Self {
        self.record(0x2C, &[])
    }
}
