//! The drill-down commands on heaps of which the test knows every reference.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;

use crate::support::{Run, golden, run, temporary};
use crate::synth::{Heap, Kind, Obj, Root, Written};

/// Two holders of one order, and the order's own things.
struct Shop {
    written: Written,
    orders: Obj,
    order: Obj,
    note: Obj,
    payload: Obj,
    session: Obj,
}

/// `com.acme.Shop.ORDERS` -> array -> order -> note and payload; a session, root by JNI, refers to the order as well.
fn shop() -> Shop {
    let mut heap = Heap::new();
    let class = heap
        .class("com.acme.Order")
        .app()
        .field("note", Kind::Object)
        .field("payload", Kind::Object)
        .field("quantity", Kind::Int)
        .field("express", Kind::Boolean)
        .field("previous", Kind::Object)
        .done();
    let session_class = heap
        .class("com.acme.Session")
        .app()
        .field("current", Kind::Object)
        .done();
    let (order, other) = (heap.instance(class), heap.instance(class));
    let note = heap.string("swordfish is the password");
    let payload = heap.bytes(&[7; 5000]);
    heap.set(order, "note", note);
    heap.set(order, "payload", payload);
    heap.set(order, "quantity", 42);
    heap.set(order, "express", true);
    let orders = heap.object_array(class, &[other, order]);
    heap.class("com.acme.Shop")
        .app()
        .static_field("ORDERS", orders)
        .done();
    let session = heap.instance(session_class);
    heap.set(session, "current", order);
    heap.root(Root::JniGlobal, session);
    Shop {
        written: heap.write(),
        orders,
        order,
        note,
        payload,
        session,
    }
}

