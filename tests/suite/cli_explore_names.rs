//! How the drill-down commands call things: addresses, loaders, threads, strengths; and how wide they write.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::support::{Run, program, run, run_command, temporary};
use crate::synth::{Heap, Kind, Obj, Strength};

fn on(file: &Path, command: &str, arguments: &[&str]) -> Run {
    let mut all: Vec<OsString> = vec![command.into(), file.into()];
    all.extend(arguments.iter().map(OsString::from));
    run(all)
}

fn kept(heap: &mut Heap, object: Obj) {
    heap.class("com.acme.Kept")
        .app()
        .static_field("OBJECT", object)
        .done();
}

#[test]
fn addresses_may_be_decimal_where_no_hexadecimal_one_exists() {
    let mut heap = Heap::new().base(0xf000_0000);
    let object = heap.bytes(&[1; 77]);
    kept(&mut heap, object);
    let written = heap.write();
    let file = temporary(".hprof", &written.bytes);
    let address = written.address(object);
    for typed in [
        format!("{address}"),
        format!("{address:x}"),
        format!("{address:#X}").replace('X', "x"),
    ] {
        let json = on(&file, "show", &[&typed, "--format", "json"]);
        let json = json.succeeded().json();
        assert_eq!(json["object"]["object_id"], format!("{address:#x}"));
    }
    let nowhere = on(&file, "show", &["12345678"]);
    assert_eq!(nowhere.code, Some(1));
    let told = "0x12345678 (read as hexadecimal) nor at 0xbc614e (read as decimal)";
    assert!(nowhere.stderr.contains(told), "{}", nowhere.stderr);
    let marked = on(&file, "show", &["0x12345678"]);
    assert!(!marked.stderr.contains("decimal"), "{}", marked.stderr);
}

#[test]
fn loaders_are_called_by_their_names() {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.PluginLoader");
    let class = class.extends("java.net.URLClassLoader").done();
    let loader = heap.url_class_loader(class, Some("service-4711"));
    let plugin = heap.class("com.acme.Plugin").loader(loader).done();
    let object = heap.instance(plugin);
    kept(&mut heap, object);
    let written = heap.write();
    let file = temporary(".hprof", &written.bytes);
    let arguments = ["--class", "Plugin$", "--format", "json"];
    let json = on(&file, "histogram", &arguments).succeeded().json();
    let name = "com.acme.PluginLoader service-*";
    assert_eq!(json["rows"][0]["loader"], name);
    let address = format!("{:#x}", written.address(object));
    let text = on(&file, "show", &[&address]).succeeded().text();
    assert!(text.contains(&format!("loaded by  {name}\n")), "{text}");
    let shown = on(&file, "show", &[&address, "--show-values"]).succeeded();
    assert!(shown.text().contains("service-4711"), "{}", shown.text());
}

#[test]
fn paths_say_how_weakly_they_begin_and_which_thread_it_is() {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Slow").app().done();
    let final_one = heap.instance(class);
    heap.finalizable(final_one);
    let phantom = heap.bytes(&[1; 100]);
    let reference = heap.reference(Strength::Phantom, phantom);
    kept(&mut heap, reference);
    let thread = heap.thread("worker-7");
    let frame = heap.frame(thread, class, "run", Some("Slow.java"), 3);
    let local = heap.bytes(&[2; 100]);
    heap.local(thread, frame, local);
    let written = heap.write();
    let file = temporary(".hprof", &written.bytes);
    let path = |object: Obj, format: &str| {
        let address = format!("{:#x}", written.address(object));
        on(&file, "path", &[&address, "--format", format]).succeeded()
    };
    let root = |object| -> Value { path(object, "json").json()["paths"][0]["root"].clone() };
    assert_eq!(root(final_one), "reachable by finalizers only");
    assert_eq!(root(phantom), "phantom reachable");
    let text = path(local, "text").text();
    assert!(text.contains("java.lang.Thread \"worker-*\""), "{text}");
    let step = path(local, "json").json()["paths"][0]["steps"][0].clone();
    assert_eq!(step["thread"], "worker-*");
}

#[test]
fn threads_tell_context_loader_and_thread_locals_in_every_format() {
    let mut heap = Heap::new();
    let thread = heap.thread("worker-7");
    let object = heap.thread_object(thread);
    let loader = heap.app_loader();
    heap.set(object, "contextClassLoader", loader);
    let key = heap.new_object("java.lang.ThreadLocal");
    kept(&mut heap, key);
    let value = heap.bytes(&[1; 100]);
    heap.set_thread_local(thread, key, value);
    let file = temporary(".hprof", &heap.write().bytes);
    let text = on(&file, "threads", &[]).succeeded().text();
    assert!(text.contains("context loader app"), "{text}");
    assert!(text.contains("retained by 1 entry, 0 stale"), "{text}");
    let tsv = on(&file, "threads", &["--format", "tsv"])
        .succeeded()
        .text();
    let mut lines = tsv.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let (header, row) = (
        lines.next().expect("a header"),
        lines.next().expect("a row"),
    );
    let cell = |name: &str| row[header.iter().position(|h| *h == name).expect(name)];
    assert_eq!(cell("context_class_loader"), "app");
    assert_eq!(cell("thread_locals"), "1");
    assert_eq!(cell("stale_thread_locals"), "0");
    assert_ne!(cell("thread_locals_retained_bytes"), "");
}

/// In a pipe names stay whole, unless somebody exported `COLUMNS`.
#[test]
fn tables_are_as_wide_as_asked() {
    let mut heap = Heap::new();
    let class = format!("com.acme.{}.Order", "inventory".repeat(8));
    let class = heap.class(&class).app().field("next", Kind::Object).done();
    let object = heap.instance(class);
    kept(&mut heap, object);
    let file = temporary(".hprof", &heap.write().bytes);
    let widest = |columns: Option<&str>| {
        let mut program = program();
        program.arg("histogram").arg(&file).args(["--top", "0"]);
        if let Some(columns) = columns {
            program.env("COLUMNS", columns);
        }
        let text = run_command(&mut program).succeeded().text();
        // Below what was counted.
        let table = text.lines().skip(2).map(UnicodeWidthStr::width);
        table.max().expect("rows")
    };
    assert!(widest(None) > 100);
    assert!(widest(Some("60")) <= 60);
}
