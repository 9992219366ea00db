//! What is said of a fleet, as plain data: the JSON of `fleet`, schema version 1.
//!
//! The conventions are those of the report: sizes are bytes, unknown is `null`, lists are sorted by whoever makes them, names are
//! neutralised by each format. Times are RFC 3339 in UTC.

use serde::Serialize;

use crate::growth::Course;
use crate::labels::Labels;
use crate::report::model::{Confidence, HeapVerdict};

/// The version of the JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// Many reports, put together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Fleet {
    /// [`SCHEMA_VERSION`].
    pub fleet_schema_version: u32,
    /// Name and version of the program.
    pub tool: String,
    /// Reports that were read.
    pub reports: u64,
    /// Dumps that they are of: several reports of one dump count once.
    pub dumps: u64,
    /// Reports of a dump that an earlier report is of, too; only the first one counts.
    pub repeated: u64,
    /// Whether a report was made with `--show-values`.
    pub values_shown: bool,
    /// Time of the first dump.
    pub first_seen: Option<String>,
    /// Time of the last dump.
    pub last_seen: Option<String>,
    /// Dumps by verdict.
    pub verdicts: Verdicts,
    /// The services by the number of their dumps.
    pub services: Vec<Service>,
    /// The causes, those of most dumps first, then those that keep most.
    pub causes: Vec<Cause>,
    /// Causes that are not listed.
    pub more_causes: u64,
    /// Pods with several reports over time, those that grew most first.
    pub courses: Vec<PodCourse>,
    /// Pods with several reports that are not listed.
    pub more_courses: u64,
    /// What changed since the baseline.
    pub baseline: Option<Comparison>,
    /// Files that were not read.
    pub not_read: Vec<NotRead>,
    /// How many.
    pub not_read_count: u64,
}

/// Dumps by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// The heap is suspected.
    pub suspected: u64,
    /// Neither can be said.
    pub inconclusive: u64,
    /// The heap is ruled out.
    pub ruled_out: u64,
}

impl Verdicts {
    /// Counts one.
    pub fn add(&mut self, verdict: HeapVerdict) {
        let count = match verdict {
            HeapVerdict::Suspected => &mut self.suspected,
            HeapVerdict::Inconclusive => &mut self.inconclusive,
            HeapVerdict::RuledOut => &mut self.ruled_out,
        };
        *count += 1;
    }
}

/// Dumps by confidence of the verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Confidences {
    /// High.
    pub high: u64,
    /// Medium.
    pub medium: u64,
    /// Low.
    pub low: u64,
}

impl Confidences {
    /// Counts one.
    pub fn add(&mut self, confidence: Confidence) {
        let count = match confidence {
            Confidence::High => &mut self.high,
            Confidence::Medium => &mut self.medium,
            Confidence::Low => &mut self.low,
        };
        *count += 1;
    }
}

/// One service: the label `service`, else the main class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name; `null` where no report says it.
    pub service: Option<String>,
    /// Its dumps.
    pub dumps: u64,
    /// Its pods that are known.
    pub pods: u64,
    /// Its versions, in the order of their first dumps.
    pub versions: Vec<String>,
}

/// A holder with what it keeps: one signature.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cause {
    /// The same in every report of the same leak.
    pub signature: String,
    /// The holder in one expression.
    pub holder: String,
    /// Class of what is kept.
    pub content: String,
    /// Dumps that have it.
    pub dumps: u64,
    /// Of all dumps of the fleet, 0 to 1.
    pub share_of_dumps: f64,
    /// Pods that are known, how many.
    pub pods: u64,
    /// Where and since when, the service with most dumps first.
    pub services: Vec<CauseService>,
    /// Versions of all services, in the order of their first dumps.
    pub versions: Vec<String>,
    /// Time of the first dump that has it.
    pub first_seen: Option<String>,
    /// Time of the last dump that has it.
    pub last_seen: Option<String>,
    /// Median of the bytes that it retains.
    pub median_retained_bytes: u64,
    /// Most bytes that it retains in a dump.
    pub largest_retained_bytes: u64,
    /// Bytes that it retains in all dumps together.
    pub total_retained_bytes: u64,
    /// Verdicts of the dumps that have it.
    pub verdicts: Verdicts,
    /// Confidence of these verdicts.
    pub confidence: Confidences,
    /// How it grew, as far as reports compare.
    pub growth: CauseGrowth,
    /// The reports that have it, in the order of time; a sample where they are many.
    pub seen: Vec<Seen>,
}

/// A cause in one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CauseService {
    /// The service; `null` where no report says it.
    pub service: Option<String>,
    /// Dumps of the service that have it.
    pub dumps: u64,
    /// Pods of the service that have it.
    pub pods: u64,
    /// Version of the first dump of the service that has it.
    pub since_version: Option<String>,
    /// The last version that was seen before it without the cause.
    pub version_before: Option<String>,
    /// Versions that have it, in the order of their first dumps.
    pub versions: Vec<String>,
    /// Time of the first of these dumps.
    pub first_seen: Option<String>,
    /// Time of the last one.
    pub last_seen: Option<String>,
    /// Median of the bytes that it retains.
    pub median_retained_bytes: u64,
    /// Most bytes that it retains.
    pub largest_retained_bytes: u64,
}

