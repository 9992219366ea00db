//! The comparison of several inputs as plain data: the section `growth` of a report.

use serde::{Deserialize, Serialize};

use crate::suspects::HolderKind;

/// How things developed over two or more inputs. Arrays run parallel to `inputs`, oldest first; `null` is unknown (below the floor of a
/// saved report, damaged, of another program), never 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Growth {
    /// The inputs, oldest first.
    pub inputs: Vec<GrowthInput>,
    /// What was measured outside at the same times.
    pub observed: Option<ObservedSeries>,
    /// The inputs between which growth is judged, as numbers in `inputs`: all of one process. Empty where no two are.
    pub judged: Vec<u32>,
    /// How it is known that the judged inputs are of one process; `None` where growth is not judged.
    pub identity: Option<Identity>,
    /// Where the last input is of another process than those before: what it is compared with. `None` where growth up to it is judged.
    pub across: Option<Across>,
    /// Bytes that strong references reach, at each time.
    pub live_bytes: Vec<Option<u64>>,
    /// Bytes by which that grew from the first to the last of the judged inputs.
    pub grew_bytes: Option<i64>,
    /// Bytes by which it grew from each judged input to the next.
    pub interval_bytes: Vec<Option<i64>>,
    /// Seconds from the first to the last of the judged inputs.
    pub seconds: Option<u64>,
    /// `grew_bytes` in an hour, where the times are known and a minute apart or more.
    pub bytes_per_hour: Option<i64>,
    /// Bytes by which what was measured outside grew over the same time.
    pub observed_grew_bytes: Option<i64>,
    /// Owners that changed, the one that grew most first, then the largest of those that did not.
    pub holders: Vec<HolderCourse>,
    /// Classes that changed, by strongly reachable objects, the one that grew most first.
    pub classes: Vec<ClassCourse>,
    /// Threads by pool that changed.
    pub threads: Vec<GroupCourse>,
    /// Class loaders by name that changed.
    pub class_loaders: Vec<GroupCourse>,
    /// Bytes of direct memory as the JVM counts them.
    pub direct_bytes: Vec<Option<u64>>,
    /// The heap by owner at the first and the last of the judged inputs, for profiles and pictures; `None` where growth is not judged.
    pub difference: Option<Difference>,
    /// What the reader should know of the comparison, in full sentences: restarts, other programs, what was not used.
    pub notes: Vec<String>,
}

impl Growth {
    /// Intervals over which owners were compared.
    pub fn intervals(&self) -> u32 {
        let lists = |&&i: &&u32| {
            let input = self.inputs.get(i as usize);
            input.is_some_and(|input| input.kind != InputKind::Histogram)
        };
        self.judged.iter().filter(lists).count().saturating_sub(1) as u32
    }

    /// Where class histograms come before the only judged input that lists owners, and each counts as many bytes as are live there: the
    /// most by which one differs, in bytes.
    pub fn same_as_histograms(&self) -> Option<u64> {
        let judged = self.judged.iter();
        let inputs: Option<Vec<&GrowthInput>> =
            judged.map(|&i| self.inputs.get(i as usize)).collect();
        same_as_histograms(&inputs?)
    }

    /// Where the last judged input but one is a class histogram and counts as many bytes as are live at the last: by how many it differs.
    pub fn same_as_last_histogram(&self) -> Option<u64> {
        let [.., before, last] = self.judged[..] else {
            return None;
        };
        let inputs = [before, last].map(|i| self.inputs.get(i as usize));
        same_as_histograms(&[inputs[0]?, inputs[1]?])
    }
}

/// Bytes, and the part of the live heap, by which what a histogram counts may differ from a dump of the same heap.
const SAME_BYTES: u64 = 256 << 10;
const SAME_PART: u64 = 50;

/// Where all of `judged` but the last are class histograms that count as many bytes as are live at the last: the most by which one differs.
pub(super) fn same_as_histograms(judged: &[&GrowthInput]) -> Option<u64> {
    let (last, before) = judged.split_last()?;
    let live = last
        .live_bytes
        .filter(|_| last.kind != InputKind::Histogram)?;
    let differs = |input: &&GrowthInput| {
        let total = input
            .live_bytes
            .filter(|_| input.kind == InputKind::Histogram);
        total.map(|total| total.abs_diff(live))
    };
    let all: Option<Vec<u64>> = before.iter().map(differs).collect();
    let most = all?.into_iter().max()?;
    (most <= SAME_BYTES.max(live / SAME_PART)).then_some(most)
}

