//! Native memory of one kind, summed by owner.

use std::collections::{BTreeMap, BTreeSet};

use super::owner::Owner;
use super::{Component, NativeOwner};
use crate::heap::ObjectIndex;
use crate::sentence;
use crate::sentence::{Count, Sentence, Size};

/// Owners that a sentence names; the rest is one number.
const NAMED: usize = 3;

/// Things with the same field from which on what holds all of them is reported instead.
const MANY: u64 = 10;

/// Native memory of one kind, summed by owner.
pub(super) struct Holdings {
    /// What is counted, in the singular and the plural.
    noun: (&'static str, &'static str),
    /// Whether bytes are estimates: the most there can be.
    at_most: bool,
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
    /// The owner and the fields above it, each with whether all have it in common.
    levels: Vec<Level>,
    sum: Sum,
}

#[derive(Default, Clone, Copy)]
struct Sum {
    count: u64,
    bytes: u64,
}

impl Sum {
    fn add(&mut self, count: u64, bytes: u64) {
        self.count += count;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// A field that holds, and the object that it is a field of.
struct Level {
    name: String,
    object: Option<ObjectIndex>,
    common: bool,
}

impl Group {
    fn add(&mut self, owner: &Owner, bytes: u64) {
        // A pool of many threads needs no list of their names.
        if self.names.len() < 2 {
            self.names.insert(owner.name.clone());
        }
        let above = owner.above.iter().map(|(name, object)| (name, *object));
        let own = std::iter::once((&owner.name, owner.object));
        let levels = own.chain(above).map(|(name, object)| Level {
            name: name.clone(),
            object,
            common: true,
        });
        if self.sum.count == 0 {
            self.levels.extend(levels);
        } else {
            self.levels.truncate(1 + owner.above.len());
            for (known, new) in self.levels.iter_mut().zip(levels) {
                known.common &= known.object == new.object && known.name == new.name;
            }
        }
        self.sum.add(1, bytes);
    }

    /// What it is reported as, where its owners go by `key`: many objects with the same field by the field that holds them all.
    fn name(&self, key: &str) -> String {
        let many = self.sum.count >= MANY;
        let common = self.levels.iter().find(|level| level.common);
        match (common, self.names.first()) {
            (Some(level), _) if many => level.name.clone(),
            (_, Some(only)) if self.names.len() == 1 => only.clone(),
            _ => key.to_owned(),
        }
    }
}

impl Holdings {
    /// Nothing yet; `noun` is what will be counted, in the singular and the plural.
    pub fn of(one: &'static str, many: &'static str) -> Self {
        Holdings {
            noun: (one, many),
            at_most: false,
            groups: BTreeMap::new(),
            count: 0,
            bytes: 0,
            objects: Vec::new(),
        }
    }

    /// Nothing yet, of which only the most that it can take is known.
    pub fn at_most(one: &'static str, many: &'static str) -> Self {
        Holdings {
            at_most: true,
            ..Holdings::of(one, many)
        }
    }

    /// Adds `bytes` of native memory that `object` gives access to.
    pub fn add(&mut self, owner: &Owner, object: ObjectIndex, bytes: u64) {
        let key = owner.pool.as_ref().unwrap_or(&owner.name);
        self.groups
            .entry(key.clone())
            .or_default()
            .add(owner, bytes);
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.objects.push((object, bytes));
    }

    /// The owners' names with what they have, largest first.
    fn ranked(&self) -> Vec<(String, Sum)> {
        let mut named: BTreeMap<String, Sum> = BTreeMap::new();
        for (key, group) in &self.groups {
            let sum = named.entry(group.name(key)).or_default();
            sum.add(group.sum.count, group.sum.bytes);
        }
        let mut ranked: Vec<(String, Sum)> = named.into_iter().collect();
        ranked.sort_by(|(a, x), (b, y)| (y.bytes, y.count).cmp(&(x.bytes, x.count)).then(a.cmp(b)));
        ranked
    }

    /// `leaks.Slabs.SLABS: 300 direct buffers, 300 MiB off-heap`, and so on for the largest owners; the others in one.
    pub fn sentences(&self) -> Vec<Sentence> {
        let ranked = self.ranked();
        let mut sentences: Vec<Sentence> = ranked
            .iter()
            .take(NAMED)
            .map(|(name, group)| sentence!("{}: {}", name, self.amount(group.count, group.bytes)))
            .collect();
        let rest = &ranked[NAMED.min(ranked.len())..];
        if !rest.is_empty() {
            let count = rest.iter().map(|(_, group)| group.count).sum();
            let bytes = rest
                .iter()
                .fold(0u64, |sum, (_, group)| sum.saturating_add(group.bytes));
            sentences.push(sentence!(
                "{} more {}: {}",
                Count(rest.len() as u64),
                if rest.len() == 1 { "owner" } else { "owners" },
                self.amount(count, bytes)
            ));
        }
        sentences
    }

    fn amount(&self, count: u64, bytes: u64) -> Sentence {
        let noun = if count == 1 { self.noun.0 } else { self.noun.1 };
        if bytes == 0 {
            sentence!("{} {}", Count(count), noun)
        } else {
            let up_to = if self.at_most { "up to " } else { "" };
            sentence!(
                "{} {}, {}{} off-heap",
                Count(count),
                noun,
                up_to,
                Size(bytes)
            )
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
