//! From the described heap to bytes: addresses, then records in the order the options ask for.

use super::heap::{Body, ClassData};
use super::layout::round_up;
use super::names::{Symbols, internal_name};
use super::raw::{Bytes, Frame};
use super::{
    Class, ClassDump, Framing, Heap, Names, Obj, Options, RawDump, Root, RootsPlace, SubRecords,
    Value,
};

/// A dump and where its objects lie in it.
pub struct Written {
    pub bytes: Vec<u8>,
    addresses: Vec<u64>,
}

impl Written {
    /// The identifier of the object in the dump.
    pub fn address(&self, object: Obj) -> u64 {
        self.addresses[object.0 as usize]
    }
}

impl Heap {
    /// The dump as JDK 17 would write it.
    pub fn write(&self) -> Written {
        self.write_with(&Options::default())
    }

    pub fn write_with(&self, options: &Options) -> Written {
        let addresses = self.assign_addresses();
        let bytes = Writer::new(self, options, &addresses).run();
        Written { bytes, addresses }
    }

    /// Objects lie in order of creation, each as long as the layout makes it.
    fn assign_addresses(&self) -> Vec<u64> {
        let mut next = self.base;
        let place = |(index, object): (usize, &super::heap::ObjectData)| {
            if let Some(stride) = self.id_stride {
                return (index as u64 + 1) * stride;
            }
            let address = object
                .address
                .unwrap_or(round_up(next + object.gap, self.layout.alignment));
            next = address + self.shallow_size(Obj(index as u32));
            address
        };
        self.objects.iter().enumerate().map(place).collect()
    }
}

struct Writer<'a> {
    heap: &'a Heap,
    options: &'a Options,
    addresses: &'a [u64],
    symbols: Symbols,
}

impl<'a> Writer<'a> {
    fn new(heap: &'a Heap, options: &'a Options, addresses: &'a [u64]) -> Self {
        Writer {
            heap,
            options,
            addresses,
            symbols: Symbols::default(),
        }
    }

    fn run(mut self) -> Vec<u8> {
        let id_size = self.heap.id_size;
        let content = self.sub_records();
        let classes = self.load_class_records();
        let stacks = self.stack_records();
        let mut names = RawDump::headless(id_size);
        for name in std::mem::take(&mut self.symbols.order) {
            names.string(self.symbols.ids[&name], name.as_bytes());
        }
        let (names, classes, stacks) = (
            names.into_bytes(),
            classes.into_bytes(),
            stacks.into_bytes(),
        );
        let mut out = RawDump::with_header(self.options.magic, id_size, id_size as u32);
        if !self.options.names_last {
            out.raw(&names).raw(&classes);
        }
        if !self.options.stacks_last {
            out.raw(&stacks);
        }
        if self.options.agent_records {
            out.alloc_sites()
                .heap_summary(1, 1)
                .control_settings(3, 4)
                .cpu_samples(1, 1);
        }
        self.frame_content(&mut out, &content);
        if self.options.stacks_last {
            out.raw(&stacks);
        }
        if self.options.names_last {
            out.raw(&classes).raw(&names);
        }
        out.into_bytes()
    }

    /// Packs the sub-records into heap dump records.
    fn frame_content(&self, out: &mut RawDump, content: &SubRecords) {
        let Framing::Segments(limit) = self.options.framing else {
            out.heap_dump(content);
            return;
        };
        let mut segment = SubRecords::new(self.heap.id_size);
        // ART begins every segment in its default heap and names the heap again.
        let mut heap_info: Option<&[u8]> = None;
        for sub_record in content.each() {
            let is_info = sub_record[0] == 0xFE;
            if segment.len() > 0 && segment.len() + sub_record.len() > limit {
                out.heap_dump_segment(&segment);
                segment = SubRecords::new(self.heap.id_size);
                if let Some(info) = heap_info.filter(|_| !is_info) {
                    segment.append(info);
                }
            }
            if is_info {
                heap_info = Some(sub_record);
            }
            segment.append(sub_record);
        }
        out.heap_dump_segment(&segment).heap_dump_end();
    }

    fn sub_records(&mut self) -> SubRecords {
        let mut out = SubRecords::new(self.heap.id_size);
        if self.options.roots == RootsPlace::First {
            self.roots(&mut out);
        }
        if self.options.objects_before_classes {
            self.objects(&mut out);
        }
        for index in 0..self.heap.classes.len() {
            self.class_dump(&mut out, Class(index as u32));
        }
        if self.options.roots == RootsPlace::AfterClasses {
            self.roots(&mut out);
        }
        if !self.options.objects_before_classes {
            self.objects(&mut out);
        }
        if self.options.roots == RootsPlace::Last {
            self.roots(&mut out);
        }
        out
    }