/// How it is known that inputs are of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Each of them says so.
    Told,
    /// Not all of them say of which process they are (dumps of JDK 8 and before, histograms). Nothing speaks against one.
    #[default]
    Assumed,
}

/// Inputs of two processes: a restart, or a replica that is well beside one that is not. Nothing follows of a course of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Across {
    /// The input that is the baseline, as a number in `inputs`.
    pub baseline: u32,
    /// The input that is compared with it.
    pub later: u32,
    /// Whether bytes can be compared; else the JVMs lay objects out differently, and only their numbers can.
    pub bytes_compared: bool,
}

/// What an owner is against the baseline, another process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgainstBaseline {
    /// It keeps more.
    Larger,
    /// The baseline does not list it.
    New,
    /// It keeps less.
    Smaller,
    /// It keeps about as much.
    #[default]
    AsLarge,
}

/// The heap at two times, by owner inside owner. Where only class histograms are compared, by class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Difference {
    /// The earlier input, as a number in `inputs`.
    pub from: u32,
    /// The later one.
    pub to: u32,
    /// Bytes of the whole heap at the earlier time.
    pub before_bytes: u64,
    /// The same at the later time.
    pub after_bytes: u64,
    /// Every node after its parent.
    pub nodes: Vec<DifferenceNode>,
}

/// One owner, or one class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DifferenceNode {
    /// The number of the owner inside which it lies, always smaller than its own; `None` at the top.
    pub parent: Option<u32>,
    /// The owner, or the class.
    pub name: String,
    /// Bytes that it keeps inside its parent at the earlier time; 0 where it is not listed.
    pub before_bytes: u64,
    /// The same at the later time.
    pub after_bytes: u64,
}

/// One input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct GrowthInput {
    /// Last component of the path.
    pub file: String,
    /// What it is.
    pub kind: InputKind,
    /// When it was taken, RFC 3339 in UTC.
    pub captured_at: Option<String>,
    /// The process that it is of: equal for inputs of one process, different for others; `None` where the input does not say.
    pub process: Option<String>,
    /// Bytes that strong references reach; of a histogram all it lists.
    pub live_bytes: Option<u64>,
    /// Objects that strong references reach; of a histogram all it lists.
    pub live_objects: Option<u64>,
    /// False where a part is missing or damaged: such an input is not compared.
    pub complete: bool,
    /// Whether garbage was collected before (`live`); `None` where the input does not say. Garbage in a dump does not count.
    pub live_only: Option<bool>,
    /// The maximum heap in bytes.
    pub max_bytes: Option<u64>,
}

/// What an input is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A heap dump.
    #[default]
    Dump,
    /// A saved report of this program.
    Report,
    /// A class histogram of `jcmd` or `jmap`.
    Histogram,
}

/// Memory that was measured outside at the times of the inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ObservedSeries {
    /// What was measured, such as `resident memory of the process`.
    pub of: String,
    /// Bytes at each time.
    pub bytes: Vec<Option<u64>>,
}

/// How one thing developed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// It grew, and was there before.
    Grew,
    /// It grew, and was not there or below the floor before.
    Appeared,
    /// It grew, and is at its bound or did not grow in the last interval.
    WarmedUp,
    /// It was larger in between.
    Peaked,
    /// It is smaller than before.
    Shrank,
    /// It is not there any more, or below the floor.
    Gone,
    /// It did not change.
    #[default]
    Constant,
}

impl Course {
    /// The name in the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Course::Grew => "grew",
            Course::Appeared => "appeared",
            Course::WarmedUp => "warmed_up",
            Course::Peaked => "peaked",
            Course::Shrank => "shrank",
            Course::Gone => "gone",
            Course::Constant => "constant",
        }
    }

    /// Whether it still grows, as far as the inputs tell.
    pub fn is_growing(self) -> bool {
        matches!(self, Course::Grew | Course::Appeared)
    }
}

