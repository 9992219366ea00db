//! How this JVM lays objects out, inferred from the distances between arrays.
//!
//! A dump does not say how wide references and headers were. But arrays say how long they are, and the JVM packs objects
//! without holes, so the distance from an array to the next object tells: of the layouts that JVMs use, the one whose
//! sizes match those distances most often is this dump's. (HotSpot: `arrayOop.hpp`, `oop.hpp`, `instanceOop.hpp`; JEP 519.)

use super::address_index::AddressIndex;
use crate::hprof::{FieldType, IdSize, SubRecord, SubRecords, Units};
use crate::numbers::count as thousands;

/// Arrays that are looked at, at most.
const SAMPLES: usize = 40_000;
/// Arrays beyond this many elements tell nothing more.
const LONGEST: u64 = 4_096;
/// Share of arrays whose distance must match for a layout to be believed, in percent.
const BELIEVED: usize = 30;

/// The layout of objects in memory. All sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Layout {
    /// Width of a reference.
    pub reference_bytes: u64,
    /// Header of an instance: mark word and class pointer.
    pub object_header_bytes: u64,
    /// Header of an array, its length included.
    pub array_header_bytes: u64,
    /// Every object starts at a multiple of this.
    pub alignment: u64,
    /// How fields are placed.
    pub packing: Packing,
    /// What the layout was inferred from, for the reader.
    pub inferred_from: String,
}

/// How fields are placed in an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Packing {
    /// HotSpot since JDK 15 (`fieldLayoutBuilder.cpp`): fields fill holes that super classes left.
    Gaps,
    /// HotSpot before JDK 15 (`classFileParser.cpp`): fields of a class follow those of its super class.
    Blocks,
    /// Not HotSpot: the sum of the widths.
    Formula,
    /// What Eclipse MAT computes (`HprofParserHandlerImpl.calculateSizeRecursive`).
    Mat,
}

/// Rounds `bytes` up to a multiple of `alignment`.
#[inline]
pub fn round_up(bytes: u64, alignment: u64) -> u64 {
    bytes.div_ceil(alignment).saturating_mul(alignment)
}

impl Layout {
    fn new(
        reference_bytes: u64,
        object_header_bytes: u64,
        array_header_bytes: u64,
        alignment: u64,
    ) -> Layout {
        Layout {
            reference_bytes,
            object_header_bytes,
            array_header_bytes,
            alignment,
            packing: Packing::Gaps,
            inferred_from: String::new(),
        }
    }

    /// MAT's idea of the layout (`HprofParserHandlerImpl`): `reference_bytes` 4 where it detects compressed references,
    /// headers of an identifier and a reference.
    pub fn mat(id: IdSize, compressed: bool, alignment: u64) -> Layout {
        let pointer = id.bytes() as u64;
        let reference = if compressed && pointer == 8 {
            4
        } else {
            pointer
        };
        let mut layout = Layout::new(
            reference,
            pointer + reference,
            pointer + reference + 4,
            alignment.clamp(8, 256),
        );
        layout.packing = Packing::Mat;
        layout.inferred_from = "Eclipse MAT's rules".to_owned();
        layout
    }

    /// The same, unless no machine has such a layout: for one that was read from a file.
    pub(super) fn checked(self) -> Option<Layout> {
        let headers = [self.object_header_bytes, self.array_header_bytes];
        let is_sound = matches!(self.reference_bytes, 4 | 8)
            && headers.iter().all(|&header| header <= 64)
            && (1..=256).contains(&self.alignment);
        is_sound.then_some(self)
    }

    /// Size of an array of `length` references.
    #[inline]
    pub fn object_array_bytes(&self, length: u64) -> u64 {
        let start = match self.packing {
            Packing::Mat => self.array_header_bytes,
            _ => round_up(self.array_header_bytes, self.reference_bytes),
        };
        round_up(start + length * self.reference_bytes, self.alignment)
    }

    /// Size of an array of `length` values of type `element`.
    #[inline]
    pub fn primitive_array_bytes(&self, element: FieldType, length: u64) -> u64 {
        let width = element.width(self.reference_bytes as usize) as u64;
        let start = match self.packing {
            Packing::Mat => round_up(self.array_header_bytes, self.reference_bytes),
            _ => round_up(self.array_header_bytes, width),
        };
        round_up(start + length * width, self.alignment)
    }

