//! The thresholds of the decision; each is an option of the command line.

/// Where the decision changes. Shares are numbers from 0 to 1, sizes bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// A holder explains the growth when it retains this share of it.
    pub holder_of_growth: f64,
    /// A holder is suspected for its size alone when it retains this share of the maximum heap.
    pub holder_of_max: f64,
    /// The same for a holder that a pattern knows to be unbounded or finds above its bound.
    pub unbounded_of_max: f64,
    /// The heap is nearly full when this share of its maximum is live.
    pub nearly_full: f64,
    /// A holder dominates the heap when it retains this share of what is live.
    pub dominating: f64,
    /// A live heap up to this share of the maximum heap is small.
    pub small_of_max: f64,
    /// A live heap up to this share of the growth, or of the resident memory, is too small to explain it.
    pub small_of_observed: f64,
    /// A holder is negligible up to this share of the maximum heap, whatever its share of the live heap ...
    pub negligible_of_max: f64,
    /// ... or up to this share of the observed growth ...
    pub negligible_of_growth: f64,
    /// ... or up to this size.
    pub negligible_bytes: u64,
    /// Growth below this is noise: the memory did not grow.
    pub growth_bytes: u64,
    /// Memory that nothing explains is worth a next step from this size on. Below it is what every JVM has and a dump cannot show: compiled
    /// code, the collector's structures, fragmentation of malloc.
    pub unexplained_bytes: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            holder_of_growth: 0.50,
            holder_of_max: 0.25,
            unbounded_of_max: 0.10,
            nearly_full: 0.80,
            dominating: 0.50,
            small_of_max: 0.25,
            small_of_observed: 0.25,
            negligible_of_max: 0.01,
            negligible_of_growth: 0.05,
            negligible_bytes: 4 << 20,
            growth_bytes: 32 << 20,
            unexplained_bytes: 256 << 20,
        }
    }
}
