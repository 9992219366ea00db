//! Heaps of the classes that the program looks for, with fields as it looks for them, and references that go anywhere: cycles, objects
//! that refer to themselves, nodes in the place of tables, numbers that lie. What they are is chosen by a source of numbers, so that a
//! fuzzer can choose as well as a generator of random numbers.

use std::path::{Path, PathBuf};

/// Where choices come from: a number below the limit that is given, which is at least 1.
pub trait Choices {
    fn below(&mut self, limit: usize) -> usize;
}

/// The class names and the field names in one source file.
pub struct Words {
    classes: Vec<String>,
    fields: Vec<String>,
}

/// The words of every source file below `folder` that names classes.
pub fn vocabulary(folder: &Path) -> Vec<Words> {
    let mut folders = vec![folder.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    let texts = files.iter().map(std::fs::read_to_string);
    let words = texts.filter_map(|text| words(&text.ok()?));
    words.collect()
}

fn words(text: &str) -> Option<Words> {
    let mut words = Words {
        classes: Vec::new(),
        fields: Vec::new(),
    };
    for quoted in text.split('"').skip(1).step_by(2) {
        let name = quoted
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._$[]".contains(c));
        if !name || !(2..100).contains(&quoted.len()) {
            continue;
        }
        let last = quoted.rsplit('.').next().unwrap_or("");
        if quoted.contains('.') && last.starts_with(|c: char| c.is_ascii_uppercase()) {
            words.classes.push(quoted.to_owned());
        } else if !quoted.contains(['.', '['])
            && quoted.starts_with(|c: char| c.is_ascii_lowercase())
        {
            words.fields.push(quoted.to_owned());
        }
    }
    (!words.classes.is_empty()).then_some(words)
}

const OBJECT: u8 = 2;
const BOOLEAN: u8 = 4;
const INT: u8 = 10;
const LONG: u8 = 11;
/// The first addresses of class objects and of objects.
const CLASSES: u64 = 0x10_0000;
const OBJECTS: u64 = 0x80_0000;
/// The first address of what nobody refers to.
const GARBAGE: u64 = 0x90_0000;

struct Class {
    name: String,
    /// Number of the super class.
    above: usize,
    /// Name and type.
    fields: Vec<(String, u8)>,
}

/// What is the same heap in another dump: where its objects lie, how many bytes its arrays have, how much garbage lies beside it.
#[derive(Clone, Copy)]
pub struct Taken {
    /// Added to all identifiers.
    pub shift: u64,
    /// Arrays of bytes are so many times as long.
    pub scale: usize,
    /// Arrays that nobody refers to.
    pub garbage: usize,
}

/// Small arrays, and nothing moved.
pub const PLAIN: Taken = Taken {
    shift: 0,
    scale: 1,
    garbage: 0,
};

/// A dump in the making.
pub struct RandomHeap<'w, C> {
    taken: Taken,
    words: &'w [Words],
    choices: C,
    classes: Vec<Class>,
    out: Vec<u8>,
    names: u64,
    objects: usize,
}

/// The bytes of a dump that `choices` choose.
pub fn random_heap(words: &[Words], choices: impl Choices) -> Vec<u8> {
    random_heap_as(words, choices, PLAIN)
}

/// The same heap as it is in the dump that `taken` describes.
pub fn random_heap_as(words: &[Words], choices: impl Choices, taken: Taken) -> Vec<u8> {
    let mut heap = RandomHeap {
        taken,
        words,
        choices,
        classes: Vec::new(),
        out: Vec::new(),
        names: 0x100 + taken.shift,
        objects: 0,
    };
    heap.objects = 1 + heap.choices.below(300);
    heap.choose_classes();
    heap.write()
}

