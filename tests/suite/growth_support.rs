//! Dumps of one program at several times, and what a comparison tells of them.

use std::ffi::OsStr;
use std::path::Path;

use serde_json::Value as Json;
use tempfile::TempPath;

use crate::holders_support::{in_static, payloads};
use crate::support::{Run, run, temporary};
use crate::synth::{Heap, Kind, Obj, Value};

/// Where the time is in a header: after `JAVA PROFILE 1.0.2`, its terminator and the identifier size.
const TIME_AT: usize = 23;

/// A heap of the process `salt`.
pub fn heap(salt: i64) -> Heap {
    let mut heap = Heap::new();
    let class = heap.class("java.util.ImmutableCollections");
    class.static_field("SALT32L", salt).done();
    heap
}

/// A store whose orders grow beside a table that does not.
pub fn store(salt: i64, orders: usize) -> Heap {
    let mut heap = heap(salt);
    let all = payloads(&mut heap, "com.acme.Order", orders, 200);
    let list = heap.array_list(&all);
    in_static(&mut heap, "com.acme.Store", "ORDERS", list);
    let rates = payloads(&mut heap, "com.acme.Rate", 3_000, 300);
    let rates = map_of(&mut heap, &rates);
    in_static(&mut heap, "com.acme.Table", "RATES", rates);
    heap
}

/// A map with these values.
pub fn map_of(heap: &mut Heap, values: &[Obj]) -> Obj {
    let key = |(i, value): (usize, &Obj)| (i, Value::from(*value));
    let entries: Vec<(usize, Value)> = values.iter().enumerate().map(key).collect();
    let entries: Vec<(Value, Value)> = entries
        .into_iter()
        .map(|(i, value)| (heap.string(&format!("k{i}")).into(), value))
        .collect();
    heap.hash_map(&entries)
}

/// A holder of lists that grow, one in each of `rooms` objects, which are in a list of their own.
pub fn rooms(salt: i64, rooms: usize, messages: usize) -> Heap {
    let mut heap = heap(salt);
    let message = heap.class("com.acme.Message").app();
    let message = message.field("body", Kind::Object).done();
    let room = heap.class("com.acme.Room").app();
    let room = room.field("history", Kind::Object).done();
    let mut all = Vec::new();
    for _ in 0..rooms {
        let mut history = Vec::new();
        for _ in 0..messages {
            let (object, body) = (heap.instance(message), heap.prim_array(Kind::Byte, 100));
            heap.set(object, "body", body);
            history.push(object);
        }
        let (object, list) = (heap.instance(room), heap.array_list(&history));
        heap.set(object, "history", list);
        all.push(object);
    }
    let list = heap.array_list(&all);
    in_static(&mut heap, "com.acme.Lobby", "ROOMS", list);
    heap
}

/// The dump of `heap`, taken `minutes` after the first.
pub fn dump(heap: &Heap, minutes: u64) -> TempPath {
    let mut bytes = heap.write().bytes;
    let time = &mut bytes[TIME_AT..TIME_AT + 8];
    let millis = u64::from_be_bytes(time.try_into().expect("eight bytes"));
    time.copy_from_slice(&(millis + minutes * 60_000).to_be_bytes());
    temporary(".hprof", &bytes)
}

/// The saved report of a dump.
pub fn saved(dump: &Path) -> TempPath {
    let report = run([dump.as_os_str(), "--format".as_ref(), "json".as_ref()]).succeeded();
    temporary(".json", &report.stdout)
}

pub fn compared<P: AsRef<Path>>(inputs: &[P], more: &[&str]) -> Run {
    let names = inputs.iter().map(|path| path.as_ref().as_os_str());
    let more = more.iter().map(OsStr::new);
    run(names.chain(more))
}

/// The section `growth` of the report about the last input.
pub fn growth<P: AsRef<Path>>(inputs: &[P]) -> Json {
    let report = compared(inputs, &["--format", "json"]).succeeded().json();
    report["growth"].clone()
}

/// The owners with one of `courses`, as `Class.field`.
pub fn with_course(growth: &Json, courses: &[&str]) -> Vec<String> {
    let all = growth["holders"].as_array().expect("holders");
    let of = all.iter().filter(|row| {
        let course = row["course"].as_str().unwrap_or("none");
        courses.contains(&course)
    });
    let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
    of.map(|row| {
        let holder = &row["holder"];
        match holder["field"].as_str() {
            Some(field) => format!("{}.{field}", text(&holder["class"])),
            None => text(&holder["thread"]),
        }
    })
    .collect()
}

pub fn grown(growth: &Json) -> Vec<String> {
    with_course(growth, &["grew", "appeared"])
}