/// How one owner developed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct HolderCourse {
    /// The same in every report of the program.
    pub signature: String,
    /// Who keeps it.
    pub holder: CourseHolder,
    /// What is kept.
    pub content: CourseContent,
    /// Bytes that it keeps, at each time.
    pub retained_bytes: Vec<Option<u64>>,
    /// Objects of the content, at each time.
    pub objects: Vec<Option<u64>>,
    /// Objects that have the field, threads of the pool, copies of the class; at each time.
    pub instances: Vec<Option<u64>>,
    /// Bytes of native memory that what it keeps gives access to, at each time; `None` where it has none.
    pub off_heap_bytes: Option<Vec<Option<u64>>>,
    /// Bytes by which it grew over the judged inputs; negative when it shrank.
    pub grew_bytes: Option<i64>,
    /// Objects of the content by which it grew.
    pub grew_objects: Option<i64>,
    /// Bytes by which it grew from each judged input to the next.
    pub interval_bytes: Vec<Option<i64>>,
    /// Objects of the content by which it grew from each judged input to the next.
    pub interval_objects: Vec<Option<i64>>,
    /// `grew_bytes` in an hour, where the times are known and a minute apart or more.
    pub bytes_per_hour: Option<i64>,
    /// `grew_objects` in an hour.
    pub objects_per_hour: Option<i64>,
    /// `grew_bytes` of the growth of the heap, 0 to 1; `None` where the heap did not grow.
    pub share_of_growth: Option<f64>,
    /// `grew_bytes` of what was measured outside to have grown; `None` where nothing was, or it did not grow.
    pub share_of_observed: Option<f64>,
    /// Intervals between judged inputs in which it grew.
    pub intervals_grown: u32,
    /// It is at a bound that is known.
    pub at_bound: bool,
    /// It has a bound that is known, and that the heap has room for.
    pub bounded: bool,
    /// Concluded from class histograms: an earlier one has fewer objects of its content's class than it keeps now. It grew by at least
    /// `grew_objects`; `grew_bytes` is what so many keep now.
    pub by_class: bool,
    /// How it developed over the judged inputs; `None` where no two are of one process.
    pub course: Option<Course>,
    /// What it is in `across.later` against `across.baseline`; `None` where these are not compared, or it is not known.
    pub against_baseline: Option<AgainstBaseline>,
    /// The owner inside which it lies, where the elements of a container grew: `room.Lobby.ROOMS`.
    pub inside: Option<String>,
}

/// Who keeps something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CourseHolder {
    /// What kind of owner.
    pub kind: HolderKind,
    /// Class that declares the field, or class of the thread or loader.
    pub class: String,
    /// Name of the field.
    pub field: Option<String>,
    /// Name of the threads without their numbers.
    pub thread: Option<String>,
    /// Name of the class loaders without their numbers.
    pub loader: Option<String>,
}

impl CourseHolder {
    /// The owner in one expression: `com.acme.Cache.MAP`, `thread "worker-*"`.
    pub fn title(&self) -> String {
        match (&self.field, &self.thread, &self.loader) {
            (Some(field), _, _) => format!("{}.{field}", self.class),
            (_, Some(thread), _) => format!("thread \"{thread}\""),
            (_, _, Some(loader)) => format!("class loader \"{loader}\""),
            _ => self.class.clone(),
        }
    }
}

/// What an owner keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CourseContent {
    /// The class of what was put in.
    pub class: String,
}

/// How the objects of one class developed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClassCourse {
    /// The class, without what differs from run to run.
    pub class: String,
    /// The loader that defines it, where it is not one of the JDK's own.
    pub loader: Option<String>,
    /// It is the JDK's, or an array of a primitive type.
    pub jdk: bool,
    /// Objects at each time.
    pub objects: Vec<Option<u64>>,
    /// Bytes of these objects at each time.
    pub shallow_bytes: Vec<Option<u64>>,
    /// Objects by which it grew over the judged inputs.
    pub grew_objects: Option<i64>,
    /// Bytes by which it grew over the judged inputs.
    pub grew_bytes: Option<i64>,
    /// The owner that keeps most of the objects, where an input tells.
    pub kept_by: Option<String>,
    /// How they developed.
    pub course: Option<Course>,
}

/// How threads of one pool, or loaders of one name, developed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct GroupCourse {
    /// The name without numbers.
    pub name: String,
    /// How many there are at each time.
    pub count: Vec<Option<u64>>,
    /// How many more there are at the last of the judged inputs than at the first.
    pub grew: Option<i64>,
    /// Bytes that they keep at each time.
    pub retained_bytes: Vec<Option<u64>>,
    /// How their number developed.
    pub course: Option<Course>,
}
