//! Secrets in places that no program of the JDK's puts them in, and in the places that names come from: what the JVM is started with, loaders
//! and their addresses, frames, names of what libraries have, keys of maps.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use crate::support::{run, temporary};
use crate::synth::{Class, Heap, Kind, Obj, Root, Value};
use crate::verdict_support::MIB;

/// Places with what was put there: a word as a login is, or a key.
#[derive(Default)]
struct Planted(BTreeMap<String, String>);

impl Planted {
    /// A word in small letters, as logins are.
    fn login(&mut self, place: &str) -> String {
        let number = self.0.len();
        let letters = [number / 26 % 26, number % 26, number * 7 % 26];
        let letters = letters.map(|letter| char::from(b'a' + letter as u8));
        let word = format!("qzx{}qv", String::from_iter(letters));
        self.0.insert(word.clone(), place.to_owned());
        word
    }

    /// Letters and digits, as keys are.
    fn key(&mut self, place: &str) -> String {
        let word = format!("{}9K{}wT4", self.login(place), self.0.len());
        self.0.insert(word.clone(), place.to_owned());
        word
    }

    fn both(&mut self, place: &str) -> String {
        format!("{} {}", self.login(place), self.key(place))
    }

    #[track_caller]
    fn assert_none_in(&self, what: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        for (word, place) in &self.0 {
            assert!(!text.contains(&word.to_lowercase()), "{place} in {what}");
        }
    }
}

/// An object of `class` with a text in each of `fields`, and something large.
fn with_texts(heap: &mut Heap, secrets: &mut Planted, class: &str, fields: &[&str]) -> Obj {
    let mut made = heap.class(class);
    for field in fields {
        made = made.field(field, Kind::Object);
    }
    let made = made.field("data", Kind::Object).done();
    let object = heap.instance(made);
    for field in fields {
        let text = secrets.both(&format!("{class}.{field}"));
        let text = heap.string(&text);
        heap.set(object, field, text);
    }
    let data = heap.bytes(&vec![7; 40_000]);
    heap.set(object, "data", data);
    object
}

/// A map of texts with a text as `theEnvironment` and properties have them.
fn start_of_the_jvm(heap: &mut Heap, secrets: &mut Planted) {
    let command = format!(
        "/home/{}/app.jar --password={}",
        secrets.login("folder of the command"),
        secrets.key("argument of the command")
    );
    let place = |secrets: &mut Planted, name: &str| {
        let login = secrets.login(name);
        format!("/home/{login}/{}.x", secrets.key(name))
    };
    let mut entries = vec![
        ("sun.java.command".to_owned(), command),
        ("java.class.path".to_owned(), place(secrets, "class path")),
        ("user.name".to_owned(), secrets.login("user.name")),
    ];
    for name in ["java.vm.version", "java.version", "java.vm.name"] {
        entries.push((name.to_owned(), format!("17 {}", secrets.key(name))));
    }
    for name in ["db.password", "java.vendor", "sun.nio.MaxDirectMemorySize"] {
        entries.push((name.to_owned(), secrets.key(name)));
    }
    let entries: Vec<(&str, &str)> = entries
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let saved = crate::offheap_synthetic::properties(heap, &entries);
    let class = heap.class("jdk.internal.misc.VM");
    class.static_field("savedProps", saved).done();
    let options = [
        format!("-Dp={}", secrets.key("-D")),
        "-Xmx700m".to_owned(),
        format!("-XX:NativeMemoryTracking={}", secrets.key("flag")),
        format!("-XX:HeapDumpPath={}", place(secrets, "path of a flag")),
        format!("-Xss{}", secrets.key("-Xss")),
        format!("-XX:{}=5", secrets.key("name of a flag")),
    ];
    let variables = [
        ("HOSTNAME", secrets.key("HOSTNAME")),
        ("API_KEY", secrets.key("API_KEY")),
        ("JAVA_TOOL_OPTIONS", options.join(" ")),
    ];
    let class = heap.class("java.lang.ProcessEnvironment$Variable");
    let class = class.fields("str:L bytes:L").done();
    let entries = variables.map(|(name, value)| {
        let mut text = |text: &str| {
            let (object, text) = (heap.instance(class), heap.string(text));
            heap.set(object, "str", text);
            Value::Ref(object)
        };
        (text(name), text(&value))
    });
    let map = heap.hash_map(&entries);
    let class = heap.class("java.lang.ProcessEnvironment");
    class.static_field("theEnvironment", map).done();
}

