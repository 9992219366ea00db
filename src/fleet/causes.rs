//! From what was read to what is said of it: causes, services, totals.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};

use super::courses::{Courses, courses};
use super::gather::{Gathered, Record, Suspect};
use super::model::{
    Cause, CauseGrowth, CauseService, Confidences, Fleet, SCHEMA_VERSION, Seen, Service, Verdicts,
};

/// Reports that are listed of a cause.
const MOST_SEEN: usize = 100;
/// Names that a list has: of services, of versions.
const MOST_NAMES: usize = 50;

/// What is said of `all`, with at most `top` causes and pods; 0 for all.
pub fn summarise(all: &Gathered, top: usize) -> Fleet {
    let most = if top == 0 { usize::MAX } else { top };
    let courses = courses(all);
    let mut causes = causes(all, &courses);
    let more_causes = causes.len().saturating_sub(most) as u64;
    causes.truncate(most);
    let Courses { mut pods, .. } = courses;
    let more_courses = pods.len().saturating_sub(most) as u64;
    pods.truncate(most);
    let mut verdicts = Verdicts::default();
    for record in &all.records {
        verdicts.add(record.verdict);
    }
    let dumps = all.records.len() as u64;
    Fleet {
        fleet_schema_version: SCHEMA_VERSION,
        tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        reports: dumps + all.repeated,
        dumps,
        repeated: all.repeated,
        values_shown: all.values_shown,
        first_seen: first(all.records.iter()),
        last_seen: last(all.records.iter()),
        verdicts,
        services: services(all),
        causes,
        more_causes,
        courses: pods,
        more_courses,
        baseline: None,
        not_read: all.not_read.clone(),
        not_read_count: all.not_read_count,
    }
}

/// The time of the earliest of `records`, which are in order.
fn first<'r>(mut records: impl Iterator<Item = &'r Record>) -> Option<String> {
    records.find_map(|record| record.captured_at.clone())
}

fn last<'r>(records: impl DoubleEndedIterator<Item = &'r Record>) -> Option<String> {
    records.rev().find_map(|record| record.captured_at.clone())
}

/// Different names in the order in which they come first.
#[derive(Default)]
struct Names<'r> {
    known: HashSet<&'r str>,
    listed: Vec<&'r str>,
}

impl<'r> Names<'r> {
    fn add(&mut self, name: Option<&'r String>) {
        if let Some(name) = name
            && self.known.insert(name)
            && self.listed.len() < MOST_NAMES
        {
            self.listed.push(name);
        }
    }

    fn all(&self) -> Vec<String> {
        self.listed.iter().map(|&name| name.to_owned()).collect()
    }

    fn count(&self) -> u64 {
        self.known.len() as u64
    }
}

fn services(all: &Gathered) -> Vec<Service> {
    let mut by_name: BTreeMap<Option<&str>, (u64, Names<'_>, Names<'_>)> = BTreeMap::new();
    for record in &all.records {
        let (dumps, pods, versions) = by_name.entry(record.place.service.as_deref()).or_default();
        *dumps += 1;
        pods.add(record.place.pod.as_ref());
        versions.add(record.place.version.as_ref());
    }
    let rows = by_name
        .into_iter()
        .map(|(service, (dumps, pods, versions))| Service {
            service: service.map(str::to_owned),
            dumps,
            pods: pods.count(),
            versions: versions.all(),
        });
    let mut rows: Vec<Service> = rows.collect();
    rows.sort_by(|a, b| {
        b.dumps
            .cmp(&a.dumps)
            .then_with(|| a.service.cmp(&b.service))
    });
    rows
}

/// A report that has a cause, and the cause there.
type Sight<'r> = (usize, &'r Record, &'r Suspect);

fn causes(all: &Gathered, courses: &Courses) -> Vec<Cause> {
    let mut sights: Vec<Vec<Sight<'_>>> = vec![Vec::new(); all.causes.len()];
    for (i, record) in all.records.iter().enumerate() {
        for suspect in &record.suspects {
            sights[suspect.cause as usize].push((i, record, suspect));
        }
    }
    let history = History::new(all);
    let rows = sights.iter().enumerate();
    let mut rows: Vec<Cause> = rows
        .map(|(cause, sights)| self::cause(all, cause, sights, &history, courses))
        .collect();
    rows.sort_by(|a, b| {
        (b.dumps, b.total_retained_bytes)
            .cmp(&(a.dumps, a.total_retained_bytes))
            .then_with(|| a.signature.cmp(&b.signature))
    });
    rows
}

