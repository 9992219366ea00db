//! Hand-built reports: the stories that every format has to tell.

use hprof_suspects::report::model::*;

mod extremes;
mod ruled_out;
mod suspected;

pub use extremes::{hostile, large};
pub use ruled_out::ruled_out;
pub use suspected::{damaged, suspected};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Name and report of every story.
pub fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("ruled_out", ruled_out()),
        ("suspected", suspected()),
        ("damaged", damaged()),
        ("hostile", hostile()),
        ("empty", Report::default()),
        ("large", large()),
    ]
}

/// A name or a sentence.
fn s<T: From<String>>(text: &str) -> T {
    text.to_owned().into()
}

fn amount(objects: u64, bytes: u64) -> Amount {
    Amount { objects, bytes }
}

fn exact(component: &str, bytes: u64, kind: LedgerKind, source: &str) -> LedgerEntry {
    let bytes = i64::try_from(bytes).ok();
    LedgerEntry {
        component: s(component),
        bytes,
        low: bytes,
        high: bytes,
        kind,
        source: s(source),
        note: None,
    }
}

fn range(component: &str, low: u64, high: u64, note: &str, source: &str) -> LedgerEntry {
    LedgerEntry {
        component: s(component),
        bytes: None,
        low: i64::try_from(low).ok(),
        high: i64::try_from(high).ok(),
        kind: LedgerKind::Estimated,
        source: s(source),
        note: Some(s(note)),
    }
}

fn class(class: &str, objects: u64, shallow_bytes: u64, retained_bytes: u64) -> ClassRow {
    ClassRow {
        class: s(class),
        loader: Some(s("app")),
        objects,
        shallow_bytes,
        retained_bytes,
    }
}

fn dominator(
    id: &str,
    class: &str,
    shallow: u64,
    retained_bytes: u64,
    objects: u64,
) -> DominatorRow {
    DominatorRow {
        object_id: s(id),
        class: s(class),
        shallow_bytes: shallow,
        retained_bytes,
        retained_objects: objects,
    }
}

fn node(
    parent: Option<u32>,
    reference: Option<&str>,
    class: &str,
    retained: u64,
    own: u64,
    objects: u64,
) -> TreeNode {
    TreeNode {
        parent,
        class: s(class),
        reference: reference.map(s),
        object_id: (objects == 1).then(|| format!("0x7851e{:04x}", retained % 0xffff)),
        objects,
        retained_bytes: retained,
        self_bytes: own,
    }
}

fn step(id: &str, class: &str, reference: Option<&str>, retained_bytes: u64) -> PathStep {
    PathStep {
        object_id: s(id),
        class: s(class),
        thread: None,
        reference: reference.map(s),
        retained_bytes,
        times: None,
    }
}

fn dump(name: &str, bytes: u64) -> Dump {
    Dump {
        file_name: s(name),
        bytes,
        compressed_bytes: None,
        format: s("JAVA PROFILE 1.0.2"),
        identifier_size: 8,
        captured_at: Some(s("2026-03-02T04:05:06.789Z")),
        compression: None,
        complete: true,
    }
}

fn jvm() -> Jvm {
    Jvm {
        version: Some(s("OpenJDK 64-Bit Server VM 17.0.15+6-LTS")),
        layout: Some(Layout {
            reference_bytes: 4,
            object_header_bytes: 12,
            array_header_bytes: 16,
            alignment: 8,
            inferred_from: s("addresses of 1,203,110 neighbours"),
        }),
        main_class: Some(s("com.acme.shop.ShopApplication")),
        pod: Some(s("shop-7c9f6d5b4-x2x9k")),
        application: None,
        flags: vec![s("-Xmx1g"), s("-XX:+HeapDumpOnOutOfMemoryError")],
    }
}
