//! Class loaders that were closed or whose web application was stopped, told with the suspects that keep them or are theirs.

use crate::heap::{ObjectIndex, Snapshot};
use crate::report::model::{ClassLoaderRow, Report};
use crate::sentence;
use crate::sentence::Count;
use crate::suspects::{HolderKind, Suspect, Suspects};

/// Tells with each listed suspect of `found` which stopped loaders are part of it, and whose its field is.
pub fn note_at_suspects(snapshot: &Snapshot<'_>, found: &Suspects, report: &mut Report) {
    let rows = report.class_loaders.iter();
    let stopped = rows.filter(|row| row.stopped == Some(true));
    let stopped: Vec<(ObjectIndex, &ClassLoaderRow)> = stopped
        .filter_map(|row| Some((object(snapshot, row)?, row)))
        .collect();
    if stopped.is_empty() {
        return;
    }
    for (suspect, told) in found.list.iter().zip(&mut report.suspects) {
        let of_field = loader_of_field(snapshot, suspect);
        if let Some((_, row)) = stopped.iter().find(|(loader, _)| of_field == Some(*loader)) {
            let pin = row.pinned_by.as_ref();
            told.notes.push(sentence!(
                "The class is of a loader that was closed or stopped ({}){}.",
                &row.name,
                pin.map(|pin| sentence!(": pinned by {}", pin))
            ));
            continue;
        }
        let inside = stopped.iter().filter(|(loader, _)| {
            let position = snapshot.position(*loader);
            position.is_some_and(|position| suspect.tops.contain(position))
        });
        match inside.count() as u64 {
            0 => {}
            1 => told.notes.push(
                "A class loader in it was closed or stopped, and is still there with its classes."
                    .into(),
            ),
            many => told.notes.push(sentence!(
                "{} class loaders in it were closed or stopped, and are still there with their classes.",
                Count(many)
            )),
        }
    }
}

fn object(snapshot: &Snapshot<'_>, row: &ClassLoaderRow) -> Option<ObjectIndex> {
    let digits = row.object_id.as_deref()?.strip_prefix("0x")?;
    snapshot.find(u64::from_str_radix(digits, 16).ok()?)
}

/// The loader of the class whose static field the holder is.
fn loader_of_field(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Option<ObjectIndex> {
    if suspect.holder.kind != HolderKind::StaticField {
        return None;
    }
    let class = snapshot.as_class(suspect.holder.object?)?;
    snapshot.find(snapshot.classes().get(class).dump.loader_id)
}