/// How a cause developed within processes: by reports that compare inputs themselves, and by several reports of one pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CauseGrowth {
    /// Comparisons that there are.
    pub compared: u64,
    /// In how many of them it still grew.
    pub grew: u64,
    /// In how many it grew, and reached a bound or stopped.
    pub warmed_up: u64,
    /// In how many it did neither.
    pub other: u64,
    /// The most bytes by which it grew in one comparison.
    pub most_bytes: Option<i64>,
}

/// One report that has a cause.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Seen {
    /// The report as it was named.
    pub report: String,
    /// Time of the dump.
    pub captured_at: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// The pod.
    pub pod: Option<String>,
    /// Bytes that the cause retains.
    pub retained_bytes: u64,
    /// The verdict on the dump.
    pub verdict: HeapVerdict,
}

/// The reports of one pod over time. Arrays run parallel to `reports`, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PodCourse {
    /// The service.
    pub service: Option<String>,
    /// The pod; where no report says it, the process.
    pub pod: String,
    /// Its reports.
    pub reports: Vec<PodReport>,
    /// Reports of it that are not listed: the earliest.
    pub more_reports: u64,
    /// Processes that ran in it one after the other, as far as the dumps tell them apart.
    pub processes: u64,
    /// Bytes by which the live heap of the last process grew.
    pub grew_bytes: Option<i64>,
    /// Its causes, those that grew most first.
    pub causes: Vec<CauseCourse>,
}

/// One report of a pod.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PodReport {
    /// The report as it was named.
    pub report: String,
    /// Time of the dump.
    pub captured_at: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// The number of the process in its pod, from 1; `null` where the dump does not say.
    pub process: Option<u64>,
    /// Bytes that strong references reach.
    pub live_bytes: u64,
    /// The verdict.
    pub verdict: HeapVerdict,
}

/// How a cause developed in a pod.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CauseCourse {
    /// The cause.
    pub signature: String,
    /// The holder in one expression.
    pub holder: String,
    /// Bytes that the holder keeps; `null` where the report does not list it.
    pub retained_bytes: Vec<Option<u64>>,
    /// Bytes by which it grew in the last process of several reports.
    pub grew_bytes: Option<i64>,
    /// How it developed in that process; `null` where no process has two reports.
    pub course: Option<Course>,
}

/// What changed since a baseline.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Dumps of the baseline.
    pub dumps: u64,
    /// Time of its first dump.
    pub first_seen: Option<String>,
    /// Time of its last dump.
    pub last_seen: Option<String>,
    /// Causes that it does not have, in the order of `causes`.
    pub new: Vec<Change>,
    /// Causes of it that are not seen any more, largest first.
    pub gone: Vec<Change>,
    /// Causes whose median grew, by the share by which it did.
    pub larger: Vec<Change>,
}

/// A cause before and now.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Change {
    /// The cause.
    pub signature: String,
    /// The holder in one expression.
    pub holder: String,
    /// Dumps of the baseline that have it.
    pub dumps_before: u64,
    /// Dumps that have it now.
    pub dumps: u64,
    /// Median of the retained bytes before.
    pub median_before_bytes: Option<u64>,
    /// Median of the retained bytes now.
    pub median_retained_bytes: Option<u64>,
    /// Most retained bytes before.
    pub largest_before_bytes: Option<u64>,
    /// Most retained bytes now.
    pub largest_retained_bytes: Option<u64>,
    /// By which share of the median before the median grew.
    pub grew_share: Option<f64>,
    /// Dumps that have it now and whose heap is not ruled out.
    pub not_ruled_out: u64,
}

/// A file that was not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// The file as it was named.
    pub file: String,
    /// Why.
    pub why: String,
}

/// Labels that a report has beside those by convention are of no use here; this is what is left of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The label `service`, else the main class.
    pub service: Option<String>,
    /// The label `version`.
    pub version: Option<String>,
    /// The label `pod`, else the pod or host that the dump names.
    pub pod: Option<String>,
    /// The label `environment`.
    pub environment: Option<String>,
}

impl Place {
    /// Where a report with these labels is from.
    pub fn new(labels: &Labels, main_class: Option<String>, pod: Option<String>) -> Place {
        use crate::labels::{ENVIRONMENT, POD, SERVICE, VERSION};
        let label = |name: &str| labels.get(name).cloned();
        Place {
            service: label(SERVICE).or(main_class),
            version: label(VERSION),
            pod: label(POD).or(pod),
            environment: label(ENVIRONMENT),
        }
    }
}