impl<C: Choices> RandomHeap<'_, C> {
    fn add(&mut self, name: &str, above: usize, fields: &[(&str, u8)]) {
        let fields = fields
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), *kind));
        self.classes.push(Class {
            name: name.to_owned(),
            above,
            fields: fields.collect(),
        });
    }

    fn choose_classes(&mut self) {
        self.add("java.lang.Object", 0, &[]);
        self.add("java.lang.Class", 0, &[]);
        self.add("java.lang.String", 0, &[("value", OBJECT), ("coder", INT)]);
        self.add(
            "java.lang.Thread",
            0,
            &[("name", OBJECT), ("threadLocals", OBJECT)],
        );
        self.add("java.lang.ref.Reference", 0, &[("referent", OBJECT)]);
        for file in 0..2 + self.choices.below(3) {
            let file = (self.choices.below(self.words.len()) + file) % self.words.len();
            let words = &self.words[file];
            for name in &words.classes {
                if self.classes.len() > 120 || self.classes.iter().any(|it| it.name == *name) {
                    continue;
                }
                let above = match self.choices.below(4) {
                    0 => self.choices.below(self.classes.len()),
                    1 if name.contains("Entry") => 4,
                    _ => 0,
                };
                let mut fields = Vec::new();
                for _ in 0..self.choices.below(8).min(words.fields.len()) {
                    let field = words.fields[self.choices.below(words.fields.len())].clone();
                    let kind = [OBJECT, OBJECT, OBJECT, INT, INT, LONG, BOOLEAN];
                    fields.push((field, kind[self.choices.below(kind.len())]));
                }
                let name = name.clone();
                self.classes.push(Class {
                    name,
                    above,
                    fields,
                });
            }
        }
        self.add(
            "com.acme.Own",
            0,
            &[("map", OBJECT), ("next", OBJECT), ("size", INT)],
        );
        self.add(
            "com.acme.Own$Node",
            0,
            &[("key", OBJECT), ("value", OBJECT), ("next", OBJECT)],
        );
    }

    fn record(&mut self, tag: u8, body: &[u8]) {
        self.out.push(tag);
        self.out.extend([0; 4]);
        self.out.extend((body.len() as u32).to_be_bytes());
        self.out.extend(body);
    }

    fn name(&mut self, text: &str) -> u64 {
        self.names += 8;
        let id = self.names;
        let body = [&id.to_be_bytes()[..], text.as_bytes()].concat();
        self.record(0x01, &body);
        id
    }

    /// An object, a class object, null, or what is not there.
    fn reference(&mut self) -> u64 {
        match self.choices.below(20) {
            0 => 0,
            1 => {
                let class = self.choices.below(self.classes.len());
                self.class_id(class)
            }
            2 => self.taken.shift + OBJECTS + 16 * (self.objects as u64 + 7),
            // Neighbours make chains and rings.
            3..9 => {
                self.taken.shift + OBJECTS + 16 * self.choices.below(self.objects.min(4)) as u64
            }
            _ => self.taken.shift + OBJECTS + 16 * self.choices.below(self.objects) as u64,
        }
    }

    fn value(&mut self, kind: u8, out: &mut Vec<u8>) {
        let numbers = [0, 1, 2, 3, 16, 300, -1, i32::MAX, i32::MIN, 1 << 30];
        match kind {
            OBJECT => out.extend(self.reference().to_be_bytes()),
            BOOLEAN => out.push(self.choices.below(2) as u8),
            INT => out.extend(numbers[self.choices.below(numbers.len())].to_be_bytes()),
            _ => {
                let number = i64::from(numbers[self.choices.below(numbers.len())]);
                out.extend((number << self.choices.below(33)).to_be_bytes());
            }
        }
    }

    fn write(mut self) -> Vec<u8> {
        self.out.extend(b"JAVA PROFILE 1.0.2\0");
        self.out.extend(8u32.to_be_bytes());
        self.out.extend(0u64.to_be_bytes());
        let mut heap = Vec::new();
        for i in 0..self.classes.len() {
            self.class(i, &mut heap);
        }
        // Every class is also one of arrays: the last ones of the classes.
        for object in 0..self.objects {
            self.object(self.taken.shift + OBJECTS + 16 * object as u64, &mut heap);
        }
        for number in 0..self.taken.garbage as u64 {
            let address = self.taken.shift + GARBAGE + 16 * number;
            array_of_bytes(address, 3_000, &mut heap);
        }
        for _ in 0..1 + self.choices.below(8) {
            self.root(&mut heap);
        }
        self.record(0x1c, &heap);
        self.record(0x2c, &[]);
        self.out
    }

    fn class(&mut self, i: usize, heap: &mut Vec<u8>) {
        let (name, above) = (self.classes[i].name.clone(), self.classes[i].above);
        let fields = self.classes[i].fields.clone();
        let name = match name.strip_suffix("[]") {
            Some(element) => format!("[L{};", element.replace('.', "/")),
            None => name.replace('.', "/"),
        };
        let name = self.name(&name);
        let loaded = [(i as u32 + 1).to_be_bytes(), [0; 4]];
        let id = self.class_id(i).to_be_bytes();
        let body = [&loaded[0][..], &id, &loaded[1], &name.to_be_bytes()].concat();
        self.record(0x02, &body);
        heap.push(0x20);
        heap.extend(id);
        heap.extend([0; 4]);
        let above = if i == 0 { 0 } else { self.class_id(above) };
        heap.extend(above.to_be_bytes());
        heap.extend([0; 5 * 8 + 4 + 2]);
        let statics = self.choices.below(3);
        heap.extend((statics as u16).to_be_bytes());
        for number in 0..statics {
            let name = self.name(["CACHE", "INSTANCE"][number % 2]);
            heap.extend(name.to_be_bytes());
            heap.push(OBJECT);
            self.value(OBJECT, heap);
        }
        heap.extend((fields.len() as u16).to_be_bytes());
        for (field, kind) in fields {
            let name = self.name(&field);
            heap.extend(name.to_be_bytes());
            heap.push(kind);
        }
        if self.choices.below(3) > 0 {
            heap.push(0x05);
            heap.extend(id);
        }
    }

    fn object(&mut self, address: u64, heap: &mut Vec<u8>) {
        let class = self.choices.below(self.classes.len());
        let array = self.classes[class].name.ends_with("[]");
        match self.choices.below(10) {
            0 => {
                let length = self.choices.below(40) * self.taken.scale;
                array_of_bytes(address, length, heap);
            }
            kind if array || kind < 3 => {
                heap.push(0x22);
                heap.extend(address.to_be_bytes());
                let length = self.choices.below(9);
                heap.extend([0; 4]);
                heap.extend((length as u32).to_be_bytes());
                heap.extend(self.class_id(class).to_be_bytes());
                for _ in 0..length {
                    self.value(OBJECT, heap);
                }
            }
            _ => self.instance(address, class, heap),
        }
    }

    fn instance(&mut self, address: u64, class: usize, heap: &mut Vec<u8>) {
        heap.push(0x21);
        heap.extend(address.to_be_bytes());
        heap.extend([0; 4]);
        heap.extend(self.class_id(class).to_be_bytes());
        let mut data = Vec::new();
        let mut at = class;
        loop {
            for (_, kind) in self.classes[at].fields.clone() {
                self.value(kind, &mut data);
            }
            // Super classes come before, so this ends.
            let above = self.classes[at].above;
            if above >= at {
                break;
            }
            at = above;
        }
        heap.extend((data.len() as u32).to_be_bytes());
        heap.extend(data);
    }

    fn class_id(&self, class: usize) -> u64 {
        self.taken.shift + CLASSES + 128 * class as u64
    }

    fn root(&mut self, heap: &mut Vec<u8>) {
        let object = self.taken.shift + OBJECTS + 16 * self.choices.below(self.objects) as u64;
        match self.choices.below(3) {
            0 => {
                heap.push(0x08);
                heap.extend(object.to_be_bytes());
                heap.extend([0, 0, 0, 1, 0, 0, 0, 0]);
            }
            1 => {
                heap.push(0x03);
                heap.extend(object.to_be_bytes());
                heap.extend([0, 0, 0, 1, 0, 0, 0, 0]);
            }
            _ => {
                heap.push(0xff);
                heap.extend(object.to_be_bytes());
            }
        }
    }
}

fn array_of_bytes(address: u64, length: usize, heap: &mut Vec<u8>) {
    heap.push(0x23);
    heap.extend(address.to_be_bytes());
    heap.extend([0; 4]);
    heap.extend((length as u32).to_be_bytes());
    heap.push(8);
    heap.extend((0..length).map(|i| b'a' + (i % 26) as u8));
}
