//! Threads with stacks, locals and thread-locals, and GC roots.

use super::{Class, Heap, Obj, Value};

/// Why the JVM keeps an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    Unknown,
    JniGlobal,
    JniLocal { thread: ThreadHandle, frame: u32 },
    JavaFrame { thread: ThreadHandle, frame: u32 },
    NativeStack { thread: ThreadHandle },
    StickyClass,
    ThreadBlock { thread: ThreadHandle },
    MonitorUsed,
    J9SystemClass,
    InternedString,
    Finalizing,
    Debugger,
    ReferenceCleanup,
    VmInternal,
    JniMonitor { thread: ThreadHandle, depth: u32 },
    Unreachable,
}

/// A thread of a [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadHandle(pub(super) u32);

impl ThreadHandle {
    /// The thread serial number in the dump.
    pub fn serial(self) -> u32 {
        self.0 + 1
    }
    /// The serial number of its stack trace (1 is the empty trace HotSpot writes first).
    pub fn trace_serial(self) -> u32 {
        self.0 + 2
    }
}

#[derive(Clone, Debug)]
pub(super) struct FrameData {
    pub class: Class,
    pub method: String,
    pub signature: String,
    pub source_file: Option<String>,
    pub line: i32,
}

#[derive(Clone, Debug)]
pub(super) struct ThreadData {
    pub object: Obj,
    pub frames: Vec<FrameData>,
}

/// `Thread.threadStatus` of a thread that waits (JVMTI: alive, waiting, indefinitely, in Object.wait).
const WAITING: i32 = 401;

impl Heap {
    /// A thread that is its own GC root. Its stack is empty until [`Heap::frame`].
    pub fn thread(&mut self, name: &str) -> ThreadHandle {
        let class = self.jdk("java.lang.Thread");
        self.thread_of(class, name)
    }

    /// A thread of a subclass of `java.lang.Thread`.
    pub fn thread_of(&mut self, class: Class, name: &str) -> ThreadHandle {
        let object = self.instance(class);
        let handle = ThreadHandle(self.threads.len() as u32);
        let name = self.string(name);
        self.set(object, "name", name)
            .set(object, "threadStatus", WAITING)
            .set(object, "priority", 5);
        self.set(object, "tid", i64::from(handle.serial()));
        self.threads.push(ThreadData {
            object,
            frames: Vec::new(),
        });
        handle
    }

    pub fn thread_object(&self, thread: ThreadHandle) -> Obj {
        self.threads[thread.0 as usize].object
    }

    /// Adds a frame below those already there and returns its number (0 is the top of the stack).
    pub fn frame(
        &mut self,
        thread: ThreadHandle,
        class: Class,
        method: &str,
        source_file: Option<&str>,
        line: i32,
    ) -> u32 {
        let frames = &mut self.threads[thread.0 as usize].frames;
        frames.push(FrameData {
            class,
            method: method.to_owned(),
            signature: "()V".to_owned(),
            source_file: source_file.map(str::to_owned),
            line,
        });
        frames.len() as u32 - 1
    }

    /// A local variable of a frame refers to the object (ROOT_JAVA_FRAME).
    pub fn local(&mut self, thread: ThreadHandle, frame: u32, object: Obj) {
        self.root(Root::JavaFrame { thread, frame }, object);
    }

    /// Sets a thread-local: an entry in `Thread.threadLocals`, whose key is weak and whose value is strong.
    pub fn set_thread_local(&mut self, thread: ThreadHandle, key: Obj, value: Obj) {
        let object = self.thread_object(thread);
        let map = match self.instance_ref(object, "threadLocals") {
            Some(map) => map,
            None => {
                let map = self.new_object("java.lang.ThreadLocal$ThreadLocalMap");
                let entry = self.jdk("java.lang.ThreadLocal$ThreadLocalMap$Entry");
                let table = self.object_array(entry, &[Value::Null; 16]);
                self.set(map, "table", table).set(map, "threshold", 10).set(
                    object,
                    "threadLocals",
                    map,
                );
                map
            }
        };
        let entry_class = self.jdk("java.lang.ThreadLocal$ThreadLocalMap$Entry");
        let entry = self.reference_of(entry_class, key);
        self.set(entry, "value", value);
        let table = self.instance_ref(map, "table").expect("a table");
        let size = self.instance_int(map, "size");
        assert!(size < 16, "the synthetic map holds 16 thread-locals");
        self.set_element(table, size as usize, entry);
        self.set(map, "size", size + 1);
    }

    fn instance_value(&self, object: Obj, field: &str) -> Value {
        let super::heap::Body::Instance(class, values) = &self.object(object).body else {
            panic!("no instance")
        };
        let names = self.chain(*class).flat_map(|data| data.fields.iter());
        let slot = names
            .enumerate()
            .find(|(_, (name, _))| name == field)
            .map(|(slot, _)| slot);
        values[slot.unwrap_or_else(|| panic!("no field {field}"))]
    }

    /// The object an instance field refers to.
    pub fn instance_ref(&self, object: Obj, field: &str) -> Option<Obj> {
        match self.instance_value(object, field) {
            Value::Ref(target) => Some(target),
            _ => None,
        }
    }

    fn instance_int(&self, object: Obj, field: &str) -> i32 {
        match self.instance_value(object, field) {
            Value::Int(value) => value,
            other => panic!("{field} is {other:?}"),
        }
    }
}
