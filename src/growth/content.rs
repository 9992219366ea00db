//! What became more of, as the suspects of the last dump say it: where the things that an owner keeps are as many as before and each keeps more
//! (50 channels with longer and longer lists), or where they only wrap what was put in (the elements of a cache). The class rows of all inputs say
//! how many of these there were.

use super::by_class::is_nearly_all;
use super::course::NOISE_BYTES;
use super::model::HolderCourse;
use super::series::Series;

/// Names in `rows` what became more, where their own content did not, or is not what the suspects name.
pub(super) fn name(series: &Series<'_>, rows: &mut [HolderCourse]) {
    let Some((_, last)) = series.ends() else {
        return;
    };
    for row in rows {
        let grew = row
            .grew_bytes
            .is_some_and(|grew| grew >= NOISE_BYTES as i64);
        if !grew {
            continue;
        }
        let is_named = !row.content.class.is_empty() && row.grew_objects != Some(0);
        let title = row.holder.title();
        let mut kept = series.inputs[last].kept.iter();
        let Some(kept) = kept.find(|kept| kept.owner == title) else {
            continue;
        };
        if is_named && row.content.class == kept.class {
            continue;
        }
        let of_input = |i: usize| {
            let input = &series.inputs[i];
            input.objects_of(&kept.class).filter(|_| series.usable[i])
        };
        let objects: Vec<Option<u64>> = (0..series.inputs.len()).map(of_input).collect();
        // A number that is known is not given up for one that is not.
        let mut both = row.objects.iter().zip(&objects);
        if is_named && both.any(|(own, of_kept)| own.is_some() && of_kept.is_none()) {
            continue;
        }
        // Others keep no more than a tenth of them.
        let all = objects[last].unwrap_or(u64::MAX);
        let nearly_all = is_nearly_all(kept.objects, all);
        let became_more = series.difference(&objects).is_none_or(|grew| grew > 0);
        if nearly_all && became_more {
            row.content.class.clone_from(&kept.class);
            row.grew_objects = series.difference(&objects);
            row.interval_objects = series.intervals(&objects);
            row.objects_per_hour = series.per_hour(row.grew_objects);
            row.objects = objects;
        }
    }
}
