//! The case before the rules: the numbers they compare, calculated once.

use super::Thresholds;
use super::holders::{Fit, is_constant};
use super::ran_out::RanOutOf;
use super::share::at_least;
use crate::sentence;
use crate::sentence::{Sentence, Size};
use crate::verdict::budget::Budget;
use crate::verdict::clean_name;
use crate::verdict::component::Component;
use crate::verdict::facts::{
    Assessment, ClassMass, HeapFacts, Holder, HolderGrowth, Range, ThreadMass,
};
use crate::verdict::ledger::Entry;
use crate::verdict::observed::Observed;

/// Messages of errors that are not about the heap.
const NOT_HEAP: [&str; 3] = [
    "Metaspace",
    "Compressed class space",
    "unable to create native thread",
];

/// A category of native memory is worth a mention from so many bytes on.
const MUCH_TRACKED: u64 = 64 << 20;

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
    /// The application's holders that no pattern clears, largest first.
    pub holders: Vec<&'a Holder>,
    /// The largest of them that earlier inputs do not clear.
    pub holder: Option<&'a Holder>,
    /// Of what the JVM ran out when the dump was written.
    pub ran_out: Option<RanOutOf>,
    /// The holders that keep most of the live heap, one or several together.
    pub owners: Vec<&'a Holder>,
    /// The owners that earlier dumps show to grow.
    pub grown: Vec<&'a HolderGrowth>,
    /// How the holders compare with the growth that is to be explained.
    pub fit: Fit<'a>,
    /// Maximum heap and native memory against the limit.
    pub budget: Option<Budget>,
    /// Sources that contradict each other, the dump among them.
    pub contradictions: Vec<Sentence>,
}

