//! The index of addresses. Of its words only the bitmap is written: the ranks follow from it.

use serde::{Deserialize, Serialize};

use super::MISMATCH;
use crate::heap::address_index::{AddressIndex, Builder, Kind, PAGE_WORDS, Paged, Table};
use crate::heap::compat::Compat;
use crate::kept::{Columns, Kept, Unfit};

/// Pages lie below this number: an address has 64 bits, and so many of them lie in a page.
const PAGES: u64 = 1 << 48;

/// What is no column.
#[derive(Default, Serialize, Deserialize)]
pub struct Facts {
    /// Whether the addresses are listed, not mapped.
    listed: bool,
    smallest: u64,
    largest: u64,
    shift: u32,
}

/// Adds the columns.
pub fn keep<'s>(index: &'s AddressIndex, columns: &mut Columns<'s>) -> Facts {
    match &index.kind {
        Kind::Sorted(addresses) => {
            columns.put("addresses", addresses);
            Facts {
                listed: true,
                ..Facts::default()
            }
        }
        Kind::Paged(paged) => {
            columns.put("pages", &paged.pages);
            let bits = paged.words.iter().map(|&word| word as u32);
            columns.put_owned("addresses", bits.collect());
            Facts {
                listed: false,
                smallest: paged.smallest,
                largest: paged.largest,
                shift: paged.shift,
            }
        }
    }
}

/// The index of at most `most` objects.
pub fn restore(
    kept: &Kept,
    facts: &Facts,
    compat: Compat,
    most: usize,
) -> Result<AddressIndex, Unfit> {
    let first = u32::from(compat.is_mat());
    let (kind, objects) = match facts.listed {
        true => {
            let addresses: Vec<u64> = kept.take("addresses", most)?;
            let is_sound = addresses.is_sorted_by(|a, b| a < b);
            let objects = addresses.len();
            let kind = is_sound.then_some(Kind::Sorted(addresses));
            (kind.ok_or(MISMATCH)?, objects)
        }
        false => {
            let paged = paged(kept, facts, first, most)?;
            let last = paged.words.last().copied().unwrap_or(0);
            let all = (last >> 32) as usize + (last as u32).count_ones() as usize;
            let objects = all.saturating_sub(first as usize);
            (Kind::Paged(paged), objects)
        }
    };
    if objects > most {
        return Err(MISMATCH);
    }
    Ok(AddressIndex {
        kind,
        first,
        len: first + objects as u32,
        duplicates: 0,
    })
}

fn paged(kept: &Kept, facts: &Facts, first: u32, most: usize) -> Result<Paged, Unfit> {
    let most_pages = Builder::most_pages(most as u64);
    let pages: Vec<u64> = kept.take("pages", usize::try_from(most_pages).unwrap_or(most))?;
    let are_sound =
        pages.is_sorted_by(|a, b| a < b) && pages.last().is_none_or(|&page| page < PAGES);
    if !are_sound || facts.shift > 63 {
        return Err(MISMATCH);
    }
    let bits: Vec<u32> = kept.exactly("addresses", (pages.len() + 1) * PAGE_WORDS)?;
    let mut total = u64::from(first);
    let words = bits.iter().map(|&bits| {
        let here = total << 32 | u64::from(bits);
        total += u64::from(bits.count_ones());
        here
    });
    let words = words.collect();
    if total > u64::from(u32::MAX / 2) {
        return Err(MISMATCH);
    }
    Ok(Paged {
        smallest: facts.smallest,
        largest: facts.largest,
        shift: facts.shift,
        table: Table::new(&pages),
        pages,
        words,
    })
}
