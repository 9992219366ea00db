//! Class objects: which they are, what they refer to, and what refers to them.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::address_index::AddressIndex;
use super::class::{ClassIndex, Classes};
use super::compat::Compat;
use super::references::{Columns, Found, UNKNOWN_CLASS};
use super::roots::Roots;
use crate::graph::{Column, Edge, Implicit, Predecessors};
use crate::hprof::{Container, Damage, DamageCode};

/// Stands for "no class object".
pub const NONE: u32 = u32::MAX;

/// Gives a class to the objects whose class has no class dump.
pub fn name_unknown_classes(
    bytes: &[u8],
    container: &Container,
    classes: &mut Classes,
    columns: &Columns,
    found: &mut Found,
    damage: &mut Vec<Damage>,
) {
    let unknown = std::mem::take(&mut found.unknown_class);
    for &(object, class_id, array) in &unknown {
        let class = classes.add_missing(bytes, container, class_id, array);
        columns.class[object as usize].store(class.0, Relaxed);
    }
    if !unknown.is_empty() {
        let count = unknown.len() as u64;
        let message = format!(
            "{count} objects are of classes without a class dump; their references are not known"
        );
        damage.push(Damage::new(DamageCode::ClassMissing, 0, 0, message).with_count(count));
    }
    debug_assert!(
        columns
            .class
            .iter()
            .all(|class| class.load(Relaxed) != UNKNOWN_CLASS)
    );
}

/// Finds the class object of every class and makes it an object of class `java.lang.Class`.
pub fn place_class_objects(
    classes: &Classes,
    index: &AddressIndex,
    column: &[AtomicU32],
    compat: Compat,
) -> Vec<u32> {
    let boot = |name: &str| {
        let of_boot_loader = classes
            .named(name)
            .find(|&class| classes.get(class).dump.loader_id == 0);
        of_boot_loader.or_else(|| classes.named(name).next())
    };
    let class_class = boot("java.lang.Class");
    if compat.is_mat() && !column.is_empty() {
        // MAT's made-up boot loader is object 0.
        column[0].store(
            boot("java.lang.ClassLoader").map_or(0, |class| class.0),
            Relaxed,
        );
    }
    classes
        .iter()
        .map(|(_, class)| {
            let object = if class.dumped {
                index.find(class.id)
            } else {
                None
            };
            let Some(object) = object else { return NONE };
            if let Some(ClassIndex(class)) = class_class {
                column[object as usize].store(class, Relaxed);
            }
            object
        })
        .collect()
}

/// The references of class objects: super class, loader, statics; signers, protection domain and constants but under
/// MAT's rules. Locals of threads are added here too.
pub fn class_references(
    classes: &Classes,
    class_objects: &[u32],
    index: &AddressIndex,
    roots: &Roots,
    predecessors: &Predecessors,
    compat: Compat,
) -> Vec<Edge> {
    let mut further = Vec::new();
    for (class_index, class) in classes.iter() {
        let from = class_objects[class_index.0 as usize];
        if from == NONE {
            continue;
        }
        let dump = &class.dump;
        let statics = dump
            .statics
            .iter()
            .filter_map(|field| field.value.reference());
        let more = [dump.signers_id, dump.protection_domain_id]
            .into_iter()
            .chain(dump.constants.iter().copied());
        let more = more.filter(|_| !compat.is_mat());
        let loader = if compat.is_mat() && index.find(dump.loader_id).is_none() {
            0
        } else {
            dump.loader_id
        };
        for id in statics.chain(more).chain([dump.super_id]) {
            if let Some(to) = index.find(id).filter(|_| id != 0) {
                predecessors.add(from, to, &mut further);
            }
        }
        if compat.is_mat() && loader == 0 {
            predecessors.add(from, 0, &mut further);
        } else if let Some(to) = index.find(loader).filter(|_| loader != 0) {
            predecessors.add(from, to, &mut further);
        }
    }
    for local in &roots.locals {
        predecessors.add(local.thread, local.object, &mut further);
    }
    further
}

/// Object -> class object, where that is no GC root.
pub struct ClassEdges<'a> {
    class_column: &'a Column,
    target: Vec<u32>,
    targets: Vec<u32>,
}

impl<'a> ClassEdges<'a> {
    /// `class_objects` by class number, `class_column` by object.
    pub fn new(class_objects: &[u32], class_column: &'a Column, roots: &Roots) -> ClassEdges<'a> {
        let keep = |object: u32| {
            if object == NONE || roots.kinds.contains_key(&object) {
                NONE
            } else {
                object
            }
        };
        let target: Vec<u32> = class_objects.iter().map(|&object| keep(object)).collect();
        let mut targets: Vec<u32> = target
            .iter()
            .copied()
            .filter(|&object| object != NONE)
            .collect();
        targets.sort_unstable();
        ClassEdges {
            class_column,
            target,
            targets,
        }
    }
}

impl Implicit for ClassEdges<'_> {
    #[inline]
    fn target(&self, node: u32) -> Option<u32> {
        let target = *self.target.get(self.class_column.get(node) as usize)?;
        (target != NONE && target != node).then_some(target)
    }

    fn targets(&self) -> &[u32] {
        &self.targets
    }
}
