//! Class loaders, classes that several define, generated classes, what has no path from a root.

use serde_json::Value;

use crate::support::{golden, program, report, run, run_command, temporary};
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
    for (name, state) in [("/web", "STOPPED"), ("/app", "STARTED")] {
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
    let stopped = find(&json["class_loaders"], "name", &name("/web"));
    assert_eq!(stopped["stopped"], true);
    assert_eq!(
        stopped["pinned_by"],
        "thread \"cleanup-*\".contextClassLoader"
    );
    assert_eq!(stopped["parent"], "app");
    assert_eq!(stopped["classes"], 1);
    let running = find(&json["class_loaders"], "name", &name("/app"));
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

/// What would go away with a loader is also what the static fields of its classes hold.
#[test]
fn a_loader_retains_what_its_classes_hold() {
    const HELD: usize = 1 << 20;
    let mut heap = Heap::new();
    let class = heap.jdk("java.net.URLClassLoader");
    let mut kept = Vec::new();
    // Ten are one row.
    for (i, name) in ["one"; 11].iter().enumerate() {
        let parent = if i == 0 { heap.app_loader() } else { kept[0] };
        let loader = heap.url_class_loader(class, Some(name));
        let cache = heap.prim_array(Kind::Byte, HELD);
        let plugin = heap.class("com.acme.Plugin").loader(loader);
        let plugin = plugin.static_field("CACHE", cache).done();
        heap.set(loader, "parent", parent);
        // An instance keeps class and loader: neither dominates the other.
        kept.push(loader);
        let instance = heap.instance(plugin);
        let both = heap.array_list(&[instance, loader]);
        heap.class(&format!(
            "com.acme.Registry{}",
            ["A", "B"][i % 2].repeat(i + 1)
        ))
        .app()
        .static_field("PLUGIN", both)
        .done();
    }
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let rows = json["class_loaders"].as_array().expect("rows");
    let row = |count: u64| {
        let found = rows
            .iter()
            .find(|row| row["count"] == count && row["class"] == "java.net.URLClassLoader");
        found.unwrap_or_else(|| panic!("no row of {count}: {rows:?}"))["retained_bytes"]
            .as_u64()
            .expect("bytes")
    };
    assert!(row(1) >= HELD as u64, "{rows:?}");
    assert!(row(10) >= 10 * HELD as u64, "{rows:?}");
}

/// The field of somebody's own that keeps a stopped loader is told however deep it lies, and no page cuts it away.
#[test]
fn the_field_that_pins_a_loader_is_always_told() {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.container.runtime.isolation.PluginClassLoader")
        .extends("java.net.URLClassLoader")
        .done();
    let loader = heap.url_class_loader(class, Some("service"));
    let path = heap
        .class("jdk.internal.loader.URLClassPath")
        .fields("closed:Z");
    let path = path.done();
    let path = heap.instance(path);
    heap.set(path, "closed", true).set(loader, "ucp", path);
    let plugin = heap.class("com.acme.Plugin").loader(loader).done();
    let mut held = heap.instance(plugin);
    for _ in 0..4 {
        held = heap.array_list(&[held]);
    }
    heap.class("com.acme.Registry")
        .app()
        .static_field("PLUGINS", held)
        .done();
    let file = temporary(".hprof", &heap.write().bytes);
    let json = report(&file);
    let name = "com.acme.container.runtime.isolation.PluginClassLoader service";
    let row = find(&json["class_loaders"], "name", name);
    assert_eq!(row["stopped"], true);
    let by = row["pinned_by"].as_str().expect("a path");
    assert!(by.contains("com.acme.Registry.PLUGINS →"), "{by}");
    assert_eq!(by.matches(" more").count(), 1, "{by}");
    for width in ["40", "80", "100"] {
        let mut program = program();
        program.arg(&file).args(["--detail", "full"]);
        let text = run_command(program.env("COLUMNS", width))
            .succeeded()
            .text();
        let (_, section) = text.split_once("CLASS LOADERS").expect("a section");
        let told: String = section.split_whitespace().collect();
        for part in [name, "STOPPED", "com.acme.Registry.PLUGINS"] {
            let part: String = part.split_whitespace().collect();
            assert!(told.contains(&part), "{part} at {width}: {section}");
        }
    }
}

/// A class has a lambda or two; together they are many.
#[test]
fn lambdas_of_many_classes_are_one_family() {
    let mut heap = Heap::new();
    for i in 0..12 {
        heap.class(&format!("com.acme.Step{i}$$Lambda+0x0000{i:04x}"))
            .app()
            .done();
        heap.class(&format!("com.acme.Job$$Lambda+0x0001{i:04x}"))
            .app()
            .done();
    }
    let json = report(&temporary(".hprof", &heap.write().bytes));
    let families = &json["class_families"];
    assert_eq!(find(families, "name", "*$$Lambda*")["classes"], 12);
    assert_eq!(
        find(families, "name", "com.acme.Job$$Lambda*")["classes"],
        12
    );
    let text = full(&golden("sample"));
    assert!(
        !text.contains("1 classes") && !text.contains(" 1 instances"),
        "{text}"
    );
}

fn full(dump: &std::path::Path) -> String {
    let arguments = [dump.as_os_str(), "--detail".as_ref(), "full".as_ref()];
    run(arguments).succeeded().text()
}

/// Who asked for everything and for few rows is not told to ask for everything.
#[test]
fn what_rows_leave_out_is_told_with_how_to_see_it() {
    let file = golden("class-loaders");
    let arguments = ["--detail", "full", "--top", "2", "--waste"];
    let arguments = [file.as_os_str()]
        .into_iter()
        .chain(arguments.map(AsRef::as_ref));
    let text = run(arguments).succeeded().text();
    assert!(!text.contains("more: --detail full"), "{text}");
    let (_, loaders) = text.split_once("CLASS LOADERS").expect("a section");
    let (loaders, _) = loaders.split_once("\n\n").expect("its end");
    assert!(loaders.ends_with(" more: --top N"), "{loaders}");
}
