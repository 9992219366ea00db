//! The case before the rules: the numbers they compare, calculated once.

use super::Thresholds;
use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::verdict::facts::{Assessment, HeapFacts, Holder, OutOfMemoryKind, Range};
use crate::verdict::ledger::{Component, Entry};
use crate::verdict::observed::Observed;

/// What the rules look at.
pub(super) struct Case<'a> {
    pub heap: &'a HeapFacts,
    pub observed: &'a Observed,
    pub limits: &'a Thresholds,
    pub ledger: &'a [Entry],
    /// Everything a root reaches, in bytes.
    pub live: u64,
    /// The maximum heap.
    pub max: Option<Range>,
    /// Growth of the JVM's memory that is more than noise, in bytes.
    pub growth: Option<u64>,
    /// The largest holder that may be accused.
    pub holder: Option<&'a Holder>,
    /// Sources that contradict each other, the dump among them.
    pub contradictions: Vec<Sentence>,
}

impl<'a> Case<'a> {
    pub fn new(
        heap: &'a HeapFacts,
        observed: &'a Observed,
        ledger: &'a [Entry],
        limits: &'a Thresholds,
    ) -> Self {
        Case {
            heap,
            observed,
            limits,
            ledger,
            live: heap.live_bytes(),
            max: observed.max_heap_of(heap),
            growth: observed
                .growth
                .as_ref()
                .and_then(|g| u64::try_from(g.bytes).ok())
                .filter(|g| *g >= limits.growth_bytes),
            holder: heap.largest_accusable(),
            contradictions: contradictions(heap, observed),
        }
    }

    /// The size the heap is judged against: the maximum heap (the least it can be), or else the container's limit, which it cannot exceed.
    pub fn reference(&self) -> Option<u64> {
        let limit = || {
            let limit = self.observed.limit.as_ref()?;
            u64::try_from(limit.bytes).ok().filter(|l| *l > 0)
        };
        self.max
            .as_ref()
            .map(|m| m.low)
            .filter(|m| *m > 0)
            .or_else(limit)
    }

    /// The growth that has to be explained: the JVM's, or, where its container is not known, the largest that was seen.
    pub fn growth_to_explain(&self) -> Option<u64> {
        let any = || {
            let unknown = self.observed.jvm.is_none() && self.observed.growth.is_none();
            let (_, growth) = self.observed.largest_other_growth().filter(|_| unknown)?;
            u64::try_from(growth)
                .ok()
                .filter(|g| *g >= self.limits.growth_bytes)
        };
        self.growth.or_else(any)
    }

    /// Growth of the JVM's memory was observed, and there was none.
    pub fn did_not_grow(&self) -> bool {
        self.observed.growth.is_some() && self.growth.is_none()
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> Option<u64> {
        let resident = self.observed.resident.as_ref()?;
        u64::try_from(resident.bytes).ok()
    }

    /// The dump was written because the heap was full.
    pub fn heap_was_full(&self) -> bool {
        matches!(&self.heap.out_of_memory, Some(oom) if oom.what == OutOfMemoryKind::HeapSpace)
    }

    /// The heap was full for a request only: most of it is free.
    pub fn was_one_allocation(&self) -> bool {
        let free = |max: &Range| self.live < max.low / 2;
        self.heap_was_full() && self.max.as_ref().is_some_and(free)
    }

    /// The holder as far as it can have filled the heap: where one allocation was too large, a small one has not.
    pub fn culprit(&self) -> Option<&'a Holder> {
        self.holder.filter(|holder| {
            let max = self.max.as_ref().map_or(0, |max| max.low);
            !self.was_one_allocation() || at_least(holder.retained_bytes, 0.1, max)
        })
    }

    /// The dump is whole and says what the roots are: only then sizes are more than lower bounds.
    pub fn trustworthy(&self) -> bool {
        self.heap.complete && self.heap.has_roots
    }

