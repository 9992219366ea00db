//! Who keeps what is waste: the owners of a sample of each finding, with their shares.

use std::collections::BTreeMap;

use super::{Sample, Sums};
use crate::heap::{Link, ObjectIndex, Snapshot};
use crate::report::model::{WasteFinding, WasteOwner};
use crate::suspects::{Owners, naming};

/// Objects of a finding whose owners are looked for.
const MOST_ASKED: usize = 300;
/// Owners that are listed.
const MOST_LISTED: usize = 3;
/// Dominators above an object that are looked at before its owner is asked for.
const MOST_DOMINATORS: usize = 64;
/// Steps of all paths of one run; of the objects that are left then the owner is not known.
const MOST_STEPS: usize = 50_000_000;

/// Names the owners of the findings.
pub(super) fn name_all(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    findings: &mut [WasteFinding],
    sums: &Sums,
) {
    let mut search = Search {
        snapshot,
        owners,
        known: BTreeMap::new(),
        left: MOST_STEPS,
    };
    for (&(kind, class), sum) in &sums.0 {
        let title = super::title(snapshot, kind, class);
        let mut all = findings.iter_mut();
        let found = all.find(|finding| finding.kind == kind && finding.title.rounded() == title);
        if let Some(finding) = found {
            finding.holders = search.shares(&sum.sample);
            finding.holder = finding.holders.first().map(|owner| owner.title.clone());
        }
    }
}

/// Finds owners.
struct Search<'o, 's, 'a> {
    snapshot: &'s Snapshot<'a>,
    owners: &'o Owners<'s, 'a>,
    known: BTreeMap<ObjectIndex, Option<String>>,
    left: usize,
}

impl Search<'_, '_, '_> {
    /// The largest owners of `sample` with their shares of its bytes, largest first.
    fn shares(&mut self, sample: &Sample) -> Vec<WasteOwner> {
        let step = sample.kept.len().div_ceil(MOST_ASKED).max(1);
        let mut by_owner: BTreeMap<String, u64> = BTreeMap::new();
        let mut all = 0u64;
        for &(object, bytes) in sample.kept.iter().step_by(step) {
            all = all.saturating_add(bytes);
            if let Some(owner) = self.owner(object) {
                let sum = by_owner.entry(owner).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
        let share = |bytes: u64| bytes as f64 / all.max(1) as f64;
        let mut owners: Vec<WasteOwner> = by_owner
            .into_iter()
            .map(|(title, bytes)| WasteOwner {
                title,
                share: share(bytes),
            })
            .collect();
        // By name where two have as much.
        owners.sort_by(|a, b| {
            b.share
                .total_cmp(&a.share)
                .then_with(|| a.title.cmp(&b.title))
        });
        owners.truncate(MOST_LISTED);
        owners
    }

    /// The nearest field that keeps `object`, through collections and strings; where there is none (a local variable of a thread, a
    /// constant of the JDK that shares it), the owner on the path to it.
    fn owner(&mut self, object: ObjectIndex) -> Option<String> {
        let mut at = object;
        for _ in 0..MOST_DOMINATORS {
            let Some(above) = self.snapshot.dominator(at) else {
                break;
            };
            let class = &self.snapshot.class(above).name;
            let passes = naming::is_transparent(class) && !is_end(class) || class == STRING;
            if !passes {
                if let Some(field) = self.field(above, at) {
                    return Some(field);
                }
                break;
            }
            at = above;
        }
        self.on_path(at)
    }

    /// The field of `above` that refers to `at`; `None` for threads and loaders.
    fn field(&self, above: ObjectIndex, at: ObjectIndex) -> Option<String> {
        let (declared_by, name_id) = match self.snapshot.link(above, at)? {
            Link::Field {
                declared_by,
                name_id,
            } if !is_end(&self.snapshot.class(above).name) => (declared_by, name_id),
            Link::Static { class, name_id } => (class, name_id),
            _ => return None,
        };
        let class = naming::stable(&self.snapshot.classes().get(declared_by).name);
        Some(format!("{class}.{}", self.snapshot.name(name_id)))
    }

    /// The owner on the path to `object`.
    fn on_path(&mut self, object: ObjectIndex) -> Option<String> {
        if let Some(known) = self.known.get(&object) {
            return known.clone();
        }
        if self.left == 0 {
            return None;
        }
        let (holder, path) = self.owners.find(object);
        self.left = self.left.saturating_sub(path.len());
        let mut title = holder.title();
        if let (Some(frame), true) = (&holder.frame, holder.thread.is_some()) {
            title.push_str(&format!(", local in {frame}"));
        }
        self.known.insert(object, Some(title.clone()));
        Some(title)
    }
}

const STRING: &str = "java.lang.String";

/// Whether `class` is one of a thread, a loader or a class: what hangs on it has different owners.
fn is_end(class: &str) -> bool {
    class == "java.lang.Class"
        || class.starts_with("java.lang.Thread")
        || class.contains("ClassLoader")
}
