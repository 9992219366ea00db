//! Whose code a class is: the places of real launches, and what decides where the dump has none.

use serde_json::{Value as Json, json};

use crate::holders_support::json as report_of;
use crate::support::{run, temporary};
use crate::synth::{Heap, Kind, Obj};

/// A `ProtectionDomain` for classes from `path`.
fn domain(heap: &mut Heap, protocol: &str, path: &str) -> Obj {
    let declared = |heap: &mut Heap, class: &str, fields: &str| match heap.class_named(class) {
        Some(class) => class,
        None => heap.class(class).fields(fields).done(),
    };
    let url = declared(heap, "java.net.URL", "protocol:L path:L file:L");
    let source = declared(heap, "java.security.CodeSource", "location:L");
    let domain = declared(heap, "java.security.ProtectionDomain", "codesource:L");
    let (protocol, path) = (heap.string(protocol), heap.string(path));
    let url = heap.instance(url);
    heap.set(url, "protocol", protocol)
        .set(url, "path", path)
        .set(url, "file", path);
    let source = heap.instance(source);
    heap.set(source, "location", url);
    let domain = heap.instance(domain);
    heap.set(domain, "codesource", source);
    domain
}

/// A class of the application loader's that keeps 2 MB in a static field, loaded from `path`.
fn loaded(heap: &mut Heap, class: &str, protocol: &str, path: &str) {
    let domain = domain(heap, protocol, path);
    let body = heap.prim_array(Kind::Byte, 2_000_000);
    let class = heap.class(class).app().protection_domain(domain);
    class.static_field("KEPT", body).done();
}

fn scope(json: &Json) -> (Json, Json) {
    let scope = &json["jvm"]["application"];
    (scope["decided_by"].clone(), scope["packages"].clone())
}

/// Each row is one kind of launch: classes with their places, and the packages that are the application's.
#[test]
fn the_place_of_a_class_says_whose_it_is() {
    type Row<'r> = (&'r str, &'r [(&'r str, &'r str, &'r str)], &'r [&'r str]);
    let rows: &[Row<'_>] = &[
        (
            "a directory and libraries on the class path",
            &[
                ("shop.Main", "file", "/srv/shop/classes/"),
                ("lib.cache.Table", "file", "/srv/shop/lib/cache-1.0.jar"),
            ],
            &["shop"],
        ),
        (
            "Spring Boot",
            &[
                (
                    "com.acme.Cart",
                    "jar",
                    "file:/srv/shop.jar!/BOOT-INF/classes!/",
                ),
                (
                    "lib.cache.Table",
                    "jar",
                    "file:/srv/shop.jar!/BOOT-INF/lib/cache.jar!/",
                ),
                (
                    "com.acme.common.Money",
                    "jar",
                    "file:/srv/shop.jar!/BOOT-INF/lib/common.jar!/",
                ),
                ("boot.loader.Launcher", "file", "/srv/shop.jar"),
            ],
            &["com.acme"],
        ),
        (
            "Spring Boot since 3.2",
            &[
                (
                    "com.acme.Cart",
                    "jar",
                    "nested:/srv/shop.jar/!BOOT-INF/classes/!/",
                ),
                (
                    "lib.cache.Table",
                    "jar",
                    "nested:/srv/shop.jar/!BOOT-INF/lib/cache.jar!/",
                ),
            ],
            &["com.acme"],
        ),
        (
            "a web application",
            &[
                (
                    "com.acme.Cart",
                    "file",
                    "/srv/webapps/shop/WEB-INF/classes/",
                ),
                (
                    "lib.cache.Table",
                    "file",
                    "/srv/webapps/shop/WEB-INF/lib/cache.jar",
                ),
                ("server.Boot", "file", "/srv/lib/server.jar"),
            ],
            &["com.acme"],
        ),
    ];
    for (name, classes, packages) in rows {
        let mut heap = Heap::new();
        for (class, protocol, path) in *classes {
            loaded(&mut heap, class, protocol, path);
        }
        let found = scope(&report_of(&heap));
        assert_eq!(found, (json!("code_source"), json!(packages)), "{name}");
    }
}

/// `java -cp 'lib/*' com.acme.Main`, a run-time image, an archive with everything in it: the archive or module of the main class.
#[test]
fn the_archive_of_the_main_class_is_the_application_s() {
    for (protocol, own, other) in [
        ("file", "/srv/lib/shop.jar", "/srv/lib/cache.jar"),
        ("jrt", "/com.acme.shop", "/lib.cache"),
        ("file", "/srv/all.jar", "/srv/all.jar"),
    ] {
        let mut heap = Heap::new();
        loaded(&mut heap, "com.acme.Main", protocol, own);
        loaded(&mut heap, "org.apache.Cache", protocol, other);
        let thread = heap.thread("main");
        let main = heap.class_named("com.acme.Main").expect("declared");
        heap.frame(thread, main, "main", None, 1);
        let found = scope(&report_of(&heap));
        assert_eq!(found, (json!("code_source"), json!(["com.acme"])), "{own}");
    }
}

#[test]
fn an_archive_with_a_loader_of_its_own_is_a_plugin_of_the_application_s() {
    let mut heap = Heap::new();
    let loader = heap.jdk("java.net.URLClassLoader");
    let loader = heap.url_class_loader(loader, None);
    let place = domain(&mut heap, "file", "/srv/plugins/tax.jar");
    let class = heap.class("com.acme.tax.Rules").loader(loader);
    class.protection_domain(place).done();
    loaded(&mut heap, "host.Host", "file", "/srv/host.jar");
    let class = heap.class_named("com.acme.tax.Rules").expect("declared");
    let rules = heap.instance(class);
    heap.class("java.lang.Keep")
        .static_field("RULES", rules)
        .done();
    let found = scope(&report_of(&heap));
    assert_eq!(found, (json!("code_source"), json!(["com.acme"])));
}

#[test]
fn without_places_the_package_of_the_main_class_decides_and_the_report_says_so() {
    let mut heap = Heap::new();
    heap.class("lib.cache.Table").app().done();
    let main = heap.class("com.acme.Main").app().done();
    let thread = heap.thread("main");
    heap.frame(thread, main, "main", None, 1);
    let found = scope(&report_of(&heap));
    assert_eq!(found, (json!("main_class"), json!(["com.acme"])));
}

#[test]
fn without_a_main_class_names_decide_and_the_report_says_so() {
    let mut heap = Heap::new();
    heap.class("org.apache.Table").app().done();
    heap.class("com.acme.Cart").app().done();
    let found = scope(&report_of(&heap));
    assert_eq!(found, (json!("names"), json!(["com.acme"])));
}

#[test]
fn the_option_overrules_everything() {
    let mut heap = Heap::new();
    loaded(&mut heap, "com.acme.Cart", "file", "/srv/shop/classes/");
    loaded(
        &mut heap,
        "lib.cache.Table",
        "file",
        "/srv/shop/lib/cache.jar",
    );
    let dump = temporary(".hprof", &heap.write().bytes);
    let dump = dump.to_str().expect("a name");
    let json = run([dump, "--application", "lib.cache", "--format", "json"]);
    let json = json.succeeded().json();
    assert_eq!(scope(&json), (json!("option"), json!(["lib"])));
    assert_eq!(json["tool"]["options"]["application"], "lib.cache");
}