impl<'a> Case<'a> {
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
            let observed = Some(self.observed).filter(|_| unknown)?;
            let container = observed.largest_other_growth().map(|(_, growth)| growth);
            let pod = || observed.pod_growth().map(|growth| growth.bytes);
            u64::try_from(container.or_else(pod)?)
                .ok()
                .filter(|g| *g >= self.limits.growth_bytes)
        };
        self.growth.or_else(any)
    }

    /// By how much the pod grew, where nothing is known of its containers.
    pub fn pod_growth(&self) -> Option<Sentence> {
        let observed = self.observed;
        let is_known = observed.growth.is_some() || observed.largest_other_growth().is_some();
        let growth = observed.pod_growth().filter(|_| !is_known)?;
        let bytes = u64::try_from(growth.bytes).ok()?;
        let pod = growth.subject.pod.as_deref()?;
        (bytes >= self.limits.growth_bytes)
            .then(|| sentence!("pod `{}` grew {}", clean_name(pod), Size(bytes)))
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

    /// The growth of another container, where that is what grew: the JVM's did not, or next to nothing beside it.
    pub fn grew_elsewhere(&self) -> Option<u64> {
        let own = self.observed.growth.as_ref()?.bytes;
        let (_, other) = self.observed.largest_other_growth()?;
        let other = u64::try_from(other).ok()?;
        let own = u64::try_from(own).unwrap_or(0);
        let little = own < self.limits.growth_bytes
            || own as f64 <= self.limits.others_growth * other as f64;
        (other >= self.limits.growth_bytes && little).then_some(other)
    }

    /// The live heap is nearly at its maximum.
    pub fn nearly_full(&self) -> bool {
        let nearly = |max: &Range| at_least(self.live, self.limits.nearly_full, max.high);
        self.max.as_ref().is_some_and(nearly)
    }

    /// Earlier inputs of this process were given.
    pub fn is_compared(&self) -> bool {
        let growth = self.heap.growth.as_ref();
        growth.is_some_and(|growth| growth.intervals > 0)
    }

    /// The JVM ran out of something before the dump was written, and nothing says that it was no heap.
    pub fn heap_ran_out_before(&self) -> bool {
        let before = self.heap.ran_out_before.as_ref();
        before.is_some_and(|before| {
            let heap = |text: &String| !NOT_HEAP.contains(&text.as_str());
            before.messages.is_empty() || before.messages.iter().any(heap)
        })
    }

    /// It ran out of metaspace, surely or probably.
    pub fn ran_out_of_metaspace(&self) -> bool {
        matches!(
            self.ran_out,
            Some(RanOutOf::Metaspace | RanOutOf::ProbablyMetaspace)
        )
    }

    /// Loaders or generated classes that abound and make up most classes, where nothing else of the report tells them: class metadata
    /// grows with them, whether the JVM ran out of it or not.
    pub fn class_mass(&self) -> Option<&'a ClassMass> {
        let mass = self.heap.class_mass.as_ref()?;
        let abounds = mass.abounds && mass.most_classes;
        (abounds && !self.ran_out_of_metaspace()).then_some(mass)
    }

    /// Holders are only large.
    pub fn is_large(&self) -> bool {
        let max = self.max.as_ref().map_or(0, |max| max.high);
        let large = |holder: &Holder| {
            at_least(holder.retained_bytes, self.limits.holder_of_max, max)
                && holder.retained_bytes > self.negligible()
        };
        let alone = self
            .dominating_holder()
            .is_some_and(|h| !self.is_beside_the_point(h) && !self.is_reference_data(h));
        // Nobody can be named for what hangs on class objects, and it may be most of the heap all the same.
        let hidden = self.heap.hidden.bytes;
        let hidden =
            at_least(hidden, self.limits.dominating, self.live) && hidden > self.negligible();
        alone
            || hidden
            || self.holder.is_some_and(large)
            || self.dominated_together()
            || self.is_one_growing()
    }

    /// A holder that can grow keeps a large part of the live heap, and the memory was not seen to stay as it is.
    fn is_one_growing(&self) -> bool {
        let growing = |holder: &&&Holder| {
            (holder.may_grow || holder.many)
                && at_least(
                    holder.retained_bytes,
                    self.limits.growing_of_live,
                    self.live,
                )
                && holder.retained_bytes > self.negligible()
                && !self.is_minor(holder.retained_bytes)
                && !self.is_beside_the_point(holder)
                && !is_constant(self.heap, holder)
        };
        !self.did_not_grow() && self.holders.iter().any(|holder| growing(&holder))
    }

    /// Native memory that grew, as Native Memory Tracking says, or that the program holds and that fits what grew: at least half of the
    /// growth, where that was observed. Whether it was seen to grow.
    pub fn native_explains_growth(&self) -> Option<bool> {
        let growth = self.growth_to_explain();
        let share = self.limits.holder_of_growth;
        if let Some((_, native)) = self.native_growth() {
            let most = growth.is_none_or(|growth| at_least(native.unsigned_abs(), share, growth));
            return most.then_some(true);
        }
        let (held, growth) = (self.large_native()?.low.unsigned_abs(), growth?);
        let fits = held as f64 <= growth as f64 * (1.0 + self.limits.fits);
        (fits && at_least(held, share, growth)).then_some(false)
    }

    /// The largest unbounded holder, when it is worth a suspicion by that alone.
    pub fn unbounded(&self) -> Option<&'a Holder> {
        let max = self.max.as_ref()?.high;
        let unbounded = |holder: &&&Holder| {
            matches!(
                holder.assessment,
                Assessment::Unbounded | Assessment::AboveBound
            ) && at_least(holder.retained_bytes, self.limits.unbounded_of_max, max)
                && !is_constant(self.heap, holder)
        };
        self.holders.iter().find(unbounded).copied()
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

    /// Whether `holder` is next to nothing of what is resident outside of the heap: then the problem is not its, whatever it keeps of a
    /// small heap.
    pub fn is_beside_the_point(&self, holder: &Holder) -> bool {
        let share = self.limits.negligible_of_growth;
        self.growth_to_explain().is_none()
            && self
                .outside_heap()
                .is_some_and(|rest| holder.retained_bytes as f64 <= share * rest as f64)
    }

    /// The least of the resident memory that lies outside of the heap, when it is more than usual. What is known of it makes it no
    /// smaller.
    fn outside_heap(&self) -> Option<u64> {
        let committed = self.observed.heap_committed.unwrap_or(u64::MAX);
        let heap = self.max.as_ref()?.high.min(committed).max(self.live);
        let rest = self.resident()?.saturating_sub(heap);
        (rest > self.limits.unexplained_bytes).then_some(rest)
    }

    /// Several suspects that may be accused dominate the live heap together, none of those counted is negligible, and together
    /// they are not minor.
    pub fn dominated_together(&self) -> bool {
        let accused = self.holders.iter().filter(|holder| {
            holder.retained_bytes > self.negligible()
                && !self.is_beside_the_point(holder)
                && !is_constant(self.heap, holder)
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

    /// Native memory of the JVM grew, or the program holds much of it: then the settings do not explain the memory.
    pub fn native_is_the_point(&self) -> bool {
        self.native_growth().is_some() || self.large_native().is_some()
    }

    /// The category of Native Memory Tracking that grew most, when that is no noise.
    pub fn native_growth(&self) -> Option<(&'a str, i64)> {
        let (name, growth) = self.observed.largest_native_growth()?;
        let much = u64::try_from(growth).is_ok_and(|growth| growth >= self.limits.growth_bytes);
        much.then_some((name, growth))
    }

    /// The category of Native Memory Tracking that is most of the native memory, when it is more than usual, with its bytes and all.
    pub fn largest_tracked(&self) -> Option<(&'a str, u64, u64)> {
        let (all, _) = self.observed.native_tracked()?;
        let categories = self.observed.native.iter();
        let native = categories.filter(|(name, _)| !matches!(name.as_str(), "Total" | "Java Heap"));
        let (name, largest) = native.max_by_key(|(_, category)| category.committed)?;
        let much = largest.committed >= MUCH_TRACKED && at_least(largest.committed, 0.5, all);
        much.then_some((name.as_str(), largest.committed, all))
    }

    /// Something was measured outside of the dump.
    pub fn has_evidence(&self) -> bool {
        let observed = self.observed;
        observed.max_heap.is_some()
            || observed.heap_committed.is_some()
            || observed.after_collection.is_some()
            || observed.limit.is_some()
            || !observed.native.is_empty()
            || !observed.containers.is_empty()
    }

    /// Something says that the JVM runs in Kubernetes.
    pub fn is_in_kubernetes(&self) -> bool {
        let containers = &self.observed.containers;
        containers.iter().any(|container| container.pod.is_some())
            || self.heap.host.as_deref().is_some_and(is_pod_name)
    }

    /// The resident memory is no more than the maximum heap and what every JVM takes besides, nothing native grew, and the growth is heap
    /// that was committed but is not live.
    pub fn within_sizing(&self) -> bool {
        let (Some(resident), Some(budget)) = (self.resident(), &self.budget) else {
            return false;
        };
        let allowed = budget.max.high.saturating_add(budget.ordinary().1);
        // Committed heap that is known and small means that the heap did not take the memory.
        let committed = self
            .observed
            .heap_committed
            .unwrap_or(budget.max.high)
            .min(budget.max.high);
        resident <= allowed
            && resident > self.live
            && !self.native_is_the_point()
            && !self.has_masses()
            && at_least(committed, 0.5, resident)
    }

    /// Executors that nobody shuts down, or classes in masses: each takes native memory, and their number is no matter of size.
    fn has_masses(&self) -> bool {
        let executors = |mass: &ThreadMass| mass.executors;
        self.class_mass().is_some() || self.heap.thread_masses.iter().any(executors)
    }
}

/// Whether `host` is named as Kubernetes names pods of a deployment: `shop-6d8f9c7b5d-x2x9p`.
fn is_pod_name(host: &str) -> bool {
    let suffix = |text: &str| {
        text.len() == 5
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let Some((rest, last)) = host.rsplit_once('-') else {
        return false;
    };
    let hash = rest.rsplit_once('-').is_some_and(|(_, hash)| {
        (8..=10).contains(&hash.len()) && hash.chars().all(|c| c.is_ascii_alphanumeric())
    });
    suffix(last) && hash
}