    /// Infers the layout of the dump. `alignment` is the largest power of two that divides the distance of any two
    /// addresses.
    pub fn infer(
        bytes: &[u8],
        units: &Units,
        id: IdSize,
        index: &AddressIndex,
        alignment: u64,
    ) -> Layout {
        let alignment = alignment.clamp(8, 256);
        let samples = sample(bytes, units, id, index);
        let candidates = candidates(id, alignment);
        let score = |layout: &Layout| {
            let (mut same, mut over) = (0usize, 0usize);
            for &(element, length, gap) in &samples {
                let size = match element {
                    FieldType::Object => layout.object_array_bytes(length),
                    primitive => layout.primitive_array_bytes(primitive, length),
                };
                same += usize::from(size == gap);
                over += usize::from(size > gap);
            }
            (same.saturating_sub(4 * over), same)
        };
        let mut best: Option<(Layout, (usize, usize))> = None;
        for layout in candidates {
            let score = score(&layout);
            if best.as_ref().is_none_or(|(_, known)| score > *known) {
                best = Some((layout, score));
            }
        }
        let (mut layout, (points, same)) =
            best.unwrap_or_else(|| (Layout::new(4, 12, 16, alignment), (0, 0)));
        if samples.is_empty() || points * 100 < samples.len() * BELIEVED {
            // Identifiers that are no addresses (old hprof agent, Android), or next to no arrays.
            layout = match id {
                IdSize::Four => Layout::new(4, 8, 12, 8),
                IdSize::Eight => Layout::new(4, 12, 16, alignment),
            };
            layout.inferred_from = "assumed: the dump has no addresses to infer it from".to_owned();
            if !samples.is_empty() || index.len() > 1_000 {
                layout.packing = Packing::Formula;
            }
        } else {
            layout.inferred_from = format!(
                "distances between objects: {} of {} arrays sampled match",
                thousands(same as u64),
                thousands(samples.len() as u64)
            );
        }
        layout
    }
}

/// Every layout that a JVM of the last twenty years uses, the usual ones first.
fn candidates(id: IdSize, alignment: u64) -> Vec<Layout> {
    match id {
        IdSize::Four => vec![Layout::new(4, 8, 12, alignment)],
        IdSize::Eight => vec![
            Layout::new(4, 12, 16, alignment), // compressed references and class pointers
            Layout::new(8, 12, 16, alignment), // -XX:-UseCompressedOops, heaps over 32 GB, ZGC
            Layout::new(8, 16, 24, alignment), // neither compressed
            Layout::new(8, 16, 20, alignment), // neither compressed, JDK 23 and later
            Layout::new(4, 8, 12, alignment),  // compact object headers
            Layout::new(8, 8, 12, alignment),  // compact object headers, wide references
            Layout::new(4, 16, 24, alignment), // wide class pointers only
            Layout::new(4, 16, 20, alignment), // the same, JDK 23 and later
        ],
    }
}

/// (element type, length, distance to the next object) of arrays from all over the dump.
fn sample(
    bytes: &[u8],
    units: &Units,
    id: IdSize,
    index: &AddressIndex,
) -> Vec<(FieldType, u64, u64)> {
    let mut samples = Vec::new();
    let step = (units.units.len() / 64).max(1);
    for unit in units.units.iter().step_by(step) {
        let quota = samples.len() + SAMPLES / 64 + 1;
        for &(start, end) in units.ranges_of(*unit) {
            let mut records = SubRecords::new(bytes, start, end, id);
            while samples.len() < quota || units.units.len() < 64 && samples.len() < SAMPLES {
                let (address, element, length) = match records.next() {
                    Ok(Some(SubRecord::ObjectArray {
                        id: address,
                        elements,
                        ..
                    })) => (
                        address,
                        FieldType::Object,
                        (elements.len() / id.bytes()) as u64,
                    ),
                    Ok(Some(SubRecord::PrimitiveArray {
                        id,
                        element,
                        length,
                        ..
                    })) => (id, element, u64::from(length)),
                    Ok(Some(_)) => continue,
                    _ => break,
                };
                if let Some(next) = index
                    .next_after(address)
                    .filter(|_| length <= LONGEST && address != 0)
                {
                    samples.push((element, length, next - address));
                }
            }
        }
    }
    samples
}
