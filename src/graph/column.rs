//! Columns: one number for every node, as narrow as their range allows, in memory that suits walks all over it.

use std::sync::atomic::AtomicU32;

use rayon::prelude::*;

/// Bytes in a huge page where they are most common. Only advice rests on it.
const HUGE: usize = 2 << 20;
/// Numbers that one thread narrows at a time.
const PIECE: usize = 1 << 16;

/// One number for every node.
#[derive(Debug)]
pub enum Column {
    /// All are below 2^16.
    Narrow(Vec<u16>),
    /// Some are not.
    Wide(Vec<u32>),
}

impl Default for Column {
    fn default() -> Column {
        Column::Narrow(Vec::new())
    }
}

impl Column {
    /// The same `numbers`, all of which are below `limit`, in as little memory as that allows.
    pub fn new(numbers: Vec<u32>, limit: usize) -> Column {
        if limit > 1 << 16 {
            return Column::Wide(numbers);
        }
        let mut narrow: Vec<u16> = zeroed(numbers.len());
        narrow
            .par_chunks_mut(PIECE)
            .zip(numbers.par_chunks(PIECE))
            .for_each(|(narrow, wide)| {
                for (cell, &number) in narrow.iter_mut().zip(wide) {
                    *cell = number as u16;
                }
            });
        Column::Narrow(narrow)
    }

    /// The number of `node`.
    #[inline(always)]
    pub fn get(&self, node: u32) -> u32 {
        match self {
            Column::Narrow(numbers) => u32::from(numbers[node as usize]),
            Column::Wide(numbers) => numbers[node as usize],
        }
    }

    /// Gives `node` another number below the column's limit.
    pub fn set(&mut self, node: u32, number: u32) {
        match self {
            Column::Narrow(numbers) => numbers[node as usize] = number as u16,
            Column::Wide(numbers) => numbers[node as usize] = number,
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        match self {
            Column::Narrow(numbers) => numbers.len(),
            Column::Wide(numbers) => numbers.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A number of a column of a known width.
pub(crate) trait Narrow: bytemuck::Zeroable + Copy + Send + Sync {
    /// The finished column.
    fn column(numbers: Vec<Self>) -> Column;
}

impl Narrow for u16 {
    fn column(numbers: Vec<u16>) -> Column {
        Column::Narrow(numbers)
    }
}

impl Narrow for u32 {
    fn column(numbers: Vec<u32>) -> Column {
        Column::Wide(numbers)
    }
}

/// `n` zeros, written by all threads. Large columns lie on huge pages where the system allows: graph algorithms jump all over
/// them, and with pages of 4 KiB nearly every jump also misses the cache of page addresses (12 % of the time on the large
/// benchmark dump).
pub fn zeroed<T: bytemuck::Zeroable + Send>(n: usize) -> Vec<T> {
    let mut column = with_room(n);
    column.par_extend((0..n).into_par_iter().map(|_| T::zeroed()));
    column
}

/// An empty column with room for `n` numbers, on huge pages likewise: fewer of them have to be fetched while it is filled.
pub(crate) fn with_room<T>(n: usize) -> Vec<T> {
    let column = Vec::with_capacity(n);
    advise_huge(&column);
    column
}

/// A zeroed column of `n` atomic numbers.
pub fn atomic_column(n: usize) -> Vec<AtomicU32> {
    zeroed(n)
}

/// The same numbers without atomicity; reuses the memory.
pub(crate) fn plain(cells: Vec<AtomicU32>) -> Vec<u32> {
    cells.into_iter().map(AtomicU32::into_inner).collect()
}

/// Asks for huge pages behind all of `column`, its room included. The system may say no; nothing depends on it.
#[cfg(target_os = "linux")]
fn advise_huge<T>(column: &Vec<T>) {
    let bytes = column.capacity().saturating_mul(size_of::<T>());
    let start = column.as_ptr() as usize;
    let first = start.next_multiple_of(HUGE);
    let end = (start + bytes) / HUGE * HUGE;
    if end <= first {
        return;
    }
    // SAFETY: the range lies inside one allocation of ours, and this advice changes no contents and no access rights.
    #[allow(unsafe_code)]
    unsafe {
        libc::madvise(first as *mut libc::c_void, end - first, libc::MADV_HUGEPAGE);
    }
}

#[cfg(not(target_os = "linux"))]
fn advise_huge<T>(_column: &Vec<T>) {
    let _ = HUGE;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_narrow_as_they_can_be() {
        let numbers: Vec<u32> = (0..200_000).map(|i| i * 7 % 65_536).collect();
        let mut narrow = Column::new(numbers.clone(), 1 << 16);
        assert!(matches!(narrow, Column::Narrow(_)));
        let wide = Column::new(numbers.clone(), (1 << 16) + 1);
        assert!(matches!(wide, Column::Wide(_)));
        for (node, &number) in numbers.iter().enumerate() {
            assert_eq!(narrow.get(node as u32), number);
            assert_eq!(wide.get(node as u32), number);
        }
        narrow.set(3, 65_535);
        assert_eq!(narrow.get(3), 65_535);
        assert_eq!(narrow.len(), 200_000);
    }
}
