//! Dominators and tree as columns of a file, and back.
//!
//! Only the preorder is written, with how far each node's run of positions goes; dominators, positions and groups follow from it.
//! That is less to read, and less that a damaged or forged file could say: whatever its numbers are, what is made of them here is a
//! tree.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rayon::prelude::*;

use super::column::Column;
use super::dominators::Dominators;
use super::retained::Sums;
use super::tree::Tree;
use super::{AtomicBits, Ranked, plain, zeroed};
use crate::kept::{Columns, Kept, Unfit};

/// Open runs of positions that a piece of the preorder may begin inside of. In deeper trees pieces are longer.
const DEEPEST: usize = 1 << 16;

const NO_TREE: Unfit = Unfit("it holds no tree");

/// Adds the columns of both.
pub fn keep<'a>(dominators: &'a Dominators, tree: &'a Tree, columns: &mut Columns<'a>) {
    columns.put("order", &tree.order);
    columns.put("starts", &tree.starts);
    columns.put("inner", tree.inner.words());
    columns.put("counts", &tree.counts);
    match &tree.sums {
        Sums::Narrow(sums) => columns.put("sums", sums),
        Sums::Wide(sums) => columns.put("sums", sums),
    }
    columns.put("heads", dominators.heads.words());
    columns.put("path_source", &dominators.path_source);
}

/// Both, for as many nodes as have a group in `groups`; sizes are in units of `unit` bytes.
///
/// # Errors
/// When the columns are no such tree.
pub fn restore(kept: &Kept, groups: &Column, unit: u64) -> Result<(Dominators, Tree), Unfit> {
    let n = groups.len();
    let order: Vec<u32> = kept.take("order", n)?;
    let starts: Vec<u32> = kept.exactly("starts", Tree::STARTS)?;
    let starts: [u32; Tree::STARTS] = starts.try_into().map_err(|_| NO_TREE)?;
    let inner = kept.exactly("inner", order.len().div_ceil(64))?;
    let inner = Ranked::of_words(inner, order.len()).ok_or(NO_TREE)?;
    let runs = Runs {
        counts: kept.exactly("counts", inner.len())?,
        order,
        inner,
    };
    let sums = match kept.width("sums") {
        8 => Sums::Wide(kept.exactly("sums", runs.counts.len())?),
        _ => Sums::Narrow(kept.exactly("sums", runs.counts.len())?),
    };
    if !is_ascending(&starts, runs.order.len()) {
        return Err(NO_TREE);
    }
    let numbers = match groups {
        Column::Narrow(groups) => runs
            .number(n, |node| groups[node as usize])
            .map(|(idom, position, groups)| (idom, position, Column::Narrow(groups))),
        Column::Wide(groups) => runs
            .number(n, |node| groups[node as usize])
            .map(|(idom, position, groups)| (idom, position, Column::Wide(groups))),
    };
    let (idom, position, groups) = numbers.ok_or(NO_TREE)?;
    let heads = kept.exactly("heads", n.div_ceil(64))?;
    let heads = Ranked::of_words(heads, n).ok_or(NO_TREE)?;
    let path_source: Vec<u32> = kept.exactly("path_source", heads.len() + 1)?;
    let dominators = Dominators {
        idom,
        heads,
        path_source,
        ..Dominators::default()
    };
    if !have_ends(&dominators) {
        return Err(Unfit("it holds paths without an end"));
    }
    let tree = Tree {
        order: runs.order,
        position,
        inner: runs.inner,
        counts: runs.counts,
        sums,
        groups,
        unit,
        starts,
    };
    Ok((dominators, tree))
}

/// Whether `starts` ascend from 0 to `end`.
fn is_ascending(starts: &[u32], end: usize) -> bool {
    starts.is_sorted()
        && starts.first() == Some(&0)
        && starts.last().is_some_and(|&last| last as usize == end)
}

/// Whether every path that its steps back give ends. Visits each node once.
fn have_ends(dominators: &Dominators) -> bool {
    let n = dominators.len();
    let most = n as u32;
    if dominators.path_source.iter().any(|&source| source > most) {
        return false;
    }
    let (done, under_way) = (AtomicBits::new(n), AtomicBits::new(n));
    let mut path = Vec::new();
    for head in dominators.heads.members() {
        let mut at = Some(head);
        while let Some(node) = at.filter(|&node| !done.contains(node)) {
            if !under_way.insert(node) {
                return false;
            }
            path.push(node);
            at = dominators.path_predecessor(node);
        }
        for node in path.drain(..) {
            done.insert(node);
        }
    }
    true
}

