//! Columns: one number for every node, as narrow as their range allows.

use std::sync::atomic::AtomicU32;

use rayon::prelude::*;

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
        if !Column::is_narrow(limit) {
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

    /// Whether numbers below `limit` are kept in 16 bits.
    pub fn is_narrow(limit: usize) -> bool {
        limit <= 1 << 16
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

/// `n` zeros, written by all threads: fetching the memory takes longer than to write it.
pub(crate) fn zeroed<T: bytemuck::Zeroable + Send>(n: usize) -> Vec<T> {
    (0..n).into_par_iter().map(|_| T::zeroed()).collect()
}

/// The same numbers without atomicity; reuses the memory.
pub(crate) fn plain(cells: Vec<AtomicU32>) -> Vec<u32> {
    cells.into_iter().map(AtomicU32::into_inner).collect()
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