impl Shop {
    fn address(&self, object: Obj) -> String {
        format!("{:#x}", self.written.address(object))
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Run {
        let file = temporary(".hprof", &self.written.bytes);
        on(&file, command, arguments)
    }

    fn json(&self, command: &str, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--format", "json"]].concat();
        self.run(command, &arguments).succeeded().json()
    }
}

fn on(file: &Path, command: &str, arguments: &[&str]) -> Run {
    let mut all: Vec<OsString> = vec![command.into(), file.into()];
    all.extend(arguments.iter().map(OsString::from));
    run(all)
}

fn rows(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

#[test]
fn paths_go_through_different_referrers() {
    let shop = shop();
    let json = shop.json("path", &[&shop.address(shop.order)]);
    assert_eq!(json["referrers"], 2, "{json}");
    let paths = rows(&json["paths"]);
    assert_eq!(paths.len(), 2, "{json}");
    let mut told: Vec<(String, Vec<String>)> = paths
        .iter()
        .map(|path| {
            let step = |step: &Value| {
                let reference = step["reference"].as_str().unwrap_or("root");
                format!("{reference} {}", step["class"].as_str().expect("a class"))
            };
            let root = path["root"].as_str().expect("a root").to_owned();
            (root, rows(&path["steps"]).iter().map(step).collect())
        })
        .collect();
    told.sort();
    assert_eq!(told[0].0, "JNI Global");
    assert_eq!(
        told[0].1,
        ["root com.acme.Session", "current com.acme.Order"]
    );
    // How the class is reached is the loader's affair.
    let end = told[1].1.len() - 2;
    assert_eq!(
        told[1].1[end..],
        ["static ORDERS com.acme.Order[]", "[1] com.acme.Order"]
    );
    for path in paths {
        let last = rows(&path["steps"]).last().expect("a step");
        assert_eq!(last["object_id"], shop.address(shop.order).as_str());
    }
    let one = shop.json("path", &[&shop.address(shop.order), "--paths", "1"]);
    assert_eq!(rows(&one["paths"]).len(), 1);
    assert_eq!(one["referrers"], Value::Null, "not looked for: {one}");
}

/// A weak reference does not hold: where nothing else leads to an object, the path says what kind of reference it goes through.
#[test]
fn a_weak_reference_on_a_path_is_told_as_such() {
    let mut heap = Heap::new();
    let class = heap.class("com.acme.Page").app().done();
    let (page, held) = (heap.instance(class), heap.instance(class));
    let weak = heap.reference(crate::synth::Strength::Weak, page);
    let other = heap.reference(crate::synth::Strength::Weak, held);
    for (class, field, object) in [
        ("A", "WEAK", weak),
        ("B", "OTHER", other),
        ("C", "HELD", held),
    ] {
        let class = format!("com.acme.{class}");
        heap.class(&class).app().static_field(field, object).done();
    }
    let written = heap.write();
    let file = temporary(".hprof", &written.bytes);
    let path = |object: Obj, arguments: &[&str]| {
        let address = format!("{:#x}", written.address(object));
        on(&file, "path", &[&[address.as_str()], arguments].concat()).succeeded()
    };
    let json = path(page, &["--format", "json"]).json();
    let steps = rows(&json["paths"][1]["steps"]);
    let last = steps.last().expect("a step");
    assert_eq!(last["reference"], "referent (weak reference)", "{json}");
    assert!(path(page, &[]).text().contains("referent (weak reference)"));
    // What holds comes first.
    let json = path(held, &["--paths", "5", "--format", "json"]).json();
    let last = |path: &Value| rows(&path["steps"]).last().cloned().expect("a step");
    let paths = rows(&json["paths"]);
    assert_eq!(paths.len(), 2, "{json}");
    assert_eq!(last(&paths[0])["reference"], "static HELD", "{json}");
    assert_eq!(
        last(&paths[1])["reference"],
        "referent (weak reference)",
        "{json}"
    );
}

#[test]
fn an_object_is_shown_with_fields_referrers_and_what_it_dominates() {
    let shop = shop();
    let json = shop.json("show", &[&shop.address(shop.order)]);
    assert_eq!(json["object"]["class"], "com.acme.Order");
    assert_eq!(json["strength"], "strong");
    assert_eq!(json["dominator"], Value::Null, "two holders");
    let field = |name: &str| {
        let found = rows(&json["fields"])
            .iter()
            .find(|field| field["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}: {json}"))
    };
    assert_eq!(field("quantity")["value"], "42");
    assert_eq!(field("express")["value"], "true");
    assert_eq!(field("previous")["value"], "null");
    assert_eq!(field("note")["object"]["class"], "java.lang.String");
    assert_eq!(
        field("note")["object"]["object_id"],
        shop.address(shop.note).as_str()
    );
    let ids = |list: &Value| -> Vec<String> {
        let id = |row: &Value| row["object_id"].as_str().expect("an address").to_owned();
        rows(&list["rows"]).iter().map(id).collect()
    };
    let mut referrers = ids(&json["referrers"]);
    referrers.sort();
    let mut expected = [shop.address(shop.orders), shop.address(shop.session)];
    expected.sort();
    assert_eq!(referrers, expected);
    assert_eq!(json["referrers"]["total"], 2);
    assert_eq!(
        ids(&json["dominated"]),
        [shop.address(shop.payload), shop.address(shop.note)]
    );
    assert_eq!(rows(&json["dominated"]["rows"])[0]["reference"], "payload");
}

#[test]
fn text_shows_no_contents_unless_asked() {
    let shop = shop();
    for target in [shop.order, shop.note, shop.payload] {
        let address = shop.address(target);
        for format in ["text", "json", "tsv", "markdown", "jira", "html"] {
            let shown = shop
                .run("show", &[&address, "--format", format])
                .succeeded()
                .text();
            assert!(!shown.contains("swordfish"), "{format}: {shown}");
            assert!(!shown.contains("7 7 7"), "{format}: {shown}");
        }
    }
    let note = shop
        .run("show", &[&shop.address(shop.note), "--show-values"])
        .succeeded()
        .text();
    assert!(note.contains("swordfish is the password"), "{note}");
    assert!(
        note.starts_with("This page shows values"),
        "a banner: {note}"
    );
    let payload = shop
        .run("show", &[&shop.address(shop.payload), "--show-values"])
        .succeeded();
    assert!(payload.text().contains("7 7 7"), "{}", payload.text());
}

#[test]
fn the_dominator_tree_adds_up() {
    for name in ["sample", "thread-locals", "class-loaders"] {
        for by in [
            &[][..],
            &["--by", "class"],
            &["--by", "loader"],
            &["--by", "package"],
        ] {
            let arguments = [by, &["--top", "3", "--depth", "3", "--format", "json"]].concat();
            let json = on(&golden(name), "dominators", &arguments)
                .succeeded()
                .json();
            let total = json["total_bytes"].as_u64().expect("a sum");
            let number = |node: &Value, field: &str| node[field].as_u64().expect("a number");
            let nodes = rows(&json["nodes"]);
            let level = |depth: u64, from: &[Value]| -> u64 {
                let below = from
                    .iter()
                    .take_while(|node| number(node, "depth") >= depth);
                let own = below.filter(|node| number(node, "depth") == depth);
                own.map(|node| number(node, "retained_bytes")).sum()
            };
            assert_eq!(
                level(0, nodes),
                total,
                "{name} {by:?}: the first level is all there is"
            );
            for (i, node) in nodes.iter().enumerate() {
                let depth = number(node, "depth");
                let children = level(depth + 1, &nodes[i + 1..]);
                let own = number(node, "retained_bytes");
                if children > 0 {
                    let shallow = number(node, "shallow_bytes");
                    assert_eq!(children + shallow, own, "{name} {by:?}: row {i}");
                }
            }
        }
    }
}

#[test]
fn below_an_object_come_its_children() {
    let shop = shop();
    let under = shop.address(shop.order);
    let json = shop.json("dominators", &["--under", &under]);
    let nodes = rows(&json["nodes"]);
    assert_eq!(nodes.len(), 2, "{json}");
    assert_eq!(nodes[0]["object_id"], shop.address(shop.payload).as_str());
    assert_eq!(nodes[0]["reference"], "payload");
    assert_eq!(nodes[0]["name"], "byte[]");
}

/// The JVM's own histogram, taken just before the dump.
#[test]
fn the_histogram_is_the_jvm_s() {
    let listing = crate::support::project().join("testdata/sample.histo.txt");
    let listing = std::fs::read_to_string(listing).expect("a histogram");
    let line = listing
        .lines()
        .find(|line| line.contains("com.acme.shop.CacheLeak$Product"))
        .expect("the products");
    let cells: Vec<&str> = line.split_whitespace().collect();
    let (objects, bytes) = (cells[1], cells[2]);
    let arguments = ["--class", r"^com\.acme\..*Product$", "--format", "tsv"];
    let text = on(&golden("sample"), "histogram", &arguments)
        .succeeded()
        .text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    let expected = format!("com.acme.shop.CacheLeak$Product\tapp\t{objects}\t{bytes}\t");
    assert!(lines[1].starts_with(&expected), "{text}");
}

#[test]
fn the_histogram_has_an_order_and_a_length() {
    let sorted = |order: &str, field: &str| {
        let arguments = ["--sort", order, "--top", "7", "--format", "json"];
        let json = on(&golden("sample"), "histogram", &arguments)
            .succeeded()
            .json();
        let of = |row: &Value| row[field].as_u64().expect("a number");
        let numbers: Vec<u64> = rows(&json["rows"]).iter().map(of).collect();
        assert_eq!(numbers.len(), 7);
        assert!(numbers.is_sorted_by(|a, b| a >= b), "{order}: {numbers:?}");
    };
    sorted("retained", "retained_bytes");
    sorted("shallow", "shallow_bytes");
    sorted("objects", "objects");
    let all = on(
        &golden("sample"),
        "histogram",
        &["--top", "0", "--format", "json"],
    );
    let json = all.succeeded().json();
    assert_eq!(json["classes"], rows(&json["rows"]).len());
    // So does a report, also when it is made later.
    let dump = golden("sample");
    let words = [dump.as_os_str(), "--top".as_ref(), "0".as_ref()];
    let report = run(words.into_iter().chain(["-f".as_ref(), "json".as_ref()]));
    let report = report.succeeded();
    let listed = rows(&report.json()["classes"]).len();
    assert_eq!(json["classes"], listed);
    let saved = temporary(".json", &report.stdout);
    let render = ["render".as_ref(), saved.as_os_str(), "--detail".as_ref()];
    let text = run(render.into_iter().chain(["full".as_ref()])).succeeded();
    let classes = text
        .text()
        .lines()
        .skip_while(|l| !l.starts_with("TOP CLASSES"))
        .skip(1)
        .take_while(|l| !l.is_empty())
        .count();
    assert!(classes >= listed, "{classes} lines for {listed} classes");
}

#[test]
fn threads_are_told_with_state_stack_and_local() {
    let arguments = ["--format", "json"];
    let json = on(&golden("out-of-memory"), "threads", &arguments)
        .succeeded()
        .json();
    let import = rows(&json)
        .iter()
        .find(|thread| thread["name"] == "order-import")
        .unwrap_or_else(|| panic!("{json}"));
    assert_eq!(import["threw_out_of_memory"], true);
    assert_eq!(import["state"], "RUNNABLE");
    assert!(
        import["biggest_local"]["retained_bytes"].as_u64() > Some(1 << 20),
        "{import}"
    );
    let frames = import["frames"].to_string();
    assert!(frames.contains("com.acme.orders.OutOfMemory"), "{frames}");
    let text = on(&golden("out-of-memory"), "threads", &["--name", "import"])
        .succeeded()
        .text();
    assert!(text.contains("THREW OutOfMemoryError"), "{text}");
    assert!(!text.contains("Finalizer"), "{text}");
}

#[test]
fn names_of_threads_are_shortened_unless_asked() {
    let file = golden("thread-locals");
    let shown = |arguments: &[&str]| on(&file, "threads", arguments).succeeded().text();
    assert!(shown(&[]).contains("render-pool-*"));
    assert!(!shown(&[]).contains("render-pool-1"));
    assert!(shown(&["--show-values"]).contains("render-pool-1"));
}

#[test]
fn hostile_names_are_neutralised() {
    let mut heap = Heap::new();
    let class = heap
        .class("evil\u{1b}[31m\tname\nx")
        .app()
        .field("f\tg", Kind::Object)
        .done();
    let object = heap.instance(class);
    heap.root(Root::JniGlobal, object);
    let written = heap.write();
    let file = temporary(".hprof", &written.bytes);
    let address = format!("{:#x}", written.address(object));
    let commands: [(&str, &[&str]); 5] = [
        ("path", &[&address]),
        ("show", &[&address]),
        ("dominators", &["--top", "0"]),
        ("histogram", &["--top", "0"]),
        ("threads", &[]),
    ];
    for (command, arguments) in commands {
        for format in ["text", "json", "tsv", "markdown", "jira", "html"] {
            let text = on(&file, command, &[arguments, &["--format", format]].concat());
            let text = text.succeeded().text();
            assert!(!text.contains('\u{1b}'), "{command} {format}: {text}");
            if format == "tsv" {
                let columns = |line: &str| line.matches('\t').count();
                let first = text.lines().next().map(columns);
                assert!(
                    text.lines().all(|line| Some(columns(line)) == first),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn an_address_that_leads_nowhere_is_told() {
    let shop = shop();
    for command in ["path", "show"] {
        let run = shop.run(command, &["0x1234567"]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(
            run.stderr.contains("no object at 0x1234567"),
            "{}",
            run.stderr
        );
        assert!(run.stdout.is_empty());
        let wrong = shop.run(command, &["here"]);
        assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
        assert!(wrong.stderr.contains("hexadecimal"), "{}", wrong.stderr);
    }
    let wrong = shop.run("histogram", &["--class", "("]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let file = golden("sample");
    let address = {
        let arguments = ["--top", "1", "--format", "json"];
        let json = on(&file, "dominators", &arguments).succeeded().json();
        json["nodes"][0]["object_id"]
            .as_str()
            .expect("an address")
            .to_owned()
    };
    let commands: [(&str, &[&str]); 4] = [
        ("path", &[&address]),
        ("show", &[&address]),
        ("dominators", &["--depth", "4", "--by", "package"]),
        ("threads", &[]),
    ];
    for (command, arguments) in commands {
        let with = |threads| {
            on(
                &file,
                command,
                &[arguments, &["--threads", threads]].concat(),
            )
            .succeeded()
            .stdout
        };
        assert!(with("1") == with("4"), "{command}");
    }
}
