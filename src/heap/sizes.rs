//! Shallow sizes of all objects: two bytes each, instances by class.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering::Relaxed};

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
        ShallowSizes {
            narrow: self.narrow,
            listed,
            class_units: Vec::new(),
            fixed: Vec::new(),
        }
    }
}

/// The column.
#[derive(Default)]
pub struct ShallowSizes {
    narrow: Vec<AtomicU16>,
    listed: Vec<(u32, u64)>,
    class_units: Vec<u64>,
    /// The same for classes whose objects all take that much, else 0: it saves a look at the column.
    fixed: Vec<u32>,
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
        let own: Vec<AtomicBool> = bytes.iter().map(|_| AtomicBool::new(false)).collect();
        self.narrow
            .par_iter()
            .zip(class_of)
            .with_min_len(1 << 14)
            .filter(|(size, _)| size.load(Relaxed) != BY_CLASS)
            .for_each(|(_, &class)| {
                if let Some(own) = own.get(class as usize).filter(|own| !own.load(Relaxed)) {
                    own.store(true, Relaxed);
                }
            });
        let fixed = own.iter().zip(&self.class_units).enumerate();
        self.fixed = fixed
            .map(|(class, (own, &units))| match u32::try_from(units) {
                Ok(units) if !own.load(Relaxed) && may_be_fixed(class as u32) => units,
                _ => 0,
            })
            .collect();
    }

    /// Whether the class of the object says how large it is.
    pub fn is_by_class(&self, object: u32) -> bool {
        self.narrow[object as usize].load(Relaxed) == BY_CLASS
    }

    /// Size of `object` of class number `class`, in units.
    #[inline(always)]
    pub fn units(&self, object: u32, class: u32) -> u64 {
        let fixed = self.fixed.get(class as usize).copied().unwrap_or(0);
        if fixed != 0 {
            return u64::from(fixed);
        }
        match self.narrow[object as usize].load(Relaxed) {
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
