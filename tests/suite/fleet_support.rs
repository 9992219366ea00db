//! Saved reports for a fleet: a report of a real dump, changed where fleets look.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::support::{golden, report, run};

/// Bytes of a mebibyte.
pub const MIB: u64 = 1 << 20;

/// The report of a small dump, the model of all others.
fn model() -> &'static Value {
    static MODEL: OnceLock<Value> = OnceLock::new();
    MODEL.get_or_init(|| report(&golden("sample")))
}

/// A report in the making.
#[derive(Clone)]
pub struct Saved(pub Value);

impl Saved {
    /// A report of `pod` in `service` at `time`, without suspects.
    pub fn new(service: &str, pod: &str, time: &str) -> Saved {
        let mut report = model().clone();
        report["labels"] = json!({"service": service, "pod": pod});
        report["dump"]["captured_at"] = json!(time);
        report["inventory"]["process"] = json!(pod);
        report["inventory"]["owners"] = json!([]);
        report["suspects"] = json!([]);
        report["verdict"]["heap"] = json!("suspected");
        report["verdict"]["confidence"] = json!("medium");
        Saved(report)
    }

    pub fn version(mut self, version: &str) -> Saved {
        self.0["labels"]["version"] = json!(version);
        self
    }

    pub fn verdict(mut self, verdict: &str) -> Saved {
        self.0["verdict"]["heap"] = json!(verdict);
        self
    }

    pub fn process(mut self, process: &str) -> Saved {
        self.0["inventory"]["process"] = json!(process);
        self
    }

    pub fn live(mut self, bytes: u64) -> Saved {
        self.0["heap"]["strong"]["bytes"] = json!(bytes);
        self
    }

    /// An owner in the inventory, which need be no suspect.
    pub fn owner(mut self, class: &str, field: &str, bytes: u64) -> Saved {
        let owner = json!({"kind": "static_field", "class": class, "field": field, "bytes": bytes});
        self.0["inventory"]["owners"]
            .as_array_mut()
            .expect("owners")
            .push(owner);
        self
    }

    /// A suspect: the static field `class.field` keeps `bytes` of `content`.
    pub fn suspect(mut self, class: &str, field: &str, content: &str, bytes: u64) -> Saved {
        let suspects = self.0["suspects"].as_array_mut().expect("suspects");
        let suspect = json!({
            "rank": suspects.len() + 1,
            "signature": format!("static_field {class}.{field} holds {content}"),
            "kind": "single_object",
            "holder": {"kind": "static_field", "class": class, "field": field, "count": 1},
            "content": {"class": content, "objects": 10, "retained_bytes": bytes},
            "retained_bytes": bytes,
            "retained_objects": 11,
        });
        suspects.push(suspect);
        self
    }

    pub fn write(&self, file: &Path) {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, self.0.to_string()).expect("a report");
    }
}

/// The signature of a suspect of [`Saved::suspect`].
pub fn signature(class: &str, field: &str, content: &str) -> String {
    format!("static_field {class}.{field} holds {content}")
}

/// A folder of two services: `shop` leaks sessions since 1.42, `cart` and `shop` both have a cache; two damaged files.
pub fn small_fleet() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let cache =
        |saved: Saved, bytes: u64| saved.suspect("com.acme.Cache", "MAP", "com.acme.Entry", bytes);
    let leak = |saved: Saved, bytes: u64| {
        saved.suspect("com.acme.Sessions", "ALL", "com.acme.Session", bytes)
    };
    let shop = |pod: &str, time: &str| Saved::new("shop", pod, time);
    cache(
        shop("shop-1", "2026-11-01T10:00:00Z").version("1.41"),
        10 * MIB,
    )
    .verdict("ruled_out")
    .write(&at("a/shop-1-early.json"));
    leak(
        cache(
            shop("shop-1", "2026-11-02T10:00:00Z").version("1.42"),
            12 * MIB,
        ),
        20 * MIB,
    )
    .process("shop-1b")
    .live(40 * MIB)
    .write(&at("a/shop-1-a.json"));
    leak(
        shop("shop-1", "2026-11-02T12:00:00Z").version("1.42"),
        60 * MIB,
    )
    .process("shop-1b")
    .live(80 * MIB)
    .write(&at("a/b/shop-1-b.json"));
    leak(
        shop("shop-2", "2026-11-03T10:00:00Z").version("1.42"),
        40 * MIB,
    )
    .write(&at("shop-2.json"));
    cache(
        Saved::new("cart", "cart-1", "2026-11-04T10:00:00Z"),
        14 * MIB,
    )
    .verdict("inconclusive")
    .write(&at("cart-1.json"));
    fs::write(
        at("cut.json"),
        "{\"schema_version\": 2, \"verdict\": {\"heap\":",
    )
    .expect("a file");
    fs::write(at("other.json"), "{\"name\": \"package\"}").expect("a file");
    fs::write(at("notes.txt"), "no report").expect("a file");
    folder
}

/// The JSON of `fleet` over `inputs`.
pub fn fleet(inputs: &[&Path], options: &[&str]) -> Value {
    let mut arguments = vec![PathBuf::from("fleet")];
    arguments.extend(inputs.iter().map(|path| path.to_path_buf()));
    arguments.extend(options.iter().map(PathBuf::from));
    arguments.extend(["--format", "json"].map(PathBuf::from));
    run(arguments).succeeded().json()
}
