//! Sums over what objects retain, by class, on all threads.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::heap::{ClassIndex, Runs, Snapshot, Totals};

/// Objects that one thread counts at a time, at least.
const PIECE: usize = 1 << 15;
/// Pieces of what one object retains, at most.
const MOST_PIECES: usize = 16;

/// Objects and bytes of each class.
pub type ByClass = FxHashMap<ClassIndex, Totals>;

/// What is in the runs of `tops`, by class: objects and shallow bytes.
pub fn retained_classes(snapshot: &Snapshot<'_>, tops: &Runs) -> ByClass {
    in_pieces(snapshot, tops, |_, piece, sums| {
        for position in piece {
            let (object, class) = snapshot.at(position);
            if !snapshot.is_preloaded(object) {
                sums.add(class, snapshot.shallow_of(object, class));
            }
        }
    })
}

/// The outermost objects in the runs of `tops`, the tops included, for which `wanted(top, position)` holds, by class: how many
/// and what they retain. Objects are named by their positions.
pub fn outermost(
    snapshot: &Snapshot<'_>,
    tops: &Runs,
    wanted: impl Fn(usize, usize) -> bool + Sync,
) -> ByClass {
    in_pieces(snapshot, tops, |top, piece, sums| {
        let mut position = after_begun(snapshot, top, piece.start, &wanted);
        while position < piece.end {
            if wanted(top, position) {
                let (_, class) = snapshot.at(position);
                sums.add(class, snapshot.retained_by_application_at(position));
                position = snapshot.end_at(position);
            } else {
                position += 1;
            }
        }
    })
}

/// `position`, or where the outermost wanted object ends that began before it: the first of all that dominate it, down from
/// `top`.
fn after_begun(
    snapshot: &Snapshot<'_>,
    top: usize,
    position: usize,
    wanted: &impl Fn(usize, usize) -> bool,
) -> usize {
    let mut at = position;
    let mut outermost = None;
    while at != top {
        let above = snapshot.dominator(snapshot.at(at).0);
        let Some(above) = above.and_then(|above| snapshot.position(above)) else {
            break;
        };
        at = above;
        if wanted(top, at) {
            outermost = Some(at);
        }
    }
    outermost.map_or(position, |begin| snapshot.end_at(begin))
}

/// Cuts the runs of `tops` into pieces and lets all threads sum them up. `visit` gets the position of a top, a piece of its run,
/// and the sums to add to.
fn in_pieces(
    snapshot: &Snapshot<'_>,
    tops: &Runs,
    visit: impl Fn(usize, Range<usize>, &mut Sums) + Sync,
) -> ByClass {
    let classes = snapshot.classes().len();
    let all_classes = tops.objects() >= classes;
    let sums = || match all_classes {
        true => Sums::All(vec![Totals::default(); classes]),
        false => Sums::Seen(ByClass::default()),
    };
    let large = tops.iter().filter(|run| run.len() > PIECE);
    let large: Vec<(usize, Range<usize>)> = large
        .flat_map(|run| {
            // Few pieces even of a long chain: each may have to look up to its beginning.
            let size = PIECE.max(run.len() / MOST_PIECES + 1);
            let starts = run.clone().step_by(size);
            starts.map(move |start| (run.start, start..(start + size).min(run.end)))
        })
        .collect();
    let small = tops.par_iter().filter(|run| run.len() <= PIECE);
    let pieces = small.map(|run| (run.start, run)).chain(large);
    let folded = pieces.fold(sums, |mut sums, (top, piece)| {
        visit(top, piece, &mut sums);
        sums
    });
    let by_class = folded.map(Sums::by_class);
    by_class.reduce(ByClass::default, |a, b| {
        let (mut a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
        for (class, amount) in b {
            let entry = a.entry(class).or_default();
            *entry = entry.join(amount);
        }
        a
    })
}

/// What one thread has summed up.
enum Sums {
    /// A place for every class: for more objects than there are classes.
    All(Vec<Totals>),
    /// Those that there are.
    Seen(ByClass),
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, class: ClassIndex, bytes: u64) {
        match self {
            Sums::All(sums) => sums[class.0 as usize].add(bytes),
            Sums::Seen(sums) => sums.entry(class).or_default().add(bytes),
        }
    }

    fn by_class(self) -> ByClass {
        let sums = match self {
            Sums::Seen(sums) => return sums,
            Sums::All(sums) => sums.into_iter().enumerate(),
        };
        let seen = sums.filter(|(_, amount)| amount.objects > 0);
        seen.map(|(class, amount)| (ClassIndex(class as u32), amount))
            .collect()
    }
}
