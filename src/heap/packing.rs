//! How large instances of a class are, from its fields.

use super::class::{ClassIndex, Classes};
use super::layout::{Layout, Packing, round_up};
use crate::hprof::FieldType;

/// Where the fields of a class ended, and the holes before.
#[derive(Clone, Default)]
struct Placed {
    end: u64,
    holes: Vec<(u64, u64)>,
}

/// Size in bytes of an instance of every class, by the rules of `layout` alone.
pub fn instance_bytes(layout: &Layout, classes: &Classes) -> Vec<u64> {
    let mut placed = vec![Placed::default(); classes.len()];
    for class in classes.super_classes_first() {
        let class = ClassIndex(class);
        let above = classes
            .get(class)
            .super_class
            .map(|above| placed[above.0 as usize].clone());
        let start = above.unwrap_or_else(|| Placed {
            end: layout.object_header_bytes,
            holes: Vec::new(),
        });
        let widths = classes
            .get(class)
            .dump
            .fields
            .iter()
            .map(|field| match field.kind {
                FieldType::Object => (layout.reference_bytes, true),
                kind => (kind.width(layout.reference_bytes as usize) as u64, false),
            });
        placed[class.0 as usize] = match layout.packing {
            Packing::Gaps => in_gaps(start, widths.collect()),
            Packing::Blocks => in_blocks(start, widths.collect(), layout.reference_bytes),
            Packing::Formula => Placed {
                end: start
                    .end
                    .saturating_add(widths.map(|(width, _)| width).sum()),
                holes: Vec::new(),
            },
            Packing::Mat => {
                let end = start
                    .end
                    .saturating_add(widths.map(|(width, _)| width).sum());
                Placed {
                    end: round_up(end, layout.reference_bytes),
                    holes: Vec::new(),
                }
            }
        };
    }
    placed
        .iter()
        .map(|placed| round_up(placed.end, layout.alignment))
        .collect()
}

/// Primitive fields from the widest to the narrowest, then references, each into the smallest hole that it fits in.
fn in_gaps(mut placed: Placed, mut widths: Vec<(u64, bool)>) -> Placed {
    widths.sort_by_key(|&(width, reference)| (reference, std::cmp::Reverse(width)));
    for (width, _) in widths {
        let fits = |&(start, end): &(u64, u64)| round_up(start, width) + width <= end;
        let best = (0..placed.holes.len())
            .filter(|&i| fits(&placed.holes[i]))
            .min_by_key(|&i| placed.holes[i].1 - placed.holes[i].0);
        match best {
            Some(i) => {
                let (start, end) = placed.holes.swap_remove(i);
                let at = round_up(start, width);
                placed.holes.extend(
                    [(start, at), (at + width, end)]
                        .into_iter()
                        .filter(|(start, end)| start < end),
                );
            }
            None => {
                let at = round_up(placed.end, width);
                if at > placed.end {
                    placed.holes.push((placed.end, at));
                }
                placed.end = at + width;
            }
        }
    }
    placed
}

/// Longs and doubles first, then narrower ones, then references; narrow fields fill the hole before the first long. The
/// next class starts at a multiple of the reference width.
fn in_blocks(placed: Placed, mut widths: Vec<(u64, bool)>, reference: u64) -> Placed {
    widths.sort_by_key(|&(width, is_reference)| (is_reference, std::cmp::Reverse(width)));
    let mut at = placed.end;
    if !at.is_multiple_of(8)
        && widths
            .iter()
            .any(|&(width, is_reference)| width == 8 && !is_reference)
    {
        let stop = round_up(at, 8);
        widths.retain(|&(width, is_reference)| {
            let fits =
                (width < 8 || is_reference) && at.is_multiple_of(width) && at + width <= stop;
            if fits {
                at += width;
            }
            !fits
        });
        at = stop;
    }
    for (width, _) in widths {
        at = round_up(at, width) + width;
    }
    Placed {
        end: round_up(at, reference),
        holes: Vec::new(),
    }
}
