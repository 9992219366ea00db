//! Sums over what objects retain, by class, on all threads.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::heap::{ClassIndex, ObjectIndex, Snapshot, Totals};

/// Objects that one thread counts at a time, at least.
const PIECE: usize = 1 << 15;
/// Pieces of what one object retains, at most.
const MOST_PIECES: usize = 16;

/// Objects and bytes of each class.
pub type ByClass = FxHashMap<ClassIndex, Totals>;

/// What `tops` retain, by class: objects and shallow bytes.
pub fn retained_classes(snapshot: &Snapshot<'_>, tops: &[ObjectIndex]) -> ByClass {
    in_pieces(snapshot, tops, |_, piece, sums| {
        let mut recent = Recent::new();
        for position in piece {
            let (object, class) = snapshot.at(position);
            if !snapshot.is_preloaded(object) {
                recent.add(sums, class, snapshot.shallow_of(object, class));
            }
        }
        recent.end(sums);
    })
}

/// The outermost objects below `tops`, the tops included, for which `wanted(top, position)` holds, by class: how many and what they
/// retain.
pub fn outermost(
    snapshot: &Snapshot<'_>,
    tops: &[ObjectIndex],
    wanted: impl Fn(ObjectIndex, usize) -> bool + Sync,
) -> ByClass {
    in_pieces(snapshot, tops, |top, piece, sums| {
        let mut recent = Recent::new();
        let mut position = after_begun(snapshot, top, piece.start, &wanted);
        while position < piece.end {
            if wanted(top, position) {
                let (_, class) = snapshot.at(position);
                recent.add(sums, class, snapshot.blamed_at(position));
                position = snapshot.end_at(position);
            } else {
                position += 1;
            }
        }
        recent.end(sums);
    })
}

/// `position`, or where the outermost wanted object ends that began before it: the first of all that dominate it, down from
/// `top`.
fn after_begun(
    snapshot: &Snapshot<'_>,
    top: ObjectIndex,
    position: usize,
    wanted: &impl Fn(ObjectIndex, usize) -> bool,
) -> usize {
    let mut object = snapshot.at(position).0;
    let mut outermost = None;
    while object != top {
        let Some(above) = snapshot.dominator(object) else {
            break;
        };
        object = above;
        let begin = snapshot.positions(object).start;
        if wanted(top, begin) {
            outermost = Some(begin);
        }
    }
    outermost.map_or(position, |begin| snapshot.end_at(begin))
}

/// Cuts what `tops` retain into pieces of the preorder and lets all threads sum them up. `visit` gets a top, a piece of what
/// it dominates, and the sums to add to.
fn in_pieces(
    snapshot: &Snapshot<'_>,
    tops: &[ObjectIndex],
    visit: impl Fn(ObjectIndex, Range<usize>, &mut ByClass) + Sync,
) -> ByClass {
    let large = tops.iter().flat_map(|&top| {
        let all = snapshot.positions(top);
        // Few pieces even of a long chain: each may have to look up to its beginning.
        let size = PIECE.max(all.len() / MOST_PIECES + 1);
        let pieces = if all.len() > PIECE { all.len() } else { 0 };
        (0..pieces.div_ceil(size)).map(move |i| {
            let start = all.start + i * size;
            (top, start..(start + size).min(all.end))
        })
    });
    let large: Vec<(ObjectIndex, Range<usize>)> = large.collect();
    tops.par_iter()
        .with_min_len(64)
        .map(|&top| (top, snapshot.positions(top)))
        .filter(|(_, all)| all.len() <= PIECE)
        .chain(large)
        .fold(ByClass::default, |mut sums, (top, piece)| {
            if !piece.is_empty() {
                visit(top, piece, &mut sums);
            }
            sums
        })
        .reduce(ByClass::default, |a, b| {
            let (mut a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
            for (class, amount) in b {
                let entry = a.entry(class).or_default();
                *entry = entry.join(amount);
            }
            a
        })
}

/// Classes that are summed up beside each other before they are looked up in the sums.
const SLOTS: usize = 16;

/// The latest classes. Neighbours in the preorder repeat few of them over and over (entry, key, value), so nearly no object
/// has to be looked up in the sums.
struct Recent([(ClassIndex, Totals); SLOTS]);

impl Recent {
    fn new() -> Recent {
        Recent([(ClassIndex(u32::MAX), Totals::default()); SLOTS])
    }

    #[inline]
    fn add(&mut self, sums: &mut ByClass, class: ClassIndex, bytes: u64) {
        let slot = &mut self.0[class.0 as usize % SLOTS];
        if slot.0 != class {
            flush(slot, sums);
            slot.0 = class;
        }
        slot.1.add(bytes);
    }

    fn end(mut self, sums: &mut ByClass) {
        self.0.iter_mut().for_each(|slot| flush(slot, sums));
    }
}

fn flush(slot: &mut (ClassIndex, Totals), sums: &mut ByClass) {
    let amount = std::mem::take(&mut slot.1);
    if amount.objects > 0 {
        let entry = sums.entry(slot.0).or_default();
        *entry = entry.join(amount);
    }
}
