//! What a pattern is, and what it finds.

use serde::{Deserialize, Serialize};

use super::context::Context;
use crate::heap::ObjectIndex;

/// Units from which on the size of the others that a component has room for is inferred.
const ENOUGH: u64 = 1_000;

/// Whether what was measured is normal for that component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assessment {
    /// Within what the component allows itself, or as much as is usual.
    ByDesign,
    /// The dump does not tell.
    #[default]
    Unknown,
    /// More than its bound allows.
    AboveBound,
    /// Nothing bounds it, and there is more than usual.
    Unbounded,
}

/// How much is normal.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// The component sets no bound; up to so many are usual.
    Usual(u64),
    /// The component never holds more than so many, each of up to `bytes_each` bytes by design.
    Fixed {
        /// Most units.
        most: u64,
        /// Bytes of one unit that are still usual.
        bytes_each: u64,
    },
    /// A field says how many fit: a path from the component, or `""` for the capacity of the measured collection itself.
    Field {
        /// Path of field names.
        path: &'static str,
        /// Bytes of one unit that are still usual; `u64::MAX` where the user has set the bound with the size in mind.
        bytes_each: u64,
    },
}

/// A component with a limit.
#[derive(Clone, Copy)]
pub struct Limited {
    /// Its class.
    pub class: &'static str,
    /// The collection that it fills, or a number of entries; `""` where it is a collection itself.
    pub entries: &'static str,
    /// What the entries weigh by the component's own measure; `""` where they count. `a[].b` is the sum of a field of the objects in an
    /// array.
    pub weight: &'static str,
    /// The most that they may weigh. A number that is not positive stands for no limit.
    pub limit: &'static str,
    /// Whether it may hold a little more until it evicts.
    pub evicts: bool,
    /// Times after which entries expire.
    pub expiry: &'static [&'static str],
    /// From an entry to what was put in, where others refer to that as well; may be empty.
    pub inside: &'static str,
    /// Bytes of one unit that are still usual; `u64::MAX` where who set the limit had the size in mind.
    pub bytes_each: u64,
    /// Entries that are usual where there is no limit; 0 where nothing is known then.
    pub usual: u64,
}

/// How a pattern is measured.
#[derive(Clone, Copy)]
pub enum Rule {
    /// How many instances of the wanted classes there are.
    Count(Bound),
    /// How many entries the collection at the end of a path from each instance has. Alternatives, for other versions, are
    /// separated by `|`; a path that begins with `#` is a static field of the class itself.
    Entries(&'static str, Bound),
    /// What components with a limit hold.
    Limited(&'static [Limited]),
    /// A measure of its own.
    Code(fn(&Context<'_, '_>, &'static Pattern) -> Vec<Finding>),
}

/// A known leak pattern.
pub struct Pattern {
    /// Stable identifier.
    pub id: &'static str,
    /// Rows of the catalogue of known patterns that it covers, from 1 to 52.
    pub rows: &'static [u8],
    /// A few words.
    pub title: &'static str,
    /// The component as a cleared line names it.
    pub component: &'static str,
    /// Classes whose instances it looks at, subclasses included. Copies in other packages (`shaded.` before the name) count.
    pub wanted: &'static [&'static str],
    /// How it is measured.
    pub rule: Rule,
    /// What is measured, such as `queue`; may be empty.
    pub what: &'static str,
    /// What measured quantity and bound count.
    pub unit: &'static str,
    /// What to change.
    pub advice: &'static str,
    /// Whether being harmless is worth a line even if it is small: components that others accuse.
    pub accused: bool,
    /// Whether it matches any large collection: a more specific pattern goes first.
    pub is_fallback: bool,
}

impl Pattern {
    /// What most patterns have in common.
    pub const PLAIN: Pattern = Pattern {
        id: "",
        rows: &[],
        title: "",
        component: "",
        wanted: &[],
        rule: Rule::Count(Bound::Usual(u64::MAX)),
        what: "",
        unit: "entries",
        advice: "",
        accused: false,
        is_fallback: false,
    };

    /// The classes whose instances it looks at.
    pub fn classes(&self) -> impl Iterator<Item = &'static str> {
        let rows: &'static [Limited] = match self.rule {
            Rule::Limited(rows) => rows,
            _ => &[],
        };
        let of_rows = rows.iter().map(|row| row.class);
        self.wanted.iter().copied().chain(of_rows)
    }
}

/// What a pattern found: a component with its measure.
#[derive(Clone)]
pub struct Finding {
    /// The pattern.
    pub pattern: &'static Pattern,
    /// The component, or one of several.
    pub object: Option<ObjectIndex>,
    /// The objects that hold what was measured: what they retain is the finding's.
    pub extent: Vec<ObjectIndex>,
    /// How many components the finding stands for.
    pub components: u64,
    /// The measured quantity, in the pattern's unit.
    pub measured: Option<u64>,
    /// Its bound, where there is one.
    pub bound: Option<u64>,
    /// Bytes that the component retains, or its extent where that is more.
    pub retained_bytes: u64,
    /// Whether that is normal.
    pub assessment: Assessment,
    /// Whether the bound is the component's own, so that being within it clears what it holds.
    pub bounded: bool,
    /// Bytes that it may come to take at most, where neither that nor its bound is an answer by itself: it is harmless where so
    /// much fits well into the heap.
    pub may_take: Option<u64>,
    /// Whether there are no more than is usual.
    pub few: bool,
    /// What measure and bound count, where that is not what the pattern counts.
    pub unit: Option<&'static str>,
    /// What to change here, where the pattern's advice does not fit what was measured.
    pub advice: Option<&'static str>,
    /// The field that holds the components, where that was looked for.
    pub held_by: Option<String>,
    /// A further fact, such as the class that most entries have; may be empty.
    pub note: String,
}

impl Finding {
    /// Whether there are as many as is usual, but they keep a lot: what the pattern advises against is not what is wrong.
    pub fn is_few_but_large(&self) -> bool {
        self.few && self.assessment == Assessment::Unknown && self.advice.is_none()
    }

