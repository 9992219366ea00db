//! Shallow sizes of all objects: two bytes each, instances by class.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use rayon::prelude::*;

/// Bytes in a unit of the column: no JVM aligns objects to less.
pub const UNIT: u64 = 8;
/// In the column: the class says how large.
const BY_CLASS: u16 = 0;
/// In the column: look in the list.
const LISTED: u16 = u16::MAX;

/// The column while it is filled.
#[derive(Default)]
pub struct SizesBuilder {
    narrow: Vec<AtomicU16>,
    listed: Mutex<Vec<(u32, u64)>>,
}

impl SizesBuilder {
    /// For `n` objects, all sized by their class at first.
    pub fn new(n: usize) -> SizesBuilder {
        SizesBuilder {
            narrow: crate::graph::zeroed(n),
            listed: Mutex::default(),
        }
    }

    /// Gives `object` a size of its own, in bytes.
    #[inline]
    pub fn set(&self, object: u32, bytes: u64) {
        let units = bytes.div_ceil(UNIT);
        match u16::try_from(units) {
            Ok(units) if units != BY_CLASS && units != LISTED => {
                self.narrow[object as usize].store(units, Relaxed)
            }
            _ => {
                self.narrow[object as usize].store(LISTED, Relaxed);
                self.listed
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .push((object, units));
            }
        }
    }

    /// Freezes the column.
    pub fn finish(self) -> ShallowSizes {
        let mut listed = self
            .listed
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // The last size given to an object counts.
        listed.reverse();
        listed.sort_by_key(|&(object, _)| object);
        listed.dedup_by_key(|&mut (object, _)| object);
        let narrow = self.narrow.into_iter();
        ShallowSizes {
            narrow: narrow.map(AtomicU16::into_inner).collect(),
            listed,
            class_units: Vec::new(),
            fixed: Vec::new(),
            total: 0,
        }
    }
}

/// The column.
#[derive(Default)]
pub struct ShallowSizes {
    pub(super) narrow: Vec<u16>,
    pub(super) listed: Vec<(u32, u64)>,
    pub(super) class_units: Vec<u64>,
    /// The same for classes whose objects all take that much, else 0: it saves a look at the column.
    pub(super) fixed: Vec<u32>,
    /// What all objects take, in units.
    pub(super) total: u64,
}

/// What one thread has seen of the objects of each class.
struct Seen {
    /// How many the class sizes.
    by_class: Vec<u64>,
    /// Whether any has a size of its own.
    own: Vec<bool>,
    /// The sum of those, in units.
    own_units: u64,
}

impl ShallowSizes {
    /// Sets what instances of each class take, in bytes. `class_of` is the class number of every object; only classes for
    /// which `may_be_fixed` are taken to have objects of one size, even where they do.
    pub fn set_classes(
        &mut self,
        bytes: &[u64],
        class_of: &[u32],
        may_be_fixed: impl Fn(u32) -> bool,
    ) {
        self.class_units = bytes.iter().map(|bytes| bytes.div_ceil(UNIT)).collect();
        let n = class_of.len().min(self.narrow.len());
        let pieces = (rayon::current_num_threads() * 4).min(n / 10_000 + 1);
        let seen: Vec<Seen> = (0..pieces)
            .into_par_iter()
            .map(|piece| self.look_at(n * piece / pieces..n * (piece + 1) / pieces, class_of))
            .collect();
        let classes = 0..self.class_units.len();
        self.fixed = classes
            .map(|class| {
                let own = seen.iter().any(|seen| seen.own[class]);
                match u32::try_from(self.class_units[class]) {
                    Ok(units) if !own && may_be_fixed(class as u32) => units,
                    _ => 0,
                }
            })
            .collect();
        // Classes that only a forged dump can have may take more than fits.
        let totals = seen.iter().flat_map(|seen| {
            let by_class = seen.by_class.iter().zip(&self.class_units);
            let by_class = by_class.map(|(count, units)| count.saturating_mul(*units));
            by_class.chain([seen.own_units])
        });
        self.total = totals.fold(0, u64::saturating_add);
    }

    fn look_at(&self, objects: std::ops::Range<usize>, class_of: &[u32]) -> Seen {
        let mut seen = Seen {
            by_class: vec![0; self.class_units.len()],
            own: vec![false; self.class_units.len()],
            own_units: 0,
        };
        for object in objects {
            let class = class_of[object] as usize;
            let units = match self.narrow[object] {
                BY_CLASS => {
                    if let Some(count) = seen.by_class.get_mut(class) {
                        *count += 1;
                    }
                    continue;
                }
                LISTED => self.listed_units(object as u32),
                units => u64::from(units),
            };
            seen.own_units = seen.own_units.saturating_add(units);
            if let Some(own) = seen.own.get_mut(class) {
                *own = true;
            }
        }
        seen
    }

    /// What all objects take, in units. Known once the classes are set.
    pub fn total_units(&self) -> u64 {
        self.total
    }

    /// Size of `object` of class number `class`, in units.
    #[inline(always)]
    pub fn units(&self, object: u32, class: u32) -> u64 {
        let fixed = self.fixed.get(class as usize).copied().unwrap_or(0);
        if fixed != 0 {
            return u64::from(fixed);
        }
        match self.narrow[object as usize] {
            BY_CLASS => self.class_units.get(class as usize).copied().unwrap_or(0),
            LISTED => self.listed_units(object),
            units => u64::from(units),
        }
    }

    #[cold]
    fn listed_units(&self, object: u32) -> u64 {
        self.listed
            .binary_search_by_key(&object, |&(object, _)| object)
            .map_or(0, |i| self.listed[i].1)
    }
}
