//! Stacks of platform threads: the address space they reserve, from the thread itself, `-Xss`, or the default.

use super::{Component, Dump, Kind, NativeKind, NativeMemory, OffHeap};
use crate::sentence;
use crate::sentence::{Count, Size};
use crate::verdict::ledger::{DEFAULT_STACK_BYTES, LIKELY_STACK_BYTES};

pub(super) const KIND: NativeKind = NativeKind {
    wants: |_, _| false,
    read,
};

fn read(dump: &mut Dump<'_, '_>, native: &mut NativeMemory) {
    let jvm = dump.jvm;
    let usual = jvm.thread_stack_bytes.unwrap_or(DEFAULT_STACK_BYTES);
    let asked = &jvm.asked_stack_bytes;
    let threads = jvm.platform_threads;
    if threads == 0 {
        return;
    }
    let rest = threads.saturating_sub(asked.len() as u64);
    let asked_sum = asked.iter().fold(0u64, |sum, b| sum.saturating_add(*b));
    let high = rest.saturating_mul(usual).saturating_add(asked_sum);
    let low = threads.saturating_mul(LIKELY_STACK_BYTES).min(high);
    let mut source = sentence!(
        "{} platform threads × about {} touched; at most what they reserve: {}{}",
        Count(threads),
        Size(LIKELY_STACK_BYTES),
        Size(usual),
        match jvm.thread_stack_bytes {
            Some(_) => " each (-Xss)",
            None => " each by default",
        }
    );
    if !asked.is_empty() {
        source.push(sentence!(
            ", {} asked for their own size: {} together",
            Count(asked.len() as u64),
            Size(asked_sum)
        ));
    }
    native.add(OffHeap {
        component: Component::ThreadStacks,
        low,
        high,
        kind: Kind::Estimated,
        source,
        owners: Vec::new(),
    });
}
