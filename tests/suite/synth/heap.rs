//! The heap as a test describes it: classes, objects, fields. Nothing has an address yet.

use std::collections::HashMap;

use super::layout::{Layout, round_up};
use super::threads::{Root, ThreadData};
use super::{ClassBuilder, Kind, Value};

/// A class of a [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class(pub(super) u32);

/// An object of a [`Heap`]; class objects (mirrors) are objects as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Obj(pub(super) u32);

/// What an object is.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Mirror(Class),
    Instance(Class, Vec<Value>),
    ObjectArray(Class, Vec<Value>),
    /// Big-endian elements.
    PrimArray(Kind, Vec<u8>),
}

#[derive(Clone, Debug)]
pub(super) struct ObjectData {
    pub body: Body,
    /// Where a test wants it; else behind the object before.
    pub address: Option<u64>,
    /// Bytes left free before the object: what was dead and is not dumped.
    pub gap: u64,
    /// Bytes beyond what the fields need (`jdk.internal.vm.StackChunk`).
    pub extra: u64,
    /// The object exists but the dump does not contain it: references to it dangle.
    pub omitted: bool,
}

#[derive(Clone, Debug)]
pub(super) struct ClassData {
    pub name: String,
    pub mirror: Obj,
    pub superclass: Option<Class>,
    pub loader: Option<Obj>,
    pub fields: Vec<(String, Kind)>,
    pub statics: Vec<(String, Value)>,
    pub signers: Option<Obj>,
    pub protection_domain: Option<Obj>,
}

/// The application class loader, its `classes` list and the array in that.
#[derive(Clone, Copy, Debug)]
pub(super) struct AppLoader {
    pub loader: Obj,
    pub list: Obj,
    pub data: Obj,
}

/// A heap under construction. See the module for an example.
#[derive(Clone, Debug)]
pub struct Heap {
    pub(super) id_size: usize,
    pub(super) layout: Layout,
    pub(super) base: u64,
    pub(super) id_stride: Option<u64>,
    pub(super) sticky_boot_classes: bool,
    pub(super) classes: Vec<ClassData>,
    pub(super) objects: Vec<ObjectData>,
    pub(super) threads: Vec<ThreadData>,
    pub(super) roots: Vec<(Root, Obj)>,
    pub(super) by_name: HashMap<String, Class>,
    pub(super) app_loader: Option<AppLoader>,
    pub(super) finalizer_chain: Option<Obj>,
    pub(super) android_heaps: HashMap<Obj, u32>,
}

impl Default for Heap {
    fn default() -> Self {
        Heap::new()
    }
}

impl Heap {
    /// 8-byte identifiers, JDK 17 with compressed references; `java.lang.Object`, `Class` and the primitive array classes exist.
    pub fn new() -> Self {
        let mut heap = Heap {
            id_size: 8,
            layout: Layout::COMPRESSED,
            base: 0x0000_0007_8000_0000,
            id_stride: None,
            sticky_boot_classes: true,
            classes: Vec::new(),
            objects: Vec::new(),
            threads: Vec::new(),
            roots: Vec::new(),
            by_name: HashMap::new(),
            app_loader: None,
            finalizer_chain: None,
            android_heaps: HashMap::new(),
        };
        heap.jdk("java.lang.Class");
        use Kind::*;
        for kind in [Boolean, Char, Float, Double, Byte, Short, Int, Long] {
            let object = heap.jdk("java.lang.Object");
            heap.class(kind.array_names().1).superclass(object).done();
        }
        heap
    }

    /// Width of identifiers in the dump, 4 or 8; 4 also lowers the addresses.
    pub fn id_size(mut self, bytes: usize) -> Self {
        self.id_size = bytes;
        if bytes == 4 {
            self.base = 0x3000_0000;
        }
        self
    }

    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// Address of the first object.
    pub fn base(mut self, address: u64) -> Self {
        self.base = address;
        self
    }

    /// Identifiers are no addresses but serial numbers times `stride` (the old agent: 1; no shallow size can be measured).
    pub fn serial_ids(mut self, stride: u64) -> Self {
        self.id_stride = Some(stride);
        self
    }