    fn address(&self, object: Obj) -> u64 {
        self.addresses[object.0 as usize]
    }

    fn value_bytes(&self, value: Value) -> Vec<u8> {
        let mut bytes = Bytes::new(self.heap.id_size);
        value.write(&mut bytes, |object| self.address(object));
        bytes.into_vec()
    }

    fn symbol(&mut self, name: &str) -> u64 {
        self.symbols.id(name, self.heap.id_size)
    }

    /// Indices of a class's fields in the order they are dumped.
    fn field_order(&self, class: &ClassData) -> Vec<usize> {
        let mut order: Vec<usize> = (0..class.fields.len()).collect();
        if self.options.fields_reversed {
            order.reverse();
        }
        order
    }

    fn class_dump(&mut self, out: &mut SubRecords, class: Class) {
        let data = self.heap.class_data(class).clone();
        if self.heap.object(data.mirror).omitted {
            return;
        }
        let object = |reference: Option<Obj>| reference.map_or(0, |object| self.address(object));
        let width = |data: &ClassData| -> usize {
            data.fields
                .iter()
                .map(|(_, kind)| kind.width_in_dump(self.heap.id_size))
                .sum()
        };
        let mut dump = ClassDump {
            id: self.address(data.mirror),
            superclass: object(data.superclass.map(|up| self.heap.mirror(up))),
            loader: object(data.loader),
            signers: object(data.signers),
            protection_domain: object(data.protection_domain),
            instance_size: self.heap.chain(class).map(width).sum::<usize>() as u32,
            ..ClassDump::default()
        };
        for (name, value) in &data.statics {
            let bytes = self.value_bytes(*value);
            dump.statics
                .push((self.symbol(name), value.kind() as u8, bytes));
        }
        for index in self.field_order(&data) {
            let (name, kind) = &data.fields[index];
            dump.fields.push((self.symbol(name), *kind as u8));
        }
        self.heap_info(out, data.mirror);
        out.class_dump(&dump);
    }

    /// Android's HEAP_DUMP_INFO before every object, if any object of the heap was put somewhere; the rest is the app's.
    fn heap_info(&mut self, out: &mut SubRecords, object: Obj) {
        if self.heap.android_heaps.is_empty() {
            return;
        }
        let heap = self.heap.android_heaps.get(&object).copied().unwrap_or(65);
        let name = match heap {
            65 => "app",
            73 => "image",
            90 => "zygote",
            _ => "default",
        };
        out.heap_dump_info(heap, self.symbol(name));
    }

    fn objects(&mut self, out: &mut SubRecords) {
        let mut order: Vec<u32> = (0..self.heap.objects.len() as u32).collect();
        if let Some(seed) = self.options.shuffle {
            shuffle(&mut order, seed);
        }
        for index in order {
            let object = self.heap.object(Obj(index));
            if !object.omitted {
                if !matches!(object.body, Body::Mirror(_)) {
                    self.heap_info(out, Obj(index));
                }
                self.object(out, self.addresses[index as usize], &object.body);
            }
        }
    }

    fn object(&self, out: &mut SubRecords, id: u64, body: &Body) {
        match body {
            // HotSpot writes mirrors as CLASS_DUMP only.
            Body::Mirror(_) => {}
            Body::Instance(class, values) => {
                let mirror = self.address(self.heap.mirror(*class));
                out.instance_dump(id, mirror, &self.instance_data(*class, values));
            }
            Body::ObjectArray(class, elements) => {
                let mut data = Bytes::new(self.heap.id_size);
                elements
                    .iter()
                    .for_each(|element| element.write(&mut data, |object| self.address(object)));
                let mirror = self.address(self.heap.mirror(*class));
                out.begin(0x22)
                    .id(id)
                    .u4(0)
                    .u4(elements.len() as u32)
                    .id(mirror)
                    .raw(data.as_slice());
            }
            Body::PrimArray(kind, content) => {
                out.prim_array_dump(id, *kind, content);
            }
        }
    }

