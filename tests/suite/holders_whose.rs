//! Whose field it is: the nearest field above a library's or a wrapper's own, things that only look alike, and the one of several
//! owners that is told.

use serde_json::Value as Json;

use crate::holders_support::{KB, expect, in_static, json, object, payloads, told};
use crate::synth::{Heap, Kind, Obj, Value};

const N: usize = 2_000;

/// A library's subject with a buffer of `class`, held by the field `field` of an object of class `owner`.
fn subject(heap: &mut Heap, class: &str, owner: &str, field: &str) -> Obj {
    let all = payloads(heap, class, N, KB);
    let list = heap.array_list(&all);
    let buffer = match heap.class_named("org.lib.Subject$Buffer") {
        Some(class) => {
            let buffer = heap.instance(class);
            heap.set(buffer, "list", list);
            buffer
        }
        None => object(heap, "org.lib.Subject$Buffer", &[("list", list.into())]),
    };
    let subject = match heap.class_named("org.lib.Subject") {
        Some(class) => {
            let subject = heap.instance(class);
            heap.set(subject, "buffer", buffer);
            subject
        }
        None => object(heap, "org.lib.Subject", &[("buffer", buffer.into())]),
    };
    object(heap, owner, &[(field, subject.into())])
}

fn context(heap: &mut Heap, beans: &[Obj]) {
    let beans = heap.array_list(beans);
    in_static(heap, "com.acme.App", "CONTEXT", beans);
}

fn vias(json: &Json) -> Vec<String> {
    let suspects = json["suspects"].as_array().expect("suspects").iter();
    suspects
        .map(|suspect| suspect["holder"]["via"].as_str().unwrap_or("-").to_owned())
        .collect()
}

#[test]
fn the_applications_field_is_told_with_that_of_the_library() {
    let mut heap = Heap::new();
    let bean = subject(&mut heap, "com.acme.Quote", "com.acme.QuoteFeed", "history");
    context(&mut heap, &[bean]);
    let json = json(&heap);
    let (_, class, field, content, _) = told(&json);
    assert_eq!(
        (class.as_str(), field.as_str(), content.as_str()),
        ("org.lib.Subject$Buffer", "list", "com.acme.Quote")
    );
    // Not the field of the class around the buffer.
    assert_eq!(
        vias(&json),
        ["com.acme.QuoteFeed.history, in com.acme.App.CONTEXT"]
    );
}

#[test]
fn the_same_field_of_a_library_in_two_places_makes_two_suspects() {
    let mut heap = Heap::new();
    let quotes = subject(&mut heap, "com.acme.Quote", "com.acme.QuoteFeed", "history");
    let ticks = subject(&mut heap, "com.acme.Tick", "com.acme.TickFeed", "ticks");
    context(&mut heap, &[quotes, ticks]);
    let json = json(&heap);
    let mut vias = vias(&json);
    vias.sort_unstable();
    assert_eq!(
        vias,
        [
            "com.acme.QuoteFeed.history, in com.acme.App.CONTEXT",
            "com.acme.TickFeed.ticks, in com.acme.App.CONTEXT"
        ],
        "{}",
        json["suspects"]
    );
    let contents: Vec<&Json> = (0..2)
        .map(|i| &json["suspects"][i]["content"]["class"])
        .collect();
    assert!(contents.contains(&&"com.acme.Tick".into()), "{contents:?}");
}

#[test]
fn constants_of_an_enum_are_one_owner() {
    let mut heap = Heap::new();
    let above = heap
        .class("java.lang.Enum")
        .fields("name:L ordinal:I")
        .done();
    let market = heap
        .class("com.acme.Market")
        .app()
        .superclass(above)
        .field("cache", Kind::Object)
        .done();
    for name in ["LSE", "NYSE", "TSE", "XETRA"] {
        let quotes = payloads(&mut heap, "com.acme.Quote", N, KB);
        let list = heap.array_list(&quotes);
        let constant = heap.instance(market);
        heap.set(constant, "cache", list);
        heap.add_static(market, name, constant);
    }
    let json = json(&heap);
    let objects = 4 * N as u64;
    expect(
        &json,
        "instance_field",
        "com.acme.Market",
        "cache",
        "com.acme.Quote",
        objects,
    );
    assert_eq!(json["suspects"][0]["holder"]["count"], 4);
}

