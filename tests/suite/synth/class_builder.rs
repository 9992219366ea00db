//! Declares one class.

use super::heap::{Body, ClassData};
use super::{Class, Heap, Kind, Obj, Value};

/// Collects what a class has; [`ClassBuilder::done`] adds it to the heap.
pub struct ClassBuilder<'heap> {
    heap: &'heap mut Heap,
    class: ClassData,
    app: bool,
}

impl<'heap> ClassBuilder<'heap> {
    pub(super) fn new(heap: &'heap mut Heap, name: &str) -> Self {
        let superclass = heap.class_named("java.lang.Object");
        let class = ClassData {
            name: name.to_owned(),
            mirror: Obj(u32::MAX),
            superclass,
            loader: None,
            fields: Vec::new(),
            statics: Vec::new(),
            signers: None,
            protection_domain: None,
        };
        ClassBuilder {
            heap,
            class,
            app: false,
        }
    }

    pub fn superclass(mut self, class: Class) -> Self {
        self.class.superclass = Some(class);
        self
    }
    /// The superclass by name; [`Heap::jdk`] declares it when it can.
    pub fn extends(mut self, name: &str) -> Self {
        let class = self
            .heap
            .class_named(name)
            .unwrap_or_else(|| self.heap.jdk(name));
        self.class.superclass = Some(class);
        self
    }
    /// The class loader object that defines the class.
    pub fn loader(mut self, loader: Obj) -> Self {
        self.class.loader = Some(loader);
        self
    }
    pub fn loader_option(mut self, loader: Option<Obj>) -> Self {
        self.class.loader = loader;
        self
    }
    /// Defined by the application class loader ([`Heap::app_loader`]), which lists it.
    pub fn app(mut self) -> Self {
        self.app = true;
        self
    }
    pub fn field(mut self, name: &str, kind: Kind) -> Self {
        self.class.fields.push((name.to_owned(), kind));
        self
    }
    /// Instance fields in short: `"hash:I key:L next:L"`.
    pub fn fields(mut self, short: &str) -> Self {
        for field in short.split_whitespace() {
            let (name, descriptor) = field.split_once(':').expect("name:descriptor");
            let letter = descriptor.chars().next().expect("a descriptor");
            self.class
                .fields
                .push((name.to_owned(), Kind::of_descriptor(letter)));
        }
        self
    }
    pub fn static_field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.class.statics.push((name.to_owned(), value.into()));
        self
    }
    pub fn signers(mut self, signers: Obj) -> Self {
        self.class.signers = Some(signers);
        self
    }
    pub fn protection_domain(mut self, domain: Obj) -> Self {
        self.class.protection_domain = Some(domain);
        self
    }

    pub fn done(self) -> Class {
        let ClassBuilder {
            heap,
            mut class,
            app,
        } = self;
        if app {
            class.loader = Some(heap.app_loader());
        }
        let handle = Class(heap.classes.len() as u32);
        let mirror = heap.add(Body::Mirror(handle));
        class.mirror = mirror;
        heap.by_name.entry(class.name.clone()).or_insert(handle);
        heap.classes.push(class);
        if app {
            heap.list_in_app_loader(mirror);
        }
        handle
    }
}