    /// The holder dominates the live heap and is not negligible.
    pub fn dominating_holder(&self) -> Option<&'a Holder> {
        self.holder.filter(|h| {
            at_least(h.retained_bytes, self.limits.dominating, self.live)
                && h.retained_bytes > self.negligible()
        })
    }

    /// Whether `holder` is next to nothing of what neither heap nor known native memory explains: then the problem is not its, whatever it
    /// keeps of a small heap.
    pub fn is_beside_the_point(&self, holder: &Holder) -> bool {
        let share = self.limits.negligible_of_growth;
        self.growth_to_explain().is_none()
            && self
                .unexplained()
                .is_some_and(|rest| holder.retained_bytes as f64 <= share * rest as f64)
    }

    /// Several suspects that may be accused dominate the live heap together, none of those counted is negligible, and together
    /// they are not minor.
    pub fn dominated_together(&self) -> bool {
        let accused = self.heap.suspects.iter().filter(|holder| {
            holder.application_owned
                && holder.assessment != Assessment::ByDesign
                && holder.retained_bytes > self.negligible()
                && !self.is_beside_the_point(holder)
        });
        let mut grows = false;
        let together = accused.fold(0u64, |sum, holder| {
            grows |= holder.may_grow;
            sum.saturating_add(holder.retained_bytes)
        });
        at_least(together, self.limits.dominating, self.live) && (grows || !self.is_minor(together))
    }

    /// Whether the holder that dominates a small heap is but reference data as far as anybody can tell: minor, and nothing
    /// says that it grows.
    pub fn is_reference_data(&self, holder: &Holder) -> bool {
        !holder.may_grow && self.is_minor(holder.retained_bytes)
    }

    /// Whether `bytes` that somebody holds are too few for a problem of memory, without anything observed: a small part of the
    /// maximum heap, and less than what would count as growth.
    fn is_minor(&self, bytes: u64) -> bool {
        let max = self.max.as_ref().map_or(0, |max| max.low);
        self.growth_to_explain().is_none()
            && bytes <= self.limits.growth_bytes
            && bytes as f64 <= self.limits.minor_of_max * max as f64
    }

    /// The size up to which a holder does not matter, in bytes.
    pub fn negligible(&self) -> u64 {
        let of = |share: f64, whole: Option<u64>| (whole.unwrap_or(0) as f64 * share) as u64;
        self.limits
            .negligible_bytes
            .max(of(self.limits.negligible_of_max, self.reference()))
            .max(of(
                self.limits.negligible_of_growth,
                self.growth_to_explain(),
            ))
    }

    /// The least that neither the heap at its maximum nor known native memory explains of the resident memory, when it is worth a mention.
    pub fn unexplained(&self) -> Option<u64> {
        let rest = u64::try_from(self.entry(Component::Unexplained)?.low).ok()?;
        (rest > self.limits.unexplained_bytes).then_some(rest)
    }

    /// The share of the maximum heap from which on `holder` is suspected for its size.
    pub fn suspect_share(&self, holder: &Holder) -> f64 {
        match holder.assessment {
            Assessment::Unbounded | Assessment::AboveBound => self.limits.unbounded_of_max,
            Assessment::Unknown | Assessment::ByDesign => self.limits.holder_of_max,
        }
    }

    /// Whether `bytes` of heap are too small to explain what was observed or, nothing observed, small against the maximum heap.
    pub fn is_small(&self, bytes: u64) -> bool {
        let up_to = |share: f64, whole: Option<u64>| {
            whole.is_some_and(|whole| whole > 0 && bytes as f64 <= share * whole as f64)
        };
        let of_observed = self.limits.small_of_observed;
        if let Some(growth) = self.growth_to_explain() {
            return up_to(of_observed, Some(growth));
        }
        up_to(self.limits.small_of_max, self.reference()) || up_to(of_observed, self.resident())
    }

    /// The line of the ledger about `component`.
    pub fn entry(&self, component: Component) -> Option<&'a Entry> {
        self.ledger.iter().find(|e| e.component == component)
    }

    /// The largest native component that somebody holds, or whose size is known, when it is larger than the live heap and worth a
    /// mention: of an estimate by the least that it can be.
    pub fn large_native(&self) -> Option<&'a Entry> {
        let known = |e: &Entry| e.bytes.is_some() || !e.owners.is_empty();
        self.ledger
            .iter()
            .filter(|e| e.component.is_native() && known(e))
            .filter(|e| e.low >= self.much_native() && e.low as u64 > self.live / 2)
            .max_by_key(|e| e.low)
    }

    /// Native memory that is worth a mention: much by itself, or much for a small maximum heap.
    fn much_native(&self) -> i64 {
        let max = self.max.as_ref().map_or(u64::MAX, |max| max.low);
        (max / 4).clamp(16 << 20, 64 << 20) as i64
    }

    /// The resident memory is no more than the maximum heap and known native memory may take, and the growth is heap that was
    /// committed but is not live.
    pub fn within_sizing(&self) -> bool {
        let (Some(resident), Some(max)) = (self.resident(), &self.max) else {
            return false;
        };
        let rest = self.entry(Component::Unexplained);
        let fits = rest.is_some_and(|e| e.low as u64 <= self.limits.unexplained_bytes);
        // Committed heap that is known and small means that the heap did not take the memory.
        let committed = self
            .observed
            .heap_committed
            .unwrap_or(max.high)
            .min(max.high);
        fits && resident > self.live && at_least(committed, 0.5, resident)
    }
}

/// Contradictions within the evidence, and between evidence and dump.
fn contradictions(heap: &HeapFacts, observed: &Observed) -> Vec<Sentence> {
    let mut found = observed.contradictions.clone();
    if let (Some(dump), Some(evidence)) = (&heap.max_heap, &observed.max_heap)
        // Collectors report the maximum less a survivor space: up to a tenth with small ones.
        && dump.bytes.abs_diff(evidence.bytes) > dump.bytes.max(evidence.bytes) / 8
    {
        found.push(sentence!(
            "maximum heap: {} ({}) against {} ({}): evidence of another JVM?",
            Size(dump.bytes),
            &dump.source,
            Size(evidence.bytes),
            &evidence.source
        ));
    }
    if let (Some(range), Some(evidence)) = (&heap.max_heap_range, &observed.max_heap)
        && !(range.low..=range.high).contains(&evidence.bytes)
        && evidence.bytes.abs_diff(range.low) > range.low / 8
    {
        found.push(sentence!(
            "maximum heap: {} to {} ({}) against {} ({}): evidence of another JVM?",
            Size(range.low),
            Size(range.high),
            &range.source,
            Size(evidence.bytes),
            &evidence.source
        ));
    }
    if let Some(max) = observed.max_heap_of(heap)
        && heap.live_bytes() > max.high
    {
        found.push(sentence!(
            "live heap {} exceeds the maximum {} ({})",
            Size(heap.live_bytes()),
            Size(max.high),
            &max.source
        ));
    }
    found
}

/// Whether `part` is at least `share` of `whole`; never of nothing.
pub(super) fn at_least(part: u64, share: f64, whole: u64) -> bool {
    whole > 0 && part > 0 && part as f64 >= share * whole as f64
}