/// Loaders with a name, an address with a password, and a class with a static field each.
fn loaders(heap: &mut Heap, secrets: &mut Planted) {
    let above = heap.jdk("java.net.URLClassLoader");
    let url = heap.class("java.net.URL");
    let url = url
        .fields("protocol:L host:L file:L path:L authority:L userInfo:L")
        .done();
    for (class, field) in [
        (
            "org.apache.catalina.loader.ParallelWebappClassLoader",
            "contextName",
        ),
        ("org.jboss.modules.ModuleClassLoader", "module"),
        ("org.eclipse.jetty.webapp.WebAppClassLoader", "_name"),
        ("com.acme.PluginLoader", "plugin"),
    ] {
        let made = heap.class(class).superclass(above);
        let made = made
            .field(field, Kind::Object)
            .field("from", Kind::Object)
            .done();
        let name = secrets.both(&format!("name of {class}"));
        let loader = heap.url_class_loader(made, Some(&name));
        let text = secrets.both(&format!("{class}.{field}"));
        let text = heap.string(&text);
        let from = heap.instance(url);
        for part in ["host", "file", "path", "authority", "userInfo"] {
            let value = format!(
                "/repo/{0}/a-{0}.jar?token={1}",
                secrets.login(part),
                secrets.key(part)
            );
            let value = heap.string(&value);
            heap.set(from, part, value);
        }
        heap.set(loader, field, text).set(loader, "from", from);
        heap.root(Root::JniGlobal, loader);
        let cache = heap.bytes(&vec![1; 30_000]);
        let own = heap.class("com.acme.Plugin").loader(loader);
        own.static_field("CACHE", cache).done();
    }
}

/// Threads with a name, a frame of a file in somebody's folder, and a thread-local with a name.
fn threads(heap: &mut Heap, secrets: &mut Planted, work: Class) {
    let key_class = heap.class("org.springframework.core.NamedThreadLocal");
    let key_class = key_class
        .extends("java.lang.ThreadLocal")
        .field("name", Kind::Object)
        .done();
    for form in [
        "session of LOGIN KEY",
        "LOGIN@acme.com",
        "GET /u/LOGIN?k=KEY",
        "jdbc:pg://LOGIN:KEY@db",
        "u=LOGIN",
        "a_LOGIN_b",
    ] {
        let mut name = form.replace("LOGIN", &secrets.login("name of a thread"));
        if form.contains("KEY") {
            name = name.replace("KEY", &secrets.key("name of a thread"));
        }
        let thread = heap.thread(&name);
        let source = format!(
            "/home/{}\\{}/Work.java",
            secrets.login("source"),
            secrets.key("source")
        );
        let frame = heap.frame(thread, work, "run", Some(&source), 7);
        let data = heap.bytes(&vec![1; 50_000]);
        heap.local(thread, frame, data);
        let (key, text) = (
            heap.instance(key_class),
            secrets.both("name of a thread-local"),
        );
        let text = heap.string(&text);
        heap.set(key, "name", text);
        heap.root(Root::JniGlobal, key);
        let value = map_with_texts(heap, secrets, "map of a thread");
        heap.set_thread_local(thread, key, value);
    }
}

fn map_with_texts(heap: &mut Heap, secrets: &mut Planted, place: &str) -> Obj {
    let entries = [0, 1, 2].map(|_| {
        let (key, value) = (secrets.both(place), heap.bytes(&vec![3; 20_000]));
        (Value::Ref(heap.string(&key)), Value::Ref(value))
    });
    heap.hash_map(&entries)
}

/// What libraries and the JDK give names to.
const NAMED: &[(&str, &[&str])] = &[
    (
        "com.zaxxer.hikari.HikariConfig",
        &["poolName", "jdbcUrl", "username", "password"],
    ),
    ("net.sf.ehcache.Cache", &["name"]),
    ("com.hazelcast.map.impl.MapContainer", &["name"]),
    ("javax.management.ObjectName", &["_canonicalName"]),
    (
        "org.apache.catalina.session.StandardSession",
        &["id", "principal"],
    ),
    (
        "org.apache.kafka.clients.producer.KafkaProducer",
        &["clientId"],
    ),
    ("org.apache.activemq.broker.region.Queue", &["destination"]),
    ("java.io.File", &["path"]),
    ("java.util.zip.ZipFile", &["name"]),
    ("ch.qos.logback.classic.Logger", &["name"]),
    ("java.net.InetAddress$InetAddressHolder", &["hostName"]),
    ("io.micrometer.core.instrument.Meter$Id", &["name"]),
    ("org.quartz.impl.JobDetailImpl", &["name", "group"]),
    (
        "org.apache.catalina.core.StandardContext",
        &["path", "docBase", "displayName"],
    ),
    (
        "java.lang.StackTraceElement",
        &["declaringClass", "methodName", "fileName"],
    ),
    ("java.lang.OutOfMemoryError", &["detailMessage"]),
    ("com.acme.OrderException", &["detailMessage"]),
    ("com.acme.Color", &["name"]),
];

fn planted() -> (tempfile::TempPath, Planted) {
    let (mut heap, mut secrets) = (Heap::new(), Planted::default());
    start_of_the_jvm(&mut heap, &mut secrets);
    loaders(&mut heap, &mut secrets);
    let work = heap.class("com.acme.Work").app().done();
    threads(&mut heap, &mut secrets, work);
    for (number, (class, fields)) in NAMED.iter().enumerate() {
        let object = with_texts(&mut heap, &mut secrets, class, fields);
        let map = map_with_texts(&mut heap, &mut secrets, &format!("map beside {class}"));
        let all = heap.array_list(&[object, map]);
        let holder = heap.class(&format!("com.acme.Holder{number}")).app();
        holder.static_field("ALL", all).done();
    }
    let large = heap.bytes(&vec![9; 2 * MIB as usize]);
    let key = secrets.both("key of a static map");
    let key = heap.string(&key);
    let map = heap.hash_map(&[(key.into(), large.into())]);
    heap.class("com.acme.ByUser")
        .app()
        .static_field("MAP", map)
        .done();
    (temporary(".hprof", &heap.write().bytes), secrets)
}

