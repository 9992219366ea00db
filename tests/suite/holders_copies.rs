//! Classes of which each of many loaders has a copy.

use serde_json::Value as Json;

use crate::holders_support::{KB, in_static, json, told};
use crate::synth::{Class, Heap, Kind, Obj};

/// Bytes of what each plugin has.
const DATA: usize = 2_000 * KB;

/// A loader of plugins; objects of it can be closed.
fn plugin_loader(heap: &mut Heap) -> Class {
    let class = heap.class("com.acme.PluginLoader");
    class.extends("java.net.URLClassLoader").done()
}

/// `n` loaders, each with a class `com.acme.Plugin` of its own: the classes and loaders.
fn plugins(heap: &mut Heap, loader_class: Class, n: usize, in_class: bool) -> Vec<(Class, Obj)> {
    let mut all = Vec::new();
    for i in 0..n {
        let loader = heap.url_class_loader(loader_class, Some(&format!("plugin-{i}")));
        let mut class = heap.class("com.acme.Plugin").loader(loader);
        class = class.field("data", Kind::Object);
        let class = class.done();
        if in_class {
            let data = heap.prim_array(Kind::Byte, DATA);
            heap.add_static(class, "DATA", data);
        }
        let mirror = heap.mirror(class);
        let classes = heap.array_list(&[mirror]);
        heap.set(loader, "classes", classes);
        all.push((class, loader));
    }
    all
}

/// Instances of the plugins, in a static list of `com.acme.Registry`.
fn registered(n: usize, in_class: bool) -> Json {
    let mut heap = Heap::new();
    let loader = plugin_loader(&mut heap);
    let mut instances = Vec::new();
    for (class, _) in plugins(&mut heap, loader, n, in_class) {
        let instance = heap.instance(class);
        if !in_class {
            let data = heap.prim_array(Kind::Byte, DATA);
            heap.set(instance, "data", data);
        }
        instances.push(instance);
    }
    let list = heap.array_list(&instances);
    in_static(&mut heap, "com.acme.Registry", "PLUGINS", list);
    json(&heap)
}

#[test]
fn what_each_of_many_loaders_has_belongs_to_who_keeps_them() {
    for in_class in [true, false] {
        let json = registered(12, in_class);
        let (kind, class, field, content, objects) = told(&json);
        let holder = (kind.as_str(), class.as_str(), field.as_str());
        assert_eq!(
            holder,
            ("static_field", "com.acme.Registry", "PLUGINS"),
            "{json}"
        );
        assert_eq!((content.as_str(), objects), ("com.acme.Plugin", 12));
    }
}

#[test]
fn a_few_applications_with_one_library_are_no_mass() {
    let json = registered(3, true);
    let (_, class, field, ..) = told(&json);
    assert_eq!(
        (class.as_str(), field.as_str()),
        ("com.acme.Plugin", "DATA")
    );
}

#[test]
fn threads_that_keep_loaders_are_told_with_whose_they_are() {
    let mut heap = Heap::new();
    let loader = heap.jdk("java.net.URLClassLoader");
    for (_, loader) in plugins(&mut heap, loader, 10, true) {
        let thread = heap.thread("pool-1-thread-7");
        let thread = heap.thread_object(thread);
        heap.set(thread, "contextClassLoader", loader);
    }
    let json = json(&heap);
    let (kind, class, ..) = told(&json);
    assert_eq!(
        (kind.as_str(), class.as_str()),
        ("thread", "com.acme.Plugin"),
        "{json}"
    );
    // Somebody's own: not ruled out as a part of the JVM.
    assert_ne!(json["verdict"]["heap"], "ruled_out");
}

#[test]
fn a_stopped_loader_is_told_with_the_suspect() {
    let mut heap = Heap::new();
    let path = heap.class("jdk.internal.loader.URLClassPath");
    let path_class = path.field("closed", Kind::Boolean).done();
    let mut loaders = Vec::new();
    let loader = plugin_loader(&mut heap);
    for (_, loader) in plugins(&mut heap, loader, 8, true) {
        let path = heap.instance(path_class);
        heap.set(path, "closed", true);
        heap.set(loader, "ucp", path);
        loaders.push(loader);
    }
    let list = heap.array_list(&loaders);
    in_static(&mut heap, "com.acme.Registry", "OLD", list);
    let json = json(&heap);
    let suspect = &json["suspects"][0];
    assert_eq!(suspect["holder"]["field"], "OLD", "{suspect}");
    assert_eq!(
        suspect["pattern"]["id"], "closed_class_loaders",
        "{suspect}"
    );
    let notes = suspect["notes"].to_string();
    assert!(
        notes.contains("8 class loaders in it were closed"),
        "{notes}"
    );
}
