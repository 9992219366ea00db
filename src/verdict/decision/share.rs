//! Shares of a whole.

/// Whether `part` is at least `share` of `whole`; never of nothing.
pub(super) fn at_least(part: u64, share: f64, whole: u64) -> bool {
    whole > 0 && part > 0 && part as f64 >= share * whole as f64
}
