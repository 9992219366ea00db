//! The holders that come into question, and how they compare with what grew.

use crate::sentence;
use crate::sentence::Sentence;
use crate::verdict::facts::{Assessment, HeapFacts, Holder};

/// The application's holders, largest first, each once; what a pattern clears is not among them, unless it is too large for the heap
/// when it is full.
pub(super) fn holders(heap: &HeapFacts) -> Vec<&Holder> {
    // The largest holder may be a suspect, too.
    let largest = heap.largest_holder.iter().filter(|largest| {
        let mut suspects = heap.suspects.iter();
        !suspects.any(|suspect| {
            suspect.name == largest.name && suspect.retained_bytes == largest.retained_bytes
        })
    });
    let all = heap.suspects.iter().chain(largest).chain(&heap.cleared);
    let mut found: Vec<&Holder> = all
        .filter(|holder| holder.application_owned && holder.assessment != Assessment::ByDesign)
        .collect();
    found.sort_by_key(|holder| std::cmp::Reverse(holder.retained_bytes));
    found
}

/// Whether earlier inputs show that `holder` does not grow.
pub(super) fn is_constant(heap: &HeapFacts, holder: &Holder) -> bool {
    let Some(growth) = heap.growth.as_ref() else {
        return false;
    };
    let course = growth
        .holders
        .iter()
        .find(|known| known.name == holder.name);
    course.is_some_and(|known| {
        let measured = growth.intervals > 0 || known.by_class;
        measured && !known.course.is_growing()
    })
}

/// How the holders compare with the growth that was observed outside.
#[derive(Debug, Default)]
pub(super) struct Fit<'a> {
    /// Those that may be what grew: no larger than that, and not negligible. Largest first.
    pub fitting: Vec<&'a Holder>,
    /// Bytes of `fitting` together.
    pub sum: u64,
    /// They may all be new: together they are no larger than what grew.
    pub together: bool,
    /// Those that are not full explain the growth, one of them alone or all together.
    pub explains: bool,
    /// Nothing but components within their bounds are among them.
    pub only_bounded: bool,
}

impl<'a> Fit<'a> {
    /// Those that are not full by now.
    pub fn suspected(&self) -> Vec<&'a Holder> {
        let holders = self.fitting.iter().copied();
        holders.filter(|&holder| !is_full(holder)).collect()
    }
}

/// Whether `holder` is at its bound: it may be what grew, and grows no more.
fn is_full(holder: &Holder) -> bool {
    holder.filled.as_ref().is_some_and(|filled| filled.is_full)
}

/// `, full with 10,000 of 10,000 entries`, or `, within its bound`; nothing for what has none.
pub(super) fn of_its_bound(holder: &Holder) -> Sentence {
    match (&holder.filled, holder.assessment) {
        (Some(filled), _) if filled.is_full => {
            sentence!(", full with {} of {}", &filled.now, &filled.most)
        }
        (_, Assessment::ByDesign) => ", within its bound".into(),
        _ => Sentence::default(),
    }
}