fn cause(
    all: &Gathered,
    number: usize,
    sights: &[Sight<'_>],
    history: &History<'_>,
    courses: &Courses,
) -> Cause {
    let named = &all.causes[number];
    let (mut verdicts, mut confidence) = (Verdicts::default(), Confidences::default());
    let (mut pods, mut versions) = (Names::default(), Names::default());
    let mut by_service: BTreeMap<Option<&str>, Vec<Sight<'_>>> = BTreeMap::new();
    for &(i, record, suspect) in sights {
        verdicts.add(record.verdict);
        confidence.add(record.confidence);
        pods.add(record.place.pod.as_ref());
        versions.add(record.place.version.as_ref());
        let service = record.place.service.as_deref();
        by_service
            .entry(service)
            .or_default()
            .push((i, record, suspect));
    }
    let mut services: Vec<CauseService> = by_service
        .into_iter()
        .map(|(service, sights)| in_service(service, &sights, history))
        .collect();
    services.sort_by(|a, b| {
        b.dumps
            .cmp(&a.dumps)
            .then_with(|| a.service.cmp(&b.service))
    });
    services.truncate(MOST_NAMES);
    let (median, largest) = median_and_largest(sights);
    let total = sights.iter().map(|(_, _, suspect)| suspect.retained_bytes);
    Cause {
        signature: named.signature.clone(),
        holder: named.holder.clone(),
        content: named.content.clone(),
        dumps: sights.len() as u64,
        share_of_dumps: crate::numbers::share(sights.len() as u64, all.records.len() as u64)
            .unwrap_or(0.0),
        pods: pods.count(),
        services,
        versions: versions.all(),
        first_seen: first(sights.iter().map(|(_, record, _)| *record)),
        last_seen: last(sights.iter().map(|(_, record, _)| *record)),
        median_retained_bytes: median,
        largest_retained_bytes: largest,
        total_retained_bytes: total.fold(0, u64::saturating_add),
        verdicts,
        confidence,
        growth: growth(number as u32, sights, courses),
        seen: sample(sights).map(seen).collect(),
    }
}

fn in_service(service: Option<&str>, sights: &[Sight<'_>], history: &History<'_>) -> CauseService {
    let (mut pods, mut versions) = (Names::default(), Names::default());
    for (_, record, _) in sights {
        pods.add(record.place.pod.as_ref());
        versions.add(record.place.version.as_ref());
    }
    let (median, largest) = median_and_largest(sights);
    let since = sights.first();
    CauseService {
        service: service.map(str::to_owned),
        dumps: sights.len() as u64,
        pods: pods.count(),
        since_version: since.and_then(|(_, record, _)| record.place.version.clone()),
        version_before: since.and_then(|(i, _, _)| history.version_before(service, *i)),
        versions: versions.all(),
        first_seen: first(sights.iter().map(|(_, record, _)| *record)),
        last_seen: last(sights.iter().map(|(_, record, _)| *record)),
        median_retained_bytes: median,
        largest_retained_bytes: largest,
    }
}

/// The reports of each service in the order of time.
struct History<'r> {
    records: &'r [Record],
    by_service: HashMap<Option<&'r str>, Vec<usize>>,
}

impl<'r> History<'r> {
    fn new(all: &'r Gathered) -> History<'r> {
        let mut by_service: HashMap<Option<&str>, Vec<usize>> = HashMap::default();
        for (i, record) in all.records.iter().enumerate() {
            let service = record.place.service.as_deref();
            by_service.entry(service).or_default().push(i);
        }
        History {
            records: &all.records,
            by_service,
        }
    }

    /// The last version of `service` before its report `i` that is another one than that of `i`.
    fn version_before(&self, service: Option<&str>, i: usize) -> Option<String> {
        let of_service = self.by_service.get(&service)?;
        let version = |i: usize| self.records[i].place.version.as_ref();
        let own = version(i)?;
        let before = of_service.partition_point(|&other| other < i);
        let mut earlier = of_service[..before].iter().rev();
        earlier
            .find_map(|&other| version(other).filter(|&version| version != own))
            .cloned()
    }
}

fn median_and_largest(sights: &[Sight<'_>]) -> (u64, u64) {
    let bytes = sights.iter().map(|(_, _, suspect)| suspect.retained_bytes);
    let mut bytes: Vec<u64> = bytes.collect();
    bytes.sort_unstable();
    (median(&bytes), bytes.last().copied().unwrap_or(0))
}

/// The median of sorted numbers: of an even number of them the lower one in the middle, which is one that was measured.
fn median(sorted: &[u64]) -> u64 {
    let middle = sorted.len().saturating_sub(1) / 2;
    sorted.get(middle).copied().unwrap_or(0)
}

/// How the cause developed in pods with several reports, and in reports of other pods that compare by themselves.
fn growth(cause: u32, sights: &[Sight<'_>], courses: &Courses) -> CauseGrowth {
    let mut growth = CauseGrowth::default();
    let of_pods = courses.of_causes.get(&cause).into_iter().flatten().copied();
    let of_reports = sights
        .iter()
        .filter(|(i, _, _)| !courses.records.contains(i))
        .filter_map(|(_, _, suspect)| suspect.grew);
    for (course, bytes) in of_pods.chain(of_reports) {
        growth.compared += 1;
        match course {
            course if course.is_growing() => growth.grew += 1,
            crate::growth::Course::WarmedUp => growth.warmed_up += 1,
            _ => growth.other += 1,
        }
        growth.most_bytes = growth.most_bytes.max(Some(bytes));
    }
    growth
}

/// All sights, or as many as are listed, evenly spread with the first and the last among them.
fn sample<'s, 'r>(sights: &'s [Sight<'r>]) -> impl Iterator<Item = &'s Sight<'r>> {
    let count = sights.len().min(MOST_SEEN);
    let last = sights.len().saturating_sub(1);
    let steps = count.saturating_sub(1).max(1);
    (0..count).map(move |i| &sights[i * last / steps])
}

fn seen((_, record, suspect): &Sight<'_>) -> Seen {
    Seen {
        report: record.path.display().to_string(),
        captured_at: record.captured_at.clone(),
        service: record.place.service.clone(),
        version: record.place.version.clone(),
        pod: record.place.pod.clone(),
        retained_bytes: suspect.retained_bytes,
        verdict: record.verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_measured() {
        for (sorted, expected) in [(&[][..], 0), (&[7], 7), (&[1, 9], 1), (&[1, 5, 9], 5)] {
            assert_eq!(median(sorted), expected);
        }
    }
}
