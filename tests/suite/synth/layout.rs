//! How a JVM lays objects out: the true shallow sizes of a synthetic heap.

use super::Kind;

/// The size rules of one JVM configuration, all in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub reference: u64,
    /// Mark word and class pointer.
    pub object_header: u64,
    /// The same with the length; elements begin here, rounded up to their own width.
    pub array_header: u64,
    pub alignment: u64,
    /// Since JDK 15 fields go into the gaps that superclasses left (JDK-8237767); before, a class began where its
    /// superclass ended, rounded up to the width of a reference.
    pub fills_super_gaps: bool,
}

impl Layout {
    /// JDK 15 and later on a heap below 32 GB.
    pub const COMPRESSED: Layout = layout(4, 12, 16, 8, true);
    /// JDK 8 to 14 on a heap below 32 GB.
    pub const COMPRESSED_BEFORE_15: Layout = layout(4, 12, 16, 8, false);
    /// `-XX:-UseCompressedOops` of JDK 15 and later, ZGC: class pointers stay compressed.
    pub const WIDE_REFERENCES: Layout = layout(8, 12, 16, 8, true);
    /// Neither references nor class pointers are compressed, JDK 15 to 22.
    pub const UNCOMPRESSED: Layout = layout(8, 16, 24, 8, true);
    /// JDK 8 to 14 on a heap of 32 GB and more.
    pub const UNCOMPRESSED_BEFORE_15: Layout = layout(8, 16, 24, 8, false);
    /// `-XX:+UseCompactObjectHeaders` (JDK 24 and later).
    pub const COMPACT: Layout = layout(4, 8, 12, 8, true);
    /// Compact headers with ZGC.
    pub const COMPACT_WIDE: Layout = layout(8, 8, 12, 8, true);
    /// `-XX:ObjectAlignmentInBytes=16`.
    pub const ALIGNED_16: Layout = layout(4, 12, 16, 16, true);
    /// A 32-bit JVM.
    pub const BITS_32: Layout = layout(4, 8, 12, 8, false);

    /// Shallow size of an object array.
    pub fn object_array(&self, length: u64) -> u64 {
        self.array(Kind::Object, length)
    }

    /// Shallow size of an array of `kind`.
    pub fn array(&self, kind: Kind, length: u64) -> u64 {
        let width = kind.width(self.reference);
        // Elements of 8 bytes need 8-byte alignment; smaller ones begin right after the length.
        let first = round_up(self.array_header, width.max(4));
        round_up(first + length * width, self.alignment)
    }

    /// Shallow size of an instance; `chain` holds the field types of its classes, the topmost class first.
    pub fn instance(&self, chain: &[Vec<Kind>]) -> u64 {
        let mut placed = Placement {
            end: self.object_header,
            gaps: Vec::new(),
        };
        for fields in chain {
            if !self.fills_super_gaps {
                placed = Placement {
                    end: round_up(placed.end, self.reference),
                    gaps: Vec::new(),
                };
            }
            for kind in allocation_order(fields) {
                placed.put(kind.width(self.reference));
            }
        }
        round_up(placed.end, self.alignment)
    }
}

const fn layout(
    reference: u64,
    object_header: u64,
    array_header: u64,
    alignment: u64,
    fills_super_gaps: bool,
) -> Layout {
    Layout {
        reference,
        object_header,
        array_header,
        alignment,
        fills_super_gaps,
    }
}

/// Up to the next multiple.
pub fn round_up(value: u64, multiple: u64) -> u64 {
    value.div_ceil(multiple.max(1)) * multiple.max(1)
}

/// HotSpot places primitive fields from wide to narrow, then references.
fn allocation_order(fields: &[Kind]) -> Vec<Kind> {
    let mut order = fields.to_vec();
    order.sort_by_key(|kind| match kind {
        Kind::Object => (1, 0),
        other => (0, 8 - other.width(0)),
    });
    order
}

/// Where fields lie so far: the end, and the holes before it as (offset, length).
struct Placement {
    end: u64,
    gaps: Vec<(u64, u64)>,
}

impl Placement {
    /// Into the smallest hole that fits, or else to the end.
    fn put(&mut self, width: u64) {
        let fits =
            |&(offset, length): &(u64, u64)| round_up(offset, width) + width <= offset + length;
        let best = (0..self.gaps.len())
            .filter(|&i| fits(&self.gaps[i]))
            .min_by_key(|&i| self.gaps[i].1);
        let (offset, length) = match best {
            Some(index) => self.gaps.swap_remove(index),
            None => (self.end, round_up(self.end, width) + width - self.end),
        };
        let at = round_up(offset, width);
        for hole in [
            (offset, at - offset),
            (at + width, offset + length - at - width),
        ] {
            if hole.1 > 0 {
                self.gaps.push(hole);
            }
        }
        self.end = self.end.max(at + width);
    }
}
