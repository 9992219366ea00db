//! Sub-records of HEAP_DUMP and HEAP_DUMP_SEGMENT, HotSpot's and Android's, written as told.

use super::Kind;
use super::raw::Bytes;

/// The content of one or more heap dump records; remembers where each sub-record begins.
#[derive(Clone, Debug)]
pub struct SubRecords {
    bytes: Bytes,
    starts: Vec<usize>,
}

/// What a CLASS_DUMP says. Values of statics and constants are raw bytes, so that any type code can be given.
#[derive(Clone, Debug, Default)]
pub struct ClassDump {
    pub id: u64,
    pub trace: u32,
    pub superclass: u64,
    pub loader: u64,
    pub signers: u64,
    pub protection_domain: u64,
    pub reserved: [u64; 2],
    pub instance_size: u32,
    /// Index, type code, value.
    pub constant_pool: Vec<(u16, u8, Vec<u8>)>,
    /// Name id, type code, value.
    pub statics: Vec<(u64, u8, Vec<u8>)>,
    /// Name id, type code.
    pub fields: Vec<(u64, u8)>,
}

impl SubRecords {
    pub fn new(id_size: usize) -> Self {
        SubRecords {
            bytes: Bytes::new(id_size),
            starts: Vec::new(),
        }
    }
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.as_slice()
    }
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
    /// Number of sub-records.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The sub-records one by one.
    pub fn each(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.starts.iter().skip(1).copied().chain([self.len()]);
        self.starts
            .iter()
            .zip(ends)
            .map(|(&start, end)| &self.as_slice()[start..end])
    }

    /// Begins a sub-record of any tag.
    pub fn begin(&mut self, tag: u8) -> &mut Bytes {
        self.starts.push(self.bytes.len());
        self.bytes.u1(tag)
    }

    /// A sub-record that was written elsewhere.
    pub fn append(&mut self, sub_record: &[u8]) -> &mut Self {
        self.starts.push(self.bytes.len());
        self.bytes.raw(sub_record);
        self
    }

    // --- GC roots ---

    /// The roots without more than an identifier: 0x00 (J9 system class), 0x05 sticky class, 0x07 monitor used, 0xFF unknown,
    /// Android's 0x89 interned string, 0x8A finalizing, 0x8B debugger, 0x8C reference cleanup, 0x8D VM internal, 0x90 unreachable.
    pub fn root(&mut self, tag: u8, id: u64) -> &mut Self {
        self.begin(tag).id(id);
        self
    }
    pub fn root_jni_global(&mut self, id: u64, global_ref: u64) -> &mut Self {
        self.begin(0x01).id(id).id(global_ref);
        self
    }
    pub fn root_jni_local(&mut self, id: u64, thread: u32, frame: u32) -> &mut Self {
        self.begin(0x02).id(id).u4(thread).u4(frame);
        self
    }
    pub fn root_java_frame(&mut self, id: u64, thread: u32, frame: u32) -> &mut Self {
        self.begin(0x03).id(id).u4(thread).u4(frame);
        self
    }
    pub fn root_native_stack(&mut self, id: u64, thread: u32) -> &mut Self {
        self.begin(0x04).id(id).u4(thread);
        self
    }
    pub fn root_sticky_class(&mut self, id: u64) -> &mut Self {
        self.root(0x05, id)
    }
    pub fn root_thread_block(&mut self, id: u64, thread: u32) -> &mut Self {
        self.begin(0x06).id(id).u4(thread);
        self
    }
    pub fn root_monitor_used(&mut self, id: u64) -> &mut Self {
        self.root(0x07, id)
    }
    pub fn root_thread_object(&mut self, id: u64, thread: u32, trace: u32) -> &mut Self {
        self.begin(0x08).id(id).u4(thread).u4(trace);
        self
    }
    pub fn root_unknown(&mut self, id: u64) -> &mut Self {
        self.root(0xFF, id)
    }
    /// Android's ROOT_JNI_MONITOR.
    pub fn root_jni_monitor(&mut self, id: u64, thread: u32, depth: u32) -> &mut Self {
        self.begin(0x8E).id(id).u4(thread).u4(depth);
        self
    }

    // --- classes and objects ---

    pub fn class_dump(&mut self, class: &ClassDump) -> &mut Self {
        let out = self.begin(0x20);
        out.id(class.id)
            .u4(class.trace)
            .id(class.superclass)
            .id(class.loader)
            .id(class.signers);
        out.id(class.protection_domain)
            .id(class.reserved[0])
            .id(class.reserved[1]);
        out.u4(class.instance_size);
        out.u2(class.constant_pool.len() as u16);
        for (index, kind, value) in &class.constant_pool {
            out.u2(*index).u1(*kind).raw(value);
        }
        out.u2(class.statics.len() as u16);
        for (name, kind, value) in &class.statics {
            out.id(*name).u1(*kind).raw(value);
        }
        out.u2(class.fields.len() as u16);
        for (name, kind) in &class.fields {
            out.id(*name).u1(*kind);
        }
        self
    }

    pub fn instance_dump(&mut self, id: u64, class: u64, data: &[u8]) -> &mut Self {
        self.instance_dump_claiming(id, class, data.len() as u32, data)
    }
    /// INSTANCE_DUMP whose length field says `length`.
    pub fn instance_dump_claiming(
        &mut self,
        id: u64,
        class: u64,
        length: u32,
        data: &[u8],
    ) -> &mut Self {
        self.begin(0x21).id(id).u4(0).id(class).u4(length).raw(data);
        self
    }
    pub fn object_array_dump(&mut self, id: u64, class: u64, elements: &[u64]) -> &mut Self {
        self.object_array_dump_claiming(id, class, elements.len() as u32, elements)
    }
    /// OBJECT_ARRAY_DUMP whose count field says `count`.
    pub fn object_array_dump_claiming(
        &mut self,
        id: u64,
        class: u64,
        count: u32,
        elements: &[u64],
    ) -> &mut Self {
        let out = self.begin(0x22).id(id).u4(0).u4(count).id(class);
        for &element in elements {
            out.id(element);
        }
        self
    }
    /// PRIMITIVE_ARRAY_DUMP; `data` holds the big-endian elements.
    pub fn prim_array_dump(&mut self, id: u64, kind: Kind, data: &[u8]) -> &mut Self {
        let count = data.len() / kind.width_in_dump(1);
        self.prim_array_dump_claiming(id, kind as u8, count as u32, data)
    }
    /// PRIMITIVE_ARRAY_DUMP with any type code and any count.
    pub fn prim_array_dump_claiming(
        &mut self,
        id: u64,
        kind: u8,
        count: u32,
        data: &[u8],
    ) -> &mut Self {
        self.begin(0x23).id(id).u4(0).u4(count).u1(kind).raw(data);
        self
    }

    // --- Android ---

    pub fn prim_array_nodata(&mut self, id: u64, kind: Kind, count: u32) -> &mut Self {
        self.begin(0xC3).id(id).u4(0).u4(count).u1(kind as u8);
        self
    }
    pub fn heap_dump_info(&mut self, heap: u32, name: u64) -> &mut Self {
        self.begin(0xFE).u4(heap).id(name);
        self
    }
}
