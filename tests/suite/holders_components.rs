//! Components with threads and tables of their own: servers, class loaders.

use crate::holders_fields::pool;
use crate::holders_support::{KB, expect, in_static, json as report_of, object, payloads};
use crate::synth::{Heap, Kind};

/// The library's own thread works below its server, which the application's field holds.
#[test]
fn what_a_library_s_thread_leads_to_belongs_to_the_field_that_holds_its_server() {
    let mut heap = Heap::new();
    let pool = pool(&mut heap);
    let sessions = object(
        &mut heap,
        "org.apache.lib.Sessions",
        &[("pool", pool.into())],
    );
    let server = object(
        &mut heap,
        "org.apache.lib.Server",
        &[("sessions", sessions.into())],
    );
    let worker = heap
        .class("org.apache.lib.Worker")
        .app()
        .extends("java.lang.Thread")
        .field("server", Kind::Object)
        .done();
    let thread = heap.thread_of(worker, "lib-worker-1");
    let thread = heap.thread_object(thread);
    heap.set(thread, "server", server);
    let web = object(&mut heap, "com.acme.Web", &[("server", server.into())]);
    let first = heap.array_list(&[web]);
    let second = heap.array_list(&[first]);
    in_static(&mut heap, "com.acme.Main", "ALL", second);
    let json = report_of(&heap);
    expect(
        &json,
        "instance_field",
        "com.acme.Web",
        "server",
        "com.acme.Buffer",
        80,
    );
    assert_eq!(
        json["suspects"][0]["holder"]["place"],
        "org.apache.lib.Pool.all"
    );
}

/// The tables of the loader keep 150 small tables alive by the static fields of its classes; a field of one keeps much.
#[test]
fn the_tables_of_a_loader_do_not_hide_what_a_field_holds() {
    let mut heap = Heap::new();
    heap.app_loader();
    for i in 0..150 {
        let table = heap.prim_array(Kind::Byte, 100 * KB);
        in_static(&mut heap, &format!("com.acme.Table{i}"), "DATA", table);
    }
    let rows = payloads(&mut heap, "com.acme.Row", 5_000, KB);
    let rows = heap.array_list(&rows);
    in_static(&mut heap, "com.acme.Rows", "ALL", rows);
    let json = report_of(&heap);
    expect(
        &json,
        "static_field",
        "com.acme.Rows",
        "ALL",
        "com.acme.Row",
        5_000,
    );
}
