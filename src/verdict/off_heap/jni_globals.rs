//! Global JNI references: native code that forgets to delete them pins objects. A few thousand are normal.

use std::collections::BTreeMap;

use super::{Dump, NativeKind, NativeMemory, OpenHandles};
use crate::hprof::RootKind;
use crate::verdict::clean_name;

pub(super) const KIND: NativeKind = NativeKind {
    wants: |_, _| false,
    read,
};

/// Objects of one class with a global reference that are worth telling.
const MANY: u64 = 5_000;

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let snapshot = dump.snapshot;
    let roots = snapshot.roots();
    let mut by_class: BTreeMap<&str, u64> = BTreeMap::new();
    for object in &roots.objects {
        let is_global = roots
            .kinds
            .get(object)
            .is_some_and(|kinds| kinds.contains(&RootKind::JniGlobal));
        if is_global {
            *by_class
                .entry(snapshot.class(*object).name.as_str())
                .or_default() += 1;
        }
    }
    for (class, count) in by_class {
        if count >= MANY {
            native.handles.push(OpenHandles {
                what: format!("global JNI references to {}", clean_name(class)),
                count,
                not_closed: 0,
                bytes: None,
                owner: Some("native code".to_owned()),
            });
        }
    }
}
