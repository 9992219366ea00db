//! The true size of instances: the smallest distance from an instance to the next object.
//!
//! A distance is an upper bound, for what follows may be a hole. Where a class has several instances, the smallest one is
//! the size; where it has few, the layout's rules say, and the distance bounds them.

use rayon::prelude::*;

use super::address_index::AddressIndex;
use super::class::{ClassKind, Classes};
use super::layout::Packing;
use super::layout::{Layout, round_up};
use super::packing::instance_bytes;
use crate::hprof::FieldType;

/// Distances beyond this are holes in the address space.
const FAR: u64 = 1 << 20;
/// A smallest distance seen this often is believed even where the rules say less: the JVM adds fields of its own.
const OFTEN: u32 = 2;

/// Distances seen for one class.
#[derive(Clone, Copy, Default)]
pub struct Gap {
    /// The smallest, 0 if none was seen.
    pub smallest: u32,
    /// How often it was seen.
    pub times: u32,
    /// How many distances were seen.
    pub seen: u32,
}

impl Gap {
    fn add(&mut self, gap: u64) {
        if gap >= FAR {
            return;
        }
        self.join(Gap {
            smallest: gap as u32,
            times: 1,
            seen: 1,
        });
    }

    fn join(&mut self, other: Gap) {
        if other.seen > 0 && (self.seen == 0 || other.smallest < self.smallest) {
            (self.smallest, self.times) = (other.smallest, 0);
        }
        if other.seen > 0 && self.smallest == other.smallest {
            self.times += other.times;
        }
        self.seen += other.seen;
    }
}

/// The distances of the instances of every class. `class_of` gives the class of an object, `None` for objects that are not
/// sized by their class.
pub fn measure(
    index: &AddressIndex,
    classes: usize,
    class_of: impl Fn(u32) -> Option<u32> + Sync,
) -> Vec<Gap> {
    let n = index.len();
    let pieces = (rayon::current_num_threads() * 8).min(n / 10_000 + 1);
    let join = |mut a: Vec<Gap>, b: Vec<Gap>| {
        a.iter_mut().zip(b).for_each(|(a, b)| a.join(b));
        a
    };
    (0..pieces)
        .into_par_iter()
        .fold(
            || vec![Gap::default(); classes],
            |mut gaps, piece| {
                let (from, to) = (n * piece / pieces, n * (piece + 1) / pieces);
                let mut addresses = index.addresses_from(from as u32).peekable();
                for object in from as u32..to as u32 {
                    let (Some(address), Some(&next)) = (addresses.next(), addresses.peek()) else {
                        break;
                    };
                    if let Some(class) = class_of(object) {
                        gaps[class as usize].add(next - address);
                    }
                }
                gaps
            },
        )
        .reduce(|| vec![Gap::default(); classes], join)
}

/// Decides how fields are packed and gives the size of instances of every class, in bytes.
pub fn instance_sizes(layout: &mut Layout, classes: &Classes, gaps: &[Gap]) -> Vec<u64> {
    if layout.packing != Packing::Gaps {
        return instance_bytes(layout, classes);
    }
    let matches = |sizes: &[u64]| {
        sizes
            .iter()
            .zip(gaps)
            .filter(|(size, gap)| gap.seen >= 4 && **size == u64::from(gap.smallest))
            .count()
    };
    let modern = instance_bytes(layout, classes);
    let blocks = Layout {
        packing: Packing::Blocks,
        ..layout.clone()
    };
    let classic = instance_bytes(&blocks, classes);
    let mut sizes = modern;
    if matches(&classic) > matches(&sizes) {
        layout.packing = Packing::Blocks;
        sizes = classic;
    }
    for (i, size) in sizes.iter_mut().enumerate() {
        let gap = gaps[i];
        let smallest = u64::from(gap.smallest);
        if gap.seen > 0 && (smallest < *size || gap.times >= OFTEN && gap.times >= gap.seen / 16) {
            *size = smallest.max(layout.alignment);
        }
    }
    sizes
}

/// Size of every class object (`java.lang.Class` with the statics of the class behind its fields), in bytes.
///
/// `base` is what a class object without statics takes; HotSpot puts statics behind it
/// (`instanceMirrorKlass.cpp`, `fieldLayoutBuilder.cpp`). The distance to the next object bounds it.
pub fn class_object_bytes(
    layout: &Layout,
    classes: &Classes,
    base: u64,
    class: usize,
    gap: Option<u64>,
    pseudo: impl Fn(u64) -> bool,
) -> u64 {
    let class = classes.get(super::ClassIndex(class as u32));
    let width = |kind: FieldType| {
        if kind == FieldType::Object {
            layout.reference_bytes
        } else {
            kind.width(8) as u64
        }
    };
    if layout.packing == Packing::Mat {
        return round_up(
            class
                .dump
                .statics
                .iter()
                .map(|field| width(field.kind))
                .sum(),
            layout.alignment,
        );
    }
    let mut end = base;
    if class.kind == ClassKind::Instance {
        let fields = class
            .dump
            .statics
            .iter()
            .filter(|field| !pseudo(field.name_id));
        let mut widths: Vec<(bool, u64)> = fields
            .map(|field| (field.kind != FieldType::Object, width(field.kind)))
            .collect();
        // References first, then from the widest to the narrowest; the hole before the first long stays empty.
        widths.sort_by_key(|&(primitive, width)| (primitive, std::cmp::Reverse(width)));
        for (_, width) in widths {
            end = round_up(end, width) + width;
        }
    }
    let size = round_up(end, layout.alignment);
    gap.filter(|&gap| gap < FAR)
        .map_or(size, |gap| size.min(gap))
}
