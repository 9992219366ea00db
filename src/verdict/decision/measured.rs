//! What earlier inputs say of the heap and its owners, in words.

use super::candidates::grows_no_longer;
use super::case::Case;
use crate::sentence;
use crate::sentence::{Change, Count, Sentence, Size};
use crate::verdict::clean_name;
use crate::verdict::facts::{Course, HolderGrowth, MeasuredGrowth};

/// That earlier inputs clear the heap, and how far: that is what the outcome rests on.
pub(super) fn stayed(case: &Case) -> Option<Sentence> {
    let growth = case.heap.growth.as_ref()?;
    let grew = Change(growth.grew_bytes.max(0));
    Some(match growth.intervals {
        0 if growth.same_as_histograms.is_some() => {
            "no larger than the class histograms before".into()
        }
        0 => "no larger than the last class histogram before".into(),
        _ if case.growth_to_explain().is_some() => {
            sentence!("it grew by {} from dump to dump", grew)
        }
        intervals if grows_no_longer(case, growth) => match intervals {
            1 => "it grew, but no longer".into(),
            _ => "it did not grow in the last interval".into(),
        },
        intervals => sentence!(
            "it did not grow over {} inputs",
            Count(u64::from(intervals) + 1)
        ),
    })
}

/// An owner that grew: by how much, and to what.
pub(super) fn grew(holder: &HolderGrowth) -> Sentence {
    let now = holder.retained_bytes.last().copied().flatten();
    let now = now.map_or_else(Sentence::default, |bytes| sentence!(" to {}", Size(bytes)));
    let since = match holder.intervals_grown {
        _ if holder.by_class => "since a class histogram".into(),
        0 | 1 => "in one interval".into(),
        n => sentence!("in {} intervals", Count(u64::from(n))),
    };
    sentence!(
        "`{}` grew by {}{}{} {}",
        clean_name(&holder.name),
        if holder.by_class { "at least " } else { "" },
        Change(holder.grew_bytes),
        now,
        since
    )
}

/// What to look at where an owner grew.
pub(super) fn look_at(case: &Case, holder: &HolderGrowth) -> Sentence {
    let name = clean_name(&holder.name);
    if !holder.threads {
        return sentence!(
            "look at `{}`: what adds to it, and what should remove",
            name
        );
    }
    let dump = case.heap.dump.as_deref().unwrap_or("DUMP");
    sentence!(
        "look at `{}`: what starts them, and what should end them (`hprof-suspects threads {}`)",
        name,
        dump
    )
}

/// What clears a holder that earlier inputs know.
pub(super) fn cleared_by(growth: &MeasuredGrowth, holder: &str) -> Sentence {
    let intervals = u64::from(growth.intervals);
    let mut rows = growth.holders.iter();
    let course = rows.find(|row| row.name == holder).map(|row| row.course);
    match (intervals, course) {
        (0, Some(Course::WarmedUp)) => {
            "; the last class histogram before it counts as many of its objects: cleared by measurement"
                .into()
        }
        (0, _) => {
            "; the earlier class histograms count as many of its objects: cleared by measurement"
                .into()
        }
        (1, Some(Course::WarmedUp)) => "; it grew, but no longer: cleared by measurement".into(),
        (_, Some(Course::WarmedUp)) => sentence!(
            "; it grew, but not in the last of {} intervals{}: cleared by measurement",
            Count(intervals),
            time(growth)
        ),
        (_, Some(Course::Peaked)) => sentence!(
            "; it was larger in between, and is no longer ({} inputs{}): cleared by measurement",
            Count(intervals + 1),
            time(growth)
        ),
        _ => sentence!(
            "; it did not grow from dump to dump ({} inputs{}): cleared by measurement",
            Count(intervals + 1),
            time(growth)
        ),
    }
}

/// What earlier inputs say.
pub(super) fn reasons(case: &Case) -> Vec<Sentence> {
    let Some(growth) = case.heap.growth.as_ref() else {
        return Vec::new();
    };
    let intervals = match growth.intervals {
        0 | 1 => "one interval".into(),
        n => sentence!("{} intervals", Count(u64::from(n))),
    };
    let mut found = Vec::new();
    if case.is_compared() {
        found.push(sentence!(
            "from dump to dump the live heap changed by {} in {}{}",
            Change(growth.grew_bytes),
            &intervals,
            time(growth)
        ));
    }
    if let Some(differs) = growth.same_as_histograms {
        found.push(sentence!(
            "the live heap is as large as the earlier class histograms: the totals differ by {} at most",
            Size(differs)
        ));
    } else if let Some(differs) = growth.same_as_last_histogram {
        found.push(sentence!(
            "the live heap is as large as the last class histogram before: the totals differ by {}",
            Size(differs)
        ));
    }
    found.extend(case.grown.iter().map(|holder| match holder.by_class {
        true if holder.threads => sentence!(
            "`{}` are more than all threads in an earlier histogram: they grew by {} at least",
            clean_name(&holder.name),
            Change(holder.grew_bytes)
        ),
        true => sentence!(
            "`{}` keeps more objects now than there were of their class in an earlier histogram: it grew by {} at least",
            clean_name(&holder.name),
            Change(holder.grew_bytes)
        ),
        false => sentence!(
            "`{}` grew by {} in {}{}",
            clean_name(&holder.name),
            Change(holder.grew_bytes),
            match growth.intervals {
                0 | 1 => Sentence::default(),
                _ => sentence!("{} of ", Count(u64::from(holder.intervals_grown))),
            },
            &intervals
        ),
    }));
    found
}

/// ` over 6 h`.
fn time(growth: &MeasuredGrowth) -> Sentence {
    let duration = growth.seconds.map(crate::numbers::duration);
    duration.map_or_else(Sentence::default, |time| sentence!(" over {}", time))
}