/// Connections in a list of the application's, and references to their sockets in a set of the driver's.
#[test]
fn who_only_takes_note_of_something_is_no_owner_of_it() {
    let mut heap = Heap::new();
    let sockets = payloads(&mut heap, "org.driver.Socket", N, KB);
    let mut connections = Vec::new();
    let mut notes: Vec<Value> = Vec::new();
    for &socket in &sockets {
        let note = match heap.class_named("org.driver.Note") {
            Some(class) => {
                let note = heap.instance(class);
                heap.set(note, "socket", socket);
                note
            }
            None => object(&mut heap, "org.driver.Note", &[("socket", socket.into())]),
        };
        notes.push(note.into());
        let body = heap.prim_array(Kind::Byte, 400);
        let connection = match heap.class_named("org.driver.Connection") {
            Some(class) => {
                let connection = heap.instance(class);
                heap.set(connection, "socket", socket)
                    .set(connection, "body", body);
                connection
            }
            None => object(
                &mut heap,
                "org.driver.Connection",
                &[("socket", socket.into()), ("body", body.into())],
            ),
        };
        connections.push(connection);
    }
    let opened = heap.array_list(&connections);
    let dao = object(&mut heap, "com.acme.Dao", &[("opened", opened.into())]);
    in_static(&mut heap, "com.acme.Main", "DAO", dao);
    let notes = heap.hash_set(&notes);
    in_static(&mut heap, "org.driver.Cleanup", "NOTES", notes);
    let json = json(&heap);
    let (_, class, field, content, objects) = told(&json);
    assert_eq!(
        (class.as_str(), field.as_str()),
        ("com.acme.Dao", "opened"),
        "{}",
        json["suspects"]
    );
    assert!(content.starts_with("org.driver."), "{content}");
    assert_eq!(objects, N as u64);
    // All of it is one suspect; the driver is told beside it.
    let bytes = json["suspects"][0]["retained_bytes"].as_u64();
    assert!(bytes > Some((N * 1_400) as u64), "{bytes:?}");
    let shared = json["suspects"][0]["shared_with"].to_string();
    assert!(shared.contains("org.driver.Cleanup.NOTES"), "{shared}");
}

/// A pool that registers itself with the management interface: the path there is the shortest, and nobody's.
#[test]
fn whose_pool_it_is_is_told_although_the_path_leads_elsewhere() {
    let mut heap = Heap::new();
    let all = payloads(&mut heap, "com.acme.Conn", N, KB);
    let list = heap.array_list(&all);
    let pool = object(&mut heap, "org.lib.Pool", &[("all", list.into())]);
    heap.class("java.lang.management.ManagementFactory")
        .static_field("server", pool)
        .done();
    let gateway = object(&mut heap, "com.acme.Gateway", &[("pool", pool.into())]);
    context(&mut heap, &[gateway]);
    let json = json(&heap);
    let (_, class, field, ..) = told(&json);
    assert_eq!((class.as_str(), field.as_str()), ("org.lib.Pool", "all"));
    assert_eq!(
        vias(&json),
        ["com.acme.Gateway.pool"],
        "{}",
        json["suspects"]
    );
}

/// A virtual thread has no name: the code that it runs stands for it.
#[test]
fn what_is_in_a_thread_without_a_name_is_told_by_its_code() {
    let mut heap = Heap::new();
    let all = payloads(&mut heap, "com.acme.Message", N, KB);
    let mailbox = heap.array_list(&all);
    let actor = object(&mut heap, "com.acme.Actor", &[("mailbox", mailbox.into())]);
    let class = heap.class("java.lang.VirtualThread");
    let class = class.extends("java.lang.Thread").done();
    let thread = heap.thread_of(class, "");
    let code = heap.class_named("com.acme.Actor").expect("declared");
    let frame = heap.frame(thread, code, "run", Some("Actor.java"), 25);
    heap.local(thread, frame, actor);
    let json = json(&heap);
    let via = "a thread at com.acme.Actor.run(Actor.java:25)";
    assert_eq!(vias(&json), [via], "{}", json["suspects"]);
}