    /// Bytes that one component within its bound takes when it is full, by what its units take now; `None` where they are too few to
    /// tell.
    pub fn when_full(&self) -> Option<u64> {
        let (measured, bound) = (self.measured?, self.bound?);
        let tells = measured >= ENOUGH || measured >= bound.div_ceil(2);
        // Of several components only the largest measure is known.
        if self.components != 1 || !tells || !(1..=bound).contains(&measured) {
            return None;
        }
        let full = u128::from(self.retained_bytes) * u128::from(bound) / u128::from(measured);
        Some(u64::try_from(full).unwrap_or(u64::MAX))
    }

    /// What measure and bound count.
    pub fn unit(&self) -> &'static str {
        self.unit.unwrap_or(self.pattern.unit)
    }

    /// What to change.
    pub fn advice(&self) -> &'static str {
        self.advice.unwrap_or(self.pattern.advice)
    }
}

impl std::fmt::Debug for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {:?} of {:?} {}, {} B, {:?}",
            self.pattern.id,
            self.measured,
            self.bound,
            self.unit(),
            self.retained_bytes,
            self.assessment
        )
    }
}

/// Judges `measured` units in `bytes` by `bound`, whose limit is `most`: the assessment, and whether the bound is the
/// component's own.
pub fn judge(bound: Bound, most: Option<u64>, measured: u64, bytes: u64, floor: u64) -> Assessment {
    let Some(most) = most else {
        return Assessment::Unknown;
    };
    let bytes_each = match bound {
        Bound::Usual(_) => {
            return match measured {
                n if n > most => Assessment::Unbounded,
                // Few but large: not the pattern, but not harmless either.
                _ if bytes >= floor => Assessment::Unknown,
                _ => Assessment::ByDesign,
            };
        }
        Bound::Fixed { bytes_each, .. } | Bound::Field { bytes_each, .. } => bytes_each,
    };
    if measured > most {
        Assessment::AboveBound
    } else if bytes > measured.max(1).saturating_mul(bytes_each).max(floor) {
        Assessment::Unknown
    } else {
        Assessment::ByDesign
    }
}

impl Bound {
    /// Whether the component itself sees to it.
    pub fn is_own(self) -> bool {
        !matches!(self, Bound::Usual(_))
    }
}
