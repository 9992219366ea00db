//! Components whose size follows from how the program was started or configured: told as by design, not as suspects.

use crate::holders_support::{KB, json, object, payloads};
use crate::synth::{Heap, Obj};

/// Jars that the application's loader has open, their tables of contents known to the JDK as well; `other` are open besides.
pub fn class_path(heap: &mut Heap, jars: usize, other: usize) {
    let loader = heap.app_loader();
    let sources = payloads(heap, "java.util.zip.ZipFile$Source", jars + other, KB);
    let opened: Vec<Obj> = sources[..jars]
        .iter()
        .map(|&source| {
            let resource = "java.util.zip.ZipFile$CleanableResource";
            let resource = object(heap, resource, &[("zsrc", source.into())]);
            let jar = object(heap, "java.util.jar.JarFile", &[("res", resource.into())]);
            let opener = "jdk.internal.loader.URLClassPath$JarLoader";
            object(heap, opener, &[("jar", jar.into())])
        })
        .collect();
    let loaders = heap.array_list(&opened);
    let path = "jdk.internal.loader.URLClassPath";
    let path = object(heap, path, &[("loaders", loaders.into())]);
    heap.set(loader, "ucp", path);
    let pairs: Vec<_> = sources.iter().map(|&s| (s.into(), s.into())).collect();
    let files = heap.hash_map(&pairs);
    let source = heap.class_named("java.util.zip.ZipFile$Source");
    heap.add_static(source.expect("declared"), "files", files);
}

#[test]
fn jars_of_a_long_class_path_are_no_suspect() {
    let mut heap = Heap::new();
    class_path(&mut heap, 2_000, 0);
    let json = json(&heap);
    assert_eq!(json["suspects"], serde_json::json!([]));
    let cleared = json["checked_and_cleared"].as_array().expect("rows");
    let row = cleared.iter().find(|row| row["id"] == "class_path_jars");
    assert_eq!(row.expect("a row")["measured"], 2_000, "{cleared:?}");
}

#[test]
fn jars_that_others_opened_stay_a_suspect() {
    let mut heap = Heap::new();
    class_path(&mut heap, 10, 2_000);
    let json = json(&heap);
    let content = &json["suspects"][0]["content"]["class"];
    assert_eq!(content, "java.util.zip.ZipFile$Source", "{json}");
}
