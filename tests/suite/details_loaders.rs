//! Class loaders, classes that several define, generated classes, what has no path from a root.

use serde_json::Value;

use crate::support::{golden, report, temporary};
use crate::synth::{Heap, Kind};

fn find<'j>(rows: &'j Value, field: &str, value: &str) -> &'j Value {
    let rows = rows.as_array().expect("rows");
    rows.iter()
        .find(|row| row[field] == value)
        .unwrap_or_else(|| panic!("no row with {field} {value}: {rows:?}"))
}

#[test]
fn a_stopped_web_application_tells_what_pins_it() {
    let mut heap = Heap::new();
    let lifecycle = heap
        .class("org.apache.catalina.LifecycleState")
        .app()
        .fields("name:L ordinal:I")
        .done();
    let base = heap
        .class("org.apache.catalina.loader.WebappClassLoaderBase")
        .extends("java.net.URLClassLoader")
        .fields("state:L")
        .done();
    let class = heap
        .class("org.apache.catalina.loader.ParallelWebappClassLoader")
        .superclass(base)
        .done();
    let mut loaders = Vec::new();
    for (name, state) in [("/shop", "STOPPED"), ("/blog", "STARTED")] {
        let loader = heap.url_class_loader(class, Some(name));
        let constant = heap.instance(lifecycle);
        let text = heap.string(state);
        heap.set(constant, "name", text)
            .set(loader, "state", constant);
        let app = heap.app_loader();
        heap.set(loader, "parent", app);
        heap.class("com.acme.Servlet").loader(loader).done();
        loaders.push(loader);
    }
    let thread = heap.thread("cleanup-7");
    let object = heap.thread_object(thread);
    heap.set(object, "contextClassLoader", loaders[0]);
    heap.class("com.acme.Server")
        .app()
        .static_field("CURRENT", loaders[1])
        .done();
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let name =
        |context: &str| format!("org.apache.catalina.loader.ParallelWebappClassLoader {context}");
    let stopped = find(&json["class_loaders"], "name", &name("/shop"));
    assert_eq!(stopped["stopped"], true);
    assert_eq!(
        stopped["pinned_by"],
        "thread \"cleanup-*\".contextClassLoader"
    );
    assert_eq!(stopped["parent"], "app");
    assert_eq!(stopped["classes"], 1);
    let running = find(&json["class_loaders"], "name", &name("/blog"));
    assert_eq!(
        (&running["stopped"], &running["pinned_by"]),
        (&false.into(), &Value::Null)
    );
    let duplicate = find(&json["duplicate_classes"], "class", "com.acme.Servlet");
    assert_eq!(duplicate["loaders"], 2);
}

#[test]
fn many_alike_loaders_are_one_row() {
    let json = report(&golden("class-loaders"));
    let class = "com.acme.plugin.ClassLoaders$PluginLoader";
    let row = find(&json["class_loaders"], "class", class);
    assert_eq!((&row["count"], &row["classes"]), (&30.into(), &30.into()));
    assert_eq!(row["parent"], "app");
    let settings = 30 * 60_000;
    let retained = row["retained_bytes"].as_u64().expect("bytes");
    assert!(
        (settings..settings + 200_000).contains(&retained),
        "{retained}"
    );
    let plugin = "com.acme.plugin.ClassLoaders$Plugin";
    assert_eq!(
        find(&json["duplicate_classes"], "class", plugin)["loaders"],
        30
    );
    let boot = find(&json["class_loaders"], "name", "boot");
    assert!(boot["classes"].as_u64() > Some(300));
}

#[test]
fn generated_classes_are_counted_by_base_name() {
    let mut heap = Heap::new();
    for i in 0..60 {
        let script = heap.class(&format!("Script{i}")).app().done();
        heap.instance(script);
        heap.class(&format!("com.acme.Job$$Lambda+0x0000{i:04x}"))
            .app()
            .done();
        // Few enough to be written by hand.
        if i < 22 {
            heap.class(&format!("com.acme.Tuple{i}")).app().done();
        }
        heap.class(&format!("com.acme.Form${i}")).app().done();
    }
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let families = &json["class_families"];
    assert_eq!(find(families, "name", "Script*")["classes"], 60);
    assert_eq!(find(families, "name", "Script*")["objects"], 60);
    assert_eq!(find(families, "name", "Script*")["loader"], "app");
    assert_eq!(
        find(families, "name", "com.acme.Job$$Lambda*")["classes"],
        60
    );
    assert_eq!(families.as_array().map(Vec::len), Some(2), "{families}");
}

#[test]
fn loaders_in_a_circle_end() {
    let mut heap = Heap::new();
    let class = heap.jdk("java.net.URLClassLoader");
    let (a, b) = (
        heap.url_class_loader(class, None),
        heap.url_class_loader(class, None),
    );
    heap.set(a, "parent", b).set(b, "parent", a);
    heap.class("com.acme.A").loader(a).done();
    let kept = heap.array_list(&[a]);
    heap.class("com.acme.Kept")
        .static_field("LIST", kept)
        .done();
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let row = find(&json["class_loaders"], "parent", "java.net.URLClassLoader");
    assert_eq!(row["class"], "java.net.URLClassLoader");
}

#[test]
fn what_hangs_on_class_objects_is_told_apart() {
    let mut heap = Heap::new();
    let map_class = heap
        .class("java.lang.ClassValue$ClassValueMap")
        .field("cacheArray", Kind::Object)
        .done();
    let map = heap.instance(map_class);
    let cached = heap.bytes(&[1; 4_000]);
    heap.set(map, "cacheArray", cached);
    // The name of a class, which `Class.name` refers to.
    let name = heap.string("java.lang.String");
    let lost = heap.bytes(&[1; 2_000]);
    let other = heap.string("somebody's text");
    // A live thread of the JVM's own: no root is recorded for it. One that has ended is garbage.
    let thread = heap.new_object("java.lang.Thread");
    heap.set(thread, "eetop", 0x7f00_i64);
    let ended = heap.new_object("java.lang.Thread");
    let bytes = heap.shallow_size(map)
        + heap.shallow_size(cached)
        + heap.shallow_size(name)
        + heap.shallow_size(thread)
        + 32;
    let rest = heap.shallow_size(lost) + heap.shallow_size(other) + heap.shallow_size(ended) + 32;
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let no_path = &json["heap"]["no_path"];
    assert_eq!(no_path["behind_class_mirrors"]["objects"], 5, "{no_path}");
    assert_eq!(no_path["classes_behind_mirrors"][0]["class"], "byte[]");
    assert_eq!(no_path["behind_class_mirrors"]["bytes"], bytes);
    assert_eq!(no_path["rest"]["objects"], 4);
    assert_eq!(no_path["rest"]["bytes"], rest);
    assert_eq!(no_path["classes"][0]["class"], "byte[]");
    assert_eq!(no_path["classes"][0]["objects"], 2);
}