/// The preorder, and how far the run of positions of each inner node goes.
struct Runs {
    order: Vec<u32>,
    inner: Ranked,
    counts: Vec<u32>,
}

/// A run of positions that has begun: where, and where it ends.
type Open = (u32, u32);

/// A piece of the preorder, and the runs that it begins inside of, the innermost last.
struct Piece {
    positions: Range<usize>,
    open: Vec<Open>,
}

impl Runs {
    /// Dominator + 1 and position + 1 of all `n` nodes, the group of every position. `None` where runs overlap or nodes are not
    /// each at one position.
    fn number<G: bytemuck::Zeroable + Copy + Send>(
        &self,
        n: usize,
        group: impl Fn(u32) -> G + Sync,
    ) -> Option<(Vec<u32>, Vec<u32>, Vec<G>)> {
        let pieces = self.pieces()?;
        let (idom, position): (Vec<AtomicU32>, Vec<AtomicU32>) = (zeroed(n), zeroed(n));
        let mut groups: Vec<G> = zeroed(self.order.len());
        let mut rest = groups.as_mut_slice();
        let mut places = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (place, after) = rest.split_at_mut(piece.positions.len());
            places.push((place, piece));
            rest = after;
        }
        let is_sound = places.into_par_iter().all(|(groups, piece)| {
            self.number_piece(piece, groups, |node, above, at| {
                idom.get(node as usize)?.store(above, Relaxed);
                position.get(node as usize)?.store(at + 1, Relaxed);
                Some(group(node))
            })
            .is_some()
        });
        let position = plain(position);
        let placed = position.par_iter().filter(|&&position| position != 0);
        (is_sound && placed.count() == self.order.len()).then(|| (plain(idom), position, groups))
    }

    /// Tells `put` node, dominator + 1 and position of every position of `piece`; it gives the group.
    fn number_piece<G>(
        &self,
        piece: Piece,
        groups: &mut [G],
        put: impl Fn(u32, u32, u32) -> Option<G>,
    ) -> Option<()> {
        let Piece {
            positions,
            mut open,
        } = piece;
        let mut rank = match self.order.is_empty() {
            true => 0,
            false => self.inner.rank(positions.start as u32) as usize,
        };
        let above = |open: &[Open]| {
            open.last()
                .map_or(0, |&(start, _)| self.order[start as usize] + 1)
        };
        let mut dominator = above(&open);
        for (position, cell) in positions.zip(groups) {
            let at = position as u32;
            if open.last().is_some_and(|&(_, end)| end <= at) {
                close(&mut open, at);
                dominator = above(&open);
            }
            let node = self.order[position];
            *cell = put(node, dominator, at)?;
            if self.inner.contains(at) {
                open.push((at, at + self.counts[rank]));
                dominator = node + 1;
                rank += 1;
            }
        }
        Some(())
    }

    /// Cuts the preorder into pieces. `None` where the run of a node goes on after that of the one around it.
    fn pieces(&self) -> Option<Vec<Piece>> {
        let all = self.order.len();
        let wanted = all.div_ceil(rayon::current_num_threads() * 8).max(1 << 14);
        let mut pieces = vec![Piece {
            positions: 0..0,
            open: Vec::new(),
        }];
        let mut open: Vec<Open> = Vec::new();
        let mut rank = 0;
        for (i, &word) in self.inner.words().iter().enumerate() {
            let begin = i * 64;
            let last = pieces.last_mut()?;
            if begin - last.positions.start >= wanted {
                close(&mut open, begin as u32);
                if open.len() < DEEPEST {
                    last.positions.end = begin;
                    pieces.push(Piece {
                        positions: begin..begin,
                        open: open.clone(),
                    });
                }
            }
            let mut rest = word;
            while rest != 0 {
                let at = begin as u32 + rest.trailing_zeros();
                rest &= rest - 1;
                close(&mut open, at);
                let end = at.checked_add(*self.counts.get(rank)?)?;
                let most = open.last().map_or(all as u32, |&(_, end)| end);
                if end <= at + 1 || end > most {
                    return None;
                }
                open.push((at, end));
                rank += 1;
            }
        }
        pieces.last_mut()?.positions.end = all;
        Some(pieces)
    }
}

/// Takes off the runs that end at `at` or before.
fn close(open: &mut Vec<Open>, at: u32) {
    while open.last().is_some_and(|&(_, end)| end <= at) {
        open.pop();
    }
}
