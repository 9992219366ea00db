//! Class loaders that were closed or whose web application was stopped, noted at the suspects that keep them or are theirs.

use super::class_loaders::StoppedLoader;
use crate::heap::{ObjectIndex, Snapshot};
use crate::sentence;
use crate::sentence::{Count, Sentence};
use crate::suspects::{HolderKind, Suspect};

/// Which stopped loaders `suspect` keeps, or that its class is of one.
pub fn note(
    snapshot: &Snapshot<'_>,
    stopped: &[StoppedLoader],
    suspect: &Suspect,
) -> Option<Sentence> {
    let of_field = loader_of_field(snapshot, suspect);
    let own = stopped.iter().find(|row| of_field == Some(row.object));
    if let Some(StoppedLoader {
        name, pinned_by, ..
    }) = own
    {
        let pin = pinned_by
            .as_ref()
            .map(|pin| sentence!(": pinned by {}", pin));
        return Some(sentence!(
            "The class is of a loader that was closed or stopped ({}){}.",
            name,
            pin
        ));
    }
    let inside = stopped.iter().filter(|row| {
        let position = snapshot.position(row.object);
        position.is_some_and(|position| suspect.tops.contain(position))
    });
    match inside.count() as u64 {
        0 => None,
        1 => Some(
            "A class loader in it was closed or stopped, and is still there with its classes."
                .into(),
        ),
        many => Some(sentence!(
            "{} class loaders in it were closed or stopped, and are still there with their classes.",
            Count(many)
        )),
    }
}

/// The loader of the class whose static field the holder is.
fn loader_of_field(snapshot: &Snapshot<'_>, suspect: &Suspect) -> Option<ObjectIndex> {
    if suspect.holder.kind != HolderKind::StaticField {
        return None;
    }
    let class = snapshot.as_class(suspect.holder.object?)?;
    snapshot.find(snapshot.classes().get(class).dump.loader_id)
}
