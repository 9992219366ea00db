//! The holders that come into question, and how they compare with what grew.

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
    /// Together, or one of them, explains the growth.
    pub explains: bool,
    /// Nothing but components within their bounds are among them.
    pub only_bounded: bool,
}
