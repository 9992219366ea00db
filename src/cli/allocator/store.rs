//! Large free blocks, and where the mappings begin that they lie in.

use super::pages;

/// Runs begin and end at multiples of this many bytes.
pub const BLOCK: usize = 128 << 10;
/// A huge page where they are most common. New mappings begin at one, and pages move by whole ones as long as there are any, so
/// that columns lie on huge pages nearly from their first byte to their last.
pub const HUGE: usize = 2 << 20;
/// More free runs than this are not kept: so many small ones have no use.
const MOST_RUNS: usize = 1024;
/// More borders between mappings than this are not made. The lists here stay far below the size of a block of the store itself.
const MOST_SEAMS: usize = 4096;

/// Memory that nobody uses: `len` bytes from address `start` on, both multiples of [`BLOCK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub start: usize,
    pub len: usize,
}

impl Run {
    fn end(self) -> usize {
        self.start + self.len
    }
}

/// The store.
#[derive(Debug, Default)]
pub struct Store {
    /// By address; no two touch.
    free: Vec<Run>,
    /// Addresses, ascending, at which a mapping begins or ends. Pages can only be moved mapping by mapping (before Linux 6.17),
    /// and what lies side by side need not be of one.
    seams: Vec<usize>,
}

impl Store {
    /// An empty store.
    pub const fn new() -> Store {
        Store {
            free: Vec::new(),
            seams: Vec::new(),
        }
    }

    /// What is free.
    #[cfg(test)]
    pub fn runs(&self) -> &[Run] {
        &self.free
    }

    /// `len` bytes: address, and how many from there on have been used before; the rest is zero. `None` when there are none.
    pub fn take(&mut self, len: usize) -> Option<(usize, usize)> {
        let fitting = self.free.iter().filter(|run| run.len >= len);
        if let Some(run) = fitting.min_by_key(|run| run.len).copied() {
            self.cut_out(run.start, len);
            return Some((run.start, len));
        }
        let start = pages::map(len)?;
        self.mapped(start, len);
        let used = self.move_free_pages(start, len)?;
        Some((start, used))
    }

    /// Takes back what nobody uses any more.
    pub fn give(&mut self, start: usize, len: usize) {
        let free = &mut self.free;
        let at = free.partition_point(|run| run.start < start);
        let after = free.get(at).is_some_and(|run| run.start == start + len);
        let before = at > 0 && free[at - 1].end() == start;
        match (before, after) {
            (true, true) => {
                free[at - 1].len += len + free[at].len;
                free.remove(at);
            }
            (true, false) => free[at - 1].len += len,
            (false, true) => {
                free[at].start = start;
                free[at].len += len;
            }
            (false, false) if free.len() < MOST_RUNS => free.insert(at, Run { start, len }),
            (false, false) => self.unmap(start, len),
        }
    }

    /// Makes the block of `old` bytes at `start` one of `new` bytes where it is; whether that is possible.
    pub fn resize(&mut self, start: usize, old: usize, new: usize) -> bool {
        if new < old {
            self.give(start + new, old - new);
        }
        if new <= old {
            return true;
        }
        let (end, more) = (start + old, new - old);
        let at = self.free.partition_point(|run| run.start < end);
        let next = self.free.get(at).copied();
        let fits = next.is_some_and(|run| run.start == end && run.len >= more);
        if fits {
            self.cut_out(end, more);
        }
        fits
    }

    /// Moves free pages to the new mapping of `len` bytes at `start`; how many bytes. Their contents are not copied. `None` when
    /// the mapping was lost on the way.
    fn move_free_pages(&mut self, start: usize, len: usize) -> Option<usize> {
        if self.seams.len() > MOST_SEAMS {
            // Rather new memory than more free memory that nobody can use.
            for run in std::mem::take(&mut self.free) {
                self.unmap(run.start, run.len);
            }
        }
        let mut moved = 0;
        for step in [HUGE, BLOCK] {
            for piece in self.pieces(step) {
                let bytes = piece.len.min((len - moved) / step * step);
                if bytes == 0 {
                    break;
                }
                let to = start + moved;
                if pages::move_to(piece.start, bytes, to) {
                    self.cut_out(piece.start, bytes);
                    self.forget_seams(piece.start, bytes);
                    self.mapped(to, bytes);
                    moved += bytes;
                } else if pages::restore(to, bytes) {
                    // The system does not want to: the rest is new memory.
                    self.mapped(to, bytes);
                    return Some(moved);
                } else {
                    // Another thread has mapped something there. What was moved is lost with the mapping; nobody used it.
                    self.unmap(start, moved);
                    self.unmap(to + bytes, len - moved - bytes);
                    return None;
                }
            }
        }
        Some(moved)
    }

    /// The free memory, from `step` to `step`, cut where mappings end.
    pub(super) fn pieces(&self, step: usize) -> Vec<Run> {
        let mut pieces = Vec::new();
        for run in &self.free {
            let mut at = run.start;
            while at < run.end() {
                let seam = self.seams.partition_point(|&seam| seam <= at);
                let end = self.seams.get(seam).map_or(run.end(), |&seam| seam);
                let end = end.min(run.end());
                let (first, last) = (at.next_multiple_of(step), end / step * step);
                if first < last {
                    pieces.push(Run {
                        start: first,
                        len: last - first,
                    });
                }
                at = end;
            }
        }
        pieces
    }

    /// Takes `len` bytes at `start` out of the free run that they lie in.
    fn cut_out(&mut self, start: usize, len: usize) {
        let at = self.free.partition_point(|run| run.end() <= start);
        let run = self.free[at];
        let before = Run {
            start: run.start,
            len: start - run.start,
        };
        let after = Run {
            start: start + len,
            len: run.end() - start - len,
        };
        let rest = [before, after].into_iter().filter(|rest| rest.len > 0);
        self.free.splice(at..=at, rest);
    }

    /// Remembers that `len` bytes at `start` are a mapping of their own.
    fn mapped(&mut self, start: usize, len: usize) {
        for seam in [start, start + len] {
            if let Err(at) = self.seams.binary_search(&seam) {
                self.seams.insert(at, seam);
            }
        }
    }

    fn forget_seams(&mut self, start: usize, len: usize) {
        let range = start..start + len;
        self.seams.retain(|seam| !range.contains(seam));
    }

    fn unmap(&mut self, start: usize, len: usize) {
        pages::unmap(start, len);
        self.forget_seams(start, len);
    }
}
