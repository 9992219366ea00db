//! Large free blocks, and where the mappings begin that they lie in.

use crate::platform::pages::{self, HUGE};

/// Runs begin and end at multiples of this many bytes.
pub const BLOCK: usize = 128 << 10;
/// More free runs than this are not kept: so many small ones have no use.
const MOST_RUNS: usize = 1024;
/// Borders between mappings that are remembered. Where one is missing the system refuses to move pages across it, which
/// [`Store::move_free_pages`] expects.
const MOST_SEAMS: usize = 4096;

/// Memory that nobody uses: `len` bytes from address `start` on, both multiples of [`BLOCK`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub start: usize,
    pub len: usize,
}

impl Run {
    const NONE: Run = Run { start: 0, len: 0 };

    fn end(self) -> usize {
        self.start + self.len
    }
}

/// The store. Its lists lie inside it: it is locked while it works, and a list that grew would ask this very allocator for memory.
#[derive(Debug)]
pub struct Store {
    /// By address; no two touch.
    free: List<Run, MOST_RUNS>,
    /// Addresses, ascending, at which a mapping begins or ends. Pages can only be moved mapping by mapping (before Linux 6.17),
    /// and what lies side by side need not be of one.
    seams: List<usize, MOST_SEAMS>,
}

impl Store {
    /// An empty store.
    pub const fn new() -> Store {
        Store {
            free: List::new(Run::NONE),
            seams: List::new(0),
        }
    }

    /// What is free.
    #[cfg(test)]
    pub fn runs(&self) -> &[Run] {
        self.free.items()
    }

    /// `len` bytes: address, and how many from there on have been used before; the rest is zero. `None` when there are none.
    pub fn take(&mut self, len: usize) -> Option<(usize, usize)> {
        let fitting = self.free.items().iter().filter(|run| run.len >= len);
        if let Some(run) = fitting.min_by_key(|run| run.len).copied() {
            self.cut_out(run.start, len);
            return Some((run.start, len));
        }
        if len < HUGE {
            // Several such blocks share a mapping: the system allows a process some 65,000 of them.
            let start = pages::map(HUGE)?;
            self.mapped(start, HUGE);
            self.give(start + len, HUGE - len);
            return Some((start, 0));
        }
        let start = pages::map(len)?;
        self.mapped(start, len);
        let used = self.move_free_pages(start, len)?;
        Some((start, used))
    }

    /// Takes back what nobody uses any more.
    pub fn give(&mut self, start: usize, len: usize) {
        let (mut joined, mut at) = (
            Run { start, len },
            self.free.position(|run| run.start < start),
        );
        if let Some(after) = self.free.get(at).filter(|run| run.start == joined.end()) {
            joined.len += after.len;
            self.free.remove(at);
        }
        let before = at.checked_sub(1).and_then(|at| self.free.get(at));
        if let Some(before) = before.filter(|run| run.end() == start) {
            joined = Run {
                start: before.start,
                len: before.len + joined.len,
            };
            at -= 1;
            self.free.remove(at);
        }
        if !self.free.insert(at, joined) {
            self.unmap(joined.start, joined.len);
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
        let next = self.free.get(self.free.position(|run| run.start < end));
        let fits = next.is_some_and(|run| run.start == end && run.len >= more);
        if fits {
            self.cut_out(end, more);
        }
        fits
    }

    /// Unmaps all that is free.
    pub fn give_back(&mut self) {
        while let Some(run) = self.free.get(0) {
            self.free.remove(0);
            self.unmap(run.start, run.len);
        }
    }

    /// Moves free pages to the new mapping of `len` bytes at `start`; how many bytes. Their contents are not copied. `None` when
    /// the mapping was lost on the way.
    fn move_free_pages(&mut self, start: usize, len: usize) -> Option<usize> {
        if self.seams.is_full() {
            // Rather new memory than more free memory that nobody can use.
            self.give_back();
        }
        let mut moved = 0;
        for step in [HUGE, BLOCK] {
            let mut from = 0;
            while let Some(piece) = self.piece(step, from) {
                let bytes = piece.len.min((len - moved) / step * step);
                if bytes == 0 {
                    break;
                }
                from = piece.end();
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

    /// The first free memory at address `from` or behind it: whole steps of `step` bytes of one mapping.
    pub(super) fn piece(&self, step: usize, from: usize) -> Option<Run> {
        let first = self.free.position(|run| run.end() <= from);
        self.free.items().get(first..)?.iter().find_map(|run| {
            let mut at = run.start.max(from);
            while at < run.end() {
                let seam = self.seams.get(self.seams.position(|&seam| seam <= at));
                let end = seam.map_or(run.end(), |seam| seam.min(run.end()));
                let (start, stop) = (at.next_multiple_of(step), end / step * step);
                if start < stop {
                    let len = stop - start;
                    return Some(Run { start, len });
                }
                at = end;
            }
            None
        })
    }

    /// Takes `len` bytes at `start` out of the free run that they lie in.
    fn cut_out(&mut self, start: usize, len: usize) {
        let mut at = self.free.position(|run| run.end() <= start);
        let Some(run) = self.free.get(at) else { return };
        let before = Run {
            start: run.start,
            len: start - run.start,
        };
        let after = Run {
            start: start + len,
            len: run.end() - start - len,
        };
        self.free.remove(at);
        for rest in [before, after] {
            if rest.len > 0 {
                if !self.free.insert(at, rest) {
                    self.unmap(rest.start, rest.len);
                }
                at += 1;
            }
        }
    }

    /// Remembers that `len` bytes at `start` are a mapping of their own.
    fn mapped(&mut self, start: usize, len: usize) {
        for seam in [start, start + len] {
            let at = self.seams.position(|&known| known < seam);
            if self.seams.get(at) != Some(seam) {
                self.seams.insert(at, seam);
            }
        }
    }

    fn forget_seams(&mut self, start: usize, len: usize) {
        let first = self.seams.position(|&seam| seam < start);
        let end = self.seams.position(|&seam| seam < start + len);
        self.seams.remove_range(first, end);
    }

    fn unmap(&mut self, start: usize, len: usize) {
        pages::unmap(start, len);
        self.forget_seams(start, len);
    }
}

/// Up to `N` items in order.
#[derive(Debug)]
struct List<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy, const N: usize> List<T, N> {
    /// No items; `unused` fills the places of those to come.
    const fn new(unused: T) -> Self {
        List {
            items: [unused; N],
            len: 0,
        }
    }

    fn items(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or_default()
    }

    fn get(&self, at: usize) -> Option<T> {
        self.items().get(at).copied()
    }

    fn is_full(&self) -> bool {
        self.len == N
    }

    /// How many items there are before the first one that is not `before`.
    fn position(&self, before: impl Fn(&T) -> bool) -> usize {
        self.items().partition_point(before)
    }

    /// Puts `item` before the one at `at`; whether there was room.
    fn insert(&mut self, at: usize, item: T) -> bool {
        if self.is_full() || at > self.len {
            return false;
        }
        self.items.copy_within(at..self.len, at + 1);
        self.items[at] = item;
        self.len += 1;
        true
    }

    fn remove(&mut self, at: usize) {
        self.remove_range(at, at + 1);
    }

    fn remove_range(&mut self, first: usize, end: usize) {
        if first < end && end <= self.len {
            self.items.copy_within(end..self.len, first);
            self.len -= end - first;
        }
    }
}
