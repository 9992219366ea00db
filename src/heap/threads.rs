//! Threads with their stacks and what their frames hold.

use rustc_hash::FxHashMap;

use super::address_index::ObjectIndex;
use super::snapshot::Snapshot;
use super::thread::{StackFrame, Thread};

/// Longest thread name that is read, in UTF-16 units.
const LONGEST_NAME: usize = 200;

/// Frames that are read of all stacks together, where that leaves each thread [`FEWEST_FRAMES`].
const MOST_FRAMES: usize = 1 << 19;
/// Frames that are read of any stack.
const FEWEST_FRAMES: usize = 24;

impl Snapshot<'_> {
    /// The threads that the dump names as GC roots.
    pub(crate) fn find_threads(&self) -> Vec<Thread> {
        let mut by_object: FxHashMap<ObjectIndex, Vec<(u32, ObjectIndex)>> = FxHashMap::default();
        for local in &self.roots.locals {
            by_object
                .entry(local.thread)
                .or_default()
                .push((local.frame, local.object));
        }
        self.roots
            .threads
            .iter()
            .map(|&(serial, object, trace_serial)| Thread {
                serial,
                object,
                trace_serial,
                name: self.thread_name(object),
                locals: by_object.remove(&object).unwrap_or_default(),
            })
            .collect()
    }

    /// Gives names of threads and class loaders as they are from now on: not safe to share.
    pub fn show_values(&mut self) {
        self.values_shown = true;
        self.threads = self.find_threads();
    }

    /// The name of thread object `thread` as reports may show it.
    pub fn thread_name(&self, thread: ObjectIndex) -> Option<String> {
        self.whole_thread_name(thread).map(|name| self.shown(name))
    }

    /// A string, or an array of characters up to JDK 8.
    fn whole_thread_name(&self, thread: ObjectIndex) -> Option<String> {
        let name = self.field_object(thread, "name")?;
        self.string(name, LONGEST_NAME)
            .or_else(|| match self.object(name)? {
                super::Object::PrimitiveArray {
                    element: crate::hprof::FieldType::Char,
                    data,
                    ..
                } => {
                    let units = data
                        .chunks_exact(2)
                        .take(LONGEST_NAME)
                        .map(|b| u16::from_be_bytes([b[0], b[1]]));
                    Some(
                        char::decode_utf16(units)
                            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                            .collect(),
                    )
                }
                _ => None,
            })
    }

    /// The stack of `thread`, from the top. Where many threads have very long ones, which may be one and the same trace, only
    /// the upper part: the size of all that is read stays in proportion to the dump.
    pub fn stack(&self, thread: &Thread) -> Vec<StackFrame> {
        let Some(trace) = self.container.traces.get(&thread.trace_serial) else {
            return Vec::new();
        };
        let most = (MOST_FRAMES / self.threads.len().max(1)).max(FEWEST_FRAMES);
        trace
            .frames
            .iter()
            .take(most)
            .filter_map(|id| self.stack_frame(*id))
            .collect()
    }

    /// The lowest frame of the stack of `thread`, of however many.
    pub fn bottom_frame(&self, thread: &Thread) -> Option<StackFrame> {
        let trace = self.container.traces.get(&thread.trace_serial)?;
        self.stack_frame(*trace.frames.last()?)
    }

    /// Frame `number` of `thread`, counted from the top. Threads by the ten thousand make it worth not to read the others.
    pub fn frame(&self, thread: &Thread, number: u32) -> Option<StackFrame> {
        let trace = self.container.traces.get(&thread.trace_serial)?;
        self.stack_frame(*trace.frames.get(number as usize)?)
    }

    /// The frames of `thread` that have `object` as a local variable, from the top.
    pub fn frames_with(
        &self,
        thread: &Thread,
        object: ObjectIndex,
    ) -> impl Iterator<Item = StackFrame> {
        let locals = &self.roots.locals;
        let wanted = (thread.object, object);
        let at = locals.partition_point(|local| (local.thread, local.object) < wanted);
        locals[at..]
            .iter()
            .take_while(move |local| (local.thread, local.object) == wanted)
            .filter_map(|local| self.frame(thread, local.frame))
    }

    fn stack_frame(&self, id: u64) -> Option<StackFrame> {
        let frame = self.container.frames.get(&id)?;
        let class = self
            .class_serials
            .get(&frame.class_serial)
            .map(|&name| super::names::java_name(&self.name(name)));
        let source = (frame.source_id != 0
            && self.container.strings.contains_key(&frame.source_id))
        .then(|| file_name(self.name(frame.source_id)));
        Some(StackFrame {
            class: class.unwrap_or_default(),
            method: self.name(frame.method_id),
            source,
            line: u32::try_from(frame.line).ok().filter(|&line| line > 0),
        })
    }
}

/// The file of `source`: the folders that some compilers put before it tell of people and machines.
fn file_name(source: String) -> String {
    match source.rsplit_once(['/', '\\']) {
        Some((_, file)) => file.to_owned(),
        None => source,
    }
}