/// What a command writes to both of its outputs, whether it succeeds or not.
fn said(words: &[OsString]) -> Vec<u8> {
    let ran = run(words);
    [ran.stdout, ran.stderr.into_bytes()].concat()
}

/// `words` with the dump in the place of `DUMP`, a report in that of `REPORT`.
fn command(words: &str, dump: &Path, report: &Path) -> Vec<OsString> {
    let words = words.split_whitespace().map(|word| match word {
        "DUMP" => dump.into(),
        "REPORT" => report.into(),
        word => word.into(),
    });
    words.collect()
}

#[test]
fn nothing_planted_is_told() {
    let (dump, secrets) = planted();
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let everything = "--detail full --top 0 --suspects 1000 --waste";
    run(command(
        &format!("DUMP {everything} -o REPORT"),
        &dump,
        &report,
    ))
    .succeeded();
    let mut all = vec![
        "objects DUMP".to_owned(),
        "fleet REPORT --format openmetrics".to_owned(),
    ];
    for format in [
        "text", "json", "markdown", "jira", "slack", "html", "folded", "svg",
    ] {
        all.push(format!("DUMP {everything} --format {format}"));
        all.push(format!("render REPORT --detail full --format {format}"));
    }
    for format in ["text", "json", "markdown", "jira", "html"] {
        all.push(format!("fleet REPORT --top 0 --format {format}"));
        all.push(format!("DUMP DUMP --format {format}"));
        all.push(format!("threads DUMP --frames 0 --format {format}"));
        all.push(format!("histogram DUMP --top 0 --format {format}"));
        all.push(format!(
            "dominators DUMP --top 0 --depth 8 --format {format}"
        ));
        all.push(format!(
            "dominators DUMP --top 0 --depth 8 --by loader --format {format}"
        ));
        all.push(format!("estimate DUMP --format {format}"));
    }
    let listed = said(&command("objects DUMP", &dump, &report));
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let addresses = listed.lines().filter_map(|line| line.split('\t').next());
    for address in addresses
        .filter(|it| it.starts_with("0x"))
        .step_by(9)
        .take(40)
    {
        all.push(format!("show DUMP {address} --top 0"));
        all.push(format!("path DUMP {address} --paths 3 --format json"));
    }
    for words in all {
        let ran = run(command(&words, &dump, &report)).succeeded();
        assert!(ran.stdout.len() > 40, "{words}");
        secrets.assert_none_in(&words, &[ran.stdout, ran.stderr.into_bytes()].concat());
    }
}

/// What makes the test above worth something: the names are there, and are shown when values are asked for.
#[test]
fn what_was_planted_is_read() {
    let (dump, secrets) = planted();
    let bytes = std::fs::read(&dump).expect("a dump");
    let in_dump = String::from_utf8_lossy(&bytes);
    for (word, place) in &secrets.0 {
        assert!(in_dump.contains(word.as_str()), "{place}");
    }
    let shown = said(&command(
        "DUMP --detail full --top 0 --show-values",
        &dump,
        &dump,
    ));
    let shown = String::from_utf8_lossy(&shown).into_owned();
    for place in [
        "HOSTNAME",
        "java.vm.name",
        "java.vm.version",
        "name of a thread",
    ] {
        let mut words = secrets.0.iter().filter(|(_, of)| *of == place);
        assert!(
            words.any(|(word, _)| shown.contains(word.as_str())),
            "{place}"
        );
    }
}

/// Errors tell what was expected, not what is there.
#[test]
fn errors_do_not_quote_files() {
    let mut secrets = Planted::default();
    let key = secrets.key("a file");
    let (dump, _) = planted();
    for (ending, text) in [
        (".txt", format!("password: {key}\n")),
        (".json", format!("{{\"password\": \"{key}\"}}")),
        (".json", format!("{{\"schema\": \"{key}\", \"{key}\": 1}}")),
        (".yaml", format!("kind: {key}\nspec:\n  token: {key}\n")),
        (".csv", format!("time,{key}\n1,{key}\n")),
        (
            ".json",
            format!(
                "{{\"status\": \"error\", \"errorType\": \"bad_data\", \"error\": \"invalid token={key} of https://u:{key}@host/\"}}"
            ),
        ),
        (".log", format!("[1.0s][info][gc] {key}\n")),
    ] {
        let file = temporary(ending, text.as_bytes());
        for words in [
            "REPORT",
            "DUMP --evidence REPORT",
            "render REPORT",
            "REPORT DUMP",
            "fleet REPORT",
            "estimate REPORT",
            "objects REPORT",
        ] {
            let said = said(&command(words, &dump, &file));
            secrets.assert_none_in(&format!("{words}: {text}"), &said);
        }
    }
}