    /// Leaves out the ROOT_STICKY_CLASS of the boot loader's classes (jhsdb).
    pub fn no_sticky_classes(mut self) -> Self {
        self.sticky_boot_classes = false;
        self
    }

    // --- classes ---

    /// Declares a class; dots in the name, `[]` for arrays. Several may have one name. Without [`ClassBuilder::loader`] or
    /// [`ClassBuilder::app`] it belongs to the boot loader.
    pub fn class(&mut self, name: &str) -> ClassBuilder<'_> {
        ClassBuilder::new(self, name)
    }

    /// The class first declared under this name.
    pub fn class_named(&self, name: &str) -> Option<Class> {
        self.by_name.get(name).copied()
    }

    /// The object that stands for the class.
    pub fn mirror(&self, class: Class) -> Obj {
        self.class_data(class).mirror
    }

    pub fn set_static(&mut self, class: Class, field: &str, value: impl Into<Value>) {
        let data = &mut self.classes[class.0 as usize];
        let found = data.statics.iter_mut().find(|(name, _)| name == field);
        found.unwrap_or_else(|| panic!("no static {field}")).1 = value.into();
    }

    /// Adds a static field after the fact.
    pub fn add_static(&mut self, class: Class, field: &str, value: impl Into<Value>) {
        self.classes[class.0 as usize]
            .statics
            .push((field.to_owned(), value.into()));
    }

    /// The class of arrays of `element` (declared when first asked for).
    pub fn array_class(&mut self, element: Class) -> Class {
        let name = format!("{}[]", self.class_data(element).name);
        match self.class_named(&name) {
            Some(class) => class,
            None => {
                let object = self.jdk("java.lang.Object");
                let loader = self.class_data(element).loader;
                self.class(&name)
                    .superclass(object)
                    .loader_option(loader)
                    .done()
            }
        }
    }

    // --- objects ---

    /// An instance with all fields zero or null.
    pub fn instance(&mut self, class: Class) -> Obj {
        let values = self
            .chain(class)
            .flat_map(|c| c.fields.iter().map(|(_, kind)| kind.zero()));
        let values = values.collect();
        self.add(Body::Instance(class, values))
    }

    /// An instance of a class that [`Heap::jdk`] knows or that was declared under this name.
    pub fn new_object(&mut self, class: &str) -> Obj {
        let class = self.class_named(class).unwrap_or_else(|| self.jdk(class));
        self.instance(class)
    }

    /// Sets an instance field; the nearest declaration from the object's class upwards counts.
    pub fn set(&mut self, object: Obj, field: &str, value: impl Into<Value>) -> &mut Self {
        let Body::Instance(class, _) = self.object(object).body else {
            panic!("no instance: {field}")
        };
        let names = self.chain(class).flat_map(|c| c.fields.iter());
        let slot = names
            .enumerate()
            .find(|(_, (name, _))| name == field)
            .map(|(slot, (_, kind))| (slot, *kind));
        let (slot, kind) =
            slot.unwrap_or_else(|| panic!("{} has no field {field}", self.class_data(class).name));
        let value = value.into();
        assert_eq!(value.kind(), kind, "type of {field}");
        let Body::Instance(_, values) = &mut self.objects[object.0 as usize].body else {
            unreachable!()
        };
        values[slot] = value;
        self
    }

    /// An array of references; `element` is the class of its elements.
    pub fn object_array<V: Copy + Into<Value>>(&mut self, element: Class, elements: &[V]) -> Obj {
        let class = self.array_class(element);
        self.add(Body::ObjectArray(
            class,
            elements.iter().map(|&value| value.into()).collect(),
        ))
    }

    /// Replaces an element of an object array.
    pub fn set_element(&mut self, array: Obj, index: usize, value: impl Into<Value>) {
        match &mut self.objects[array.0 as usize].body {
            Body::ObjectArray(_, elements) => elements[index] = value.into(),
            _ => panic!("no object array"),
        }
    }

    /// `byte[]` with this content.
    pub fn bytes(&mut self, content: &[u8]) -> Obj {
        self.add(Body::PrimArray(Kind::Byte, content.to_vec()))
    }

    /// `int[]` with this content.
    pub fn ints(&mut self, content: &[i32]) -> Obj {
        let content = content.iter().flat_map(|n| n.to_be_bytes()).collect();
        self.add(Body::PrimArray(Kind::Int, content))
    }

    /// An array of zeros.
    pub fn prim_array(&mut self, kind: Kind, length: usize) -> Obj {
        self.add(Body::PrimArray(
            kind,
            vec![0; length * kind.width_in_dump(self.id_size)],
        ))
    }

    /// A `java.lang.String` as JDK 9 and later keep it: Latin-1 bytes, or UTF-16 little-endian if a character needs it.
    pub fn string(&mut self, text: &str) -> Obj {
        let latin1 = text.chars().all(|c| (c as u32) < 256);
        let content: Vec<u8> = match latin1 {
            true => text.chars().map(|c| c as u8).collect(),
            false => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        let string = self.new_object("java.lang.String");
        let value = self.bytes(&content);
        self.set(string, "value", value)
            .set(string, "coder", i8::from(!latin1));
        string
    }

    /// Pins the object to an address.
    pub fn at(&mut self, object: Obj, address: u64) {
        self.objects[object.0 as usize].address = Some(address);
    }

    /// Leaves `bytes` free before the object.
    pub fn gap_before(&mut self, object: Obj, bytes: u64) {
        self.objects[object.0 as usize].gap = bytes;
    }

    /// The object takes `bytes` more than its fields need, as stack chunks do.
    pub fn extra_bytes(&mut self, object: Obj, bytes: u64) {
        self.objects[object.0 as usize].extra = bytes;
    }

    /// Android: the object lies in the heap with this number (65 app, 73 image, 90 zygote).
    pub fn in_android_heap(&mut self, object: Obj, heap: u32) {
        self.android_heaps.insert(object, heap);
    }

    /// Keeps the object out of the dump; references to it dangle.
    pub fn omit(&mut self, object: Obj) {
        self.objects[object.0 as usize].omitted = true;
    }

    pub fn root(&mut self, root: Root, object: Obj) {
        self.roots.push((root, object));
    }

    // --- for the writer ---

    pub(super) fn add(&mut self, body: Body) -> Obj {
        self.objects.push(ObjectData {
            body,
            address: None,
            gap: 0,
            extra: 0,
            omitted: false,
        });
        Obj(self.objects.len() as u32 - 1)
    }

    pub(super) fn object(&self, object: Obj) -> &ObjectData {
        &self.objects[object.0 as usize]
    }

    pub(super) fn class_data(&self, class: Class) -> &ClassData {
        &self.classes[class.0 as usize]
    }

    /// The class, its superclass, and so on.
    pub(super) fn chain(&self, class: Class) -> impl Iterator<Item = &ClassData> {
        let first = Some(self.class_data(class));
        std::iter::successors(first, |data| data.superclass.map(|up| self.class_data(up)))
    }

    /// True shallow size of an object under the chosen layout.
    pub fn shallow_size(&self, object: Obj) -> u64 {
        let data = self.object(object);
        let own = match &data.body {
            Body::Mirror(class) => self.mirror_size(*class),
            Body::Instance(class, _) => self.instance_size(*class),
            Body::ObjectArray(_, elements) => self.layout.object_array(elements.len() as u64),
            Body::PrimArray(kind, content) => self.layout.array(
                *kind,
                (content.len() / kind.width_in_dump(self.id_size)) as u64,
            ),
        };
        round_up(own + data.extra, self.layout.alignment)
    }

    fn instance_size(&self, class: Class) -> u64 {
        let kinds = |data: &ClassData| data.fields.iter().map(|(_, kind)| *kind).collect();
        let mut chain: Vec<Vec<Kind>> = self.chain(class).map(kinds).collect();
        chain.reverse();
        self.layout.instance(&chain)
    }

    /// `java.lang.Class` with the two pointers and three numbers that the VM injects, then the static fields.
    fn mirror_size(&self, class: Class) -> u64 {
        let own = self
            .class_named("java.lang.Class")
            .map_or(16, |mirror| self.instance_size(mirror));
        let injected = 2 * self.id_size as u64 + 12;
        let statics: u64 = self
            .class_data(class)
            .statics
            .iter()
            .map(|(_, v)| v.kind().width(self.layout.reference))
            .sum();
        round_up(own + injected + statics, self.layout.alignment)
    }
}
