//! Native memory of one kind, summed by owner.

use std::collections::{BTreeMap, BTreeSet};

use super::owner::Owner;
use super::{Component, NativeOwner};
use crate::heap::ObjectIndex;
use crate::verdict::sentence::Size;
use crate::verdict::size::thousands;

/// Owners that a sentence names; the rest is one number.
const NAMED: usize = 3;

/// Native memory of one kind, summed by owner.
pub(super) struct Holdings {
    /// What is counted, in the singular and the plural.
    noun: (&'static str, &'static str),
    groups: BTreeMap<String, Group>,
    /// Number of things.
    pub count: u64,
    /// Their bytes outside the heap.
    pub bytes: u64,
    /// Native bytes by object.
    pub objects: Vec<(ObjectIndex, u64)>,
}

#[derive(Default)]
struct Group {
    names: BTreeSet<String>,
    count: u64,
    bytes: u64,
}

impl Holdings {
    /// Nothing yet; `noun` is what will be counted, in the singular and the plural.
    pub fn of(one: &'static str, many: &'static str) -> Self {
        Holdings {
            noun: (one, many),
            groups: BTreeMap::new(),
            count: 0,
            bytes: 0,
            objects: Vec::new(),
        }
    }

    /// Adds `bytes` of native memory that `object` gives access to.
    pub fn add(&mut self, owner: &Owner, object: ObjectIndex, bytes: u64) {
        let key = owner.pool.as_ref().unwrap_or(&owner.name);
        let group = self.groups.entry(key.clone()).or_default();
        // A pool of many threads needs no list of their names.
        if group.names.len() < 2 {
            group.names.insert(owner.name.clone());
        }
        group.count += 1;
        group.bytes = group.bytes.saturating_add(bytes);
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.objects.push((object, bytes));
    }

    /// The groups with their names, largest first.
    fn ranked(&self) -> Vec<(String, &Group)> {
        let mut ranked: Vec<(String, &Group)> = self
            .groups
            .iter()
            .map(|(key, group)| match group.names.first() {
                Some(only) if group.names.len() == 1 => (only.clone(), group),
                _ => (key.clone(), group),
            })
            .collect();
        ranked.sort_by(|(a, x), (b, y)| (y.bytes, y.count).cmp(&(x.bytes, x.count)).then(a.cmp(b)));
        ranked
    }

    /// `leaks.Slabs.SLABS: 300 direct buffers, 300 MiB off-heap`, and so on for the largest owners.
    pub fn sentence(&self) -> Option<String> {
        let ranked = self.ranked();
        let mut told: Vec<String> = ranked
            .iter()
            .take(NAMED)
            .map(|(name, group)| format!("{name}: {}", self.amount(group.count, group.bytes)))
            .collect();
        let rest = &ranked[NAMED.min(ranked.len())..];
        if !rest.is_empty() {
            let count = rest.iter().map(|(_, group)| group.count).sum();
            let bytes = rest
                .iter()
                .fold(0u64, |sum, (_, group)| sum.saturating_add(group.bytes));
            told.push(format!(
                "{} more {}: {}",
                thousands(rest.len() as u64),
                if rest.len() == 1 { "owner" } else { "owners" },
                self.amount(count, bytes)
            ));
        }
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn amount(&self, count: u64, bytes: u64) -> String {
        let noun = if count == 1 { self.noun.0 } else { self.noun.1 };
        if bytes == 0 {
            format!("{} {noun}", thousands(count))
        } else {
            format!("{} {noun}, {} off-heap", thousands(count), Size(bytes))
        }
    }

    /// The owners with something of a known size.
    pub fn owners(&self, component: Component) -> Vec<NativeOwner> {
        self.ranked()
            .into_iter()
            .filter(|(_, group)| group.bytes > 0)
            .map(|(name, group)| NativeOwner {
                component,
                name,
                count: group.count,
                bytes: group.bytes,
            })
            .collect()
    }

    /// The largest owner's name.
    pub fn largest(&self) -> Option<String> {
        self.ranked().into_iter().next().map(|(name, _)| name)
    }
}