    /// Fields of the class itself first, then of its superclass, and so on.
    fn instance_data(&self, class: Class, values: &[Value]) -> Vec<u8> {
        let mut data = Bytes::new(self.heap.id_size);
        let mut rest = values;
        for declaring in self.heap.chain(class) {
            let (own, above) = rest.split_at(declaring.fields.len());
            for index in self.field_order(declaring) {
                own[index].write(&mut data, |object| self.address(object));
            }
            rest = above;
        }
        data.into_vec()
    }

    fn roots(&self, out: &mut SubRecords) {
        for (index, thread) in self.heap.threads.iter().enumerate() {
            let handle = super::ThreadHandle(index as u32);
            let local = |root: &&(Root, Obj)| matches!(root.0, Root::JniLocal { thread, .. } | Root::JavaFrame { thread, .. } if thread == handle);
            let object = self.address(thread.object);
            if !self.options.locals_before_threads {
                out.root_thread_object(object, handle.serial(), handle.trace_serial());
            }
            self.heap
                .roots
                .iter()
                .filter(local)
                .for_each(|root| self.root(out, *root));
            if self.options.locals_before_threads {
                out.root_thread_object(object, handle.serial(), handle.trace_serial());
            }
        }
        let other =
            |root: &&(Root, Obj)| !matches!(root.0, Root::JniLocal { .. } | Root::JavaFrame { .. });
        self.heap
            .roots
            .iter()
            .filter(other)
            .for_each(|root| self.root(out, *root));
        if self.heap.sticky_boot_classes {
            for class in self
                .heap
                .classes
                .iter()
                .filter(|class| class.loader.is_none())
            {
                out.root_sticky_class(self.address(class.mirror));
            }
        }
    }

    fn root(&self, out: &mut SubRecords, (root, object): (Root, Obj)) {
        let id = self.address(object);
        match root {
            Root::Unknown => out.root_unknown(id),
            Root::JniGlobal => out.root_jni_global(id, 0x7f00_1000 + 8 * u64::from(object.0)),
            Root::JniLocal { thread, frame } => out.root_jni_local(id, thread.serial(), frame),
            Root::JavaFrame { thread, frame } => out.root_java_frame(id, thread.serial(), frame),
            Root::NativeStack { thread } => out.root_native_stack(id, thread.serial()),
            Root::StickyClass => out.root_sticky_class(id),
            Root::ThreadBlock { thread } => out.root_thread_block(id, thread.serial()),
            Root::MonitorUsed => out.root_monitor_used(id),
            Root::JniMonitor { thread, depth } => out.root_jni_monitor(id, thread.serial(), depth),
            Root::J9SystemClass => out.root(0x00, id),
            Root::InternedString => out.root(0x89, id),
            Root::Finalizing => out.root(0x8A, id),
            Root::Debugger => out.root(0x8B, id),
            Root::ReferenceCleanup => out.root(0x8C, id),
            Root::VmInternal => out.root(0x8D, id),
            Root::Unreachable => out.root(0x90, id),
        };
    }

    fn load_class_records(&mut self) -> RawDump {
        let mut out = RawDump::headless(self.heap.id_size);
        for (index, class) in self.heap.classes.iter().enumerate() {
            let spelled = match self.options.names {
                Names::Dots => class.name.clone(),
                Names::Slashes => internal_name(&class.name),
            };
            let name = self.symbol(&spelled);
            out.load_class(index as u32 + 1, self.address(class.mirror), 1, name);
        }
        out
    }

    fn stack_records(&mut self) -> RawDump {
        let mut out = RawDump::headless(self.heap.id_size);
        // HotSpot begins with an empty trace that every object's record names.
        out.stack_trace(1, 0, &[]);
        let mut next_frame = 1;
        for (index, thread) in self.heap.threads.iter().enumerate() {
            let mut ids = Vec::new();
            for frame in &thread.frames {
                let source_file = frame
                    .source_file
                    .as_deref()
                    .map_or(0, |name| self.symbol(name));
                out.stack_frame(&Frame {
                    id: next_frame,
                    method: self.symbol(&frame.method),
                    signature: self.symbol(&frame.signature),
                    source_file,
                    class_serial: frame.class.0 + 1,
                    line: frame.line,
                });
                ids.push(next_frame);
                next_frame += 1;
            }
            let handle = super::ThreadHandle(index as u32);
            out.stack_trace(handle.trace_serial(), handle.serial(), &ids);
        }
        out
    }
}

/// Fisher and Yates with a xorshift generator: the same order for the same seed, for ever.
fn shuffle(order: &mut [u32], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for last in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(last, (state % (last as u64 + 1)) as usize);
    }
}
