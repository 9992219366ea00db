//! Which static fields refer to an object.

use rustc_hash::FxHashMap;

use super::{clojure, naming};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// A static field: class, identifier of the name.
pub type StaticField = (ClassIndex, u64);

/// All static fields by the object they refer to, HotSpot's pseudo-statics and Clojure's constants left out.
pub struct Statics {
    by_object: FxHashMap<ObjectIndex, Vec<StaticField>>,
}

impl Statics {
    /// Collects them. Linear in the static fields of the dump.
    pub fn new(snapshot: &Snapshot<'_>) -> Statics {
        let mut by_object: FxHashMap<ObjectIndex, Vec<StaticField>> = FxHashMap::default();
        for (index, class) in snapshot.classes().iter() {
            for field in &class.dump.statics {
                let Some(object) = field.value.reference().and_then(|id| snapshot.find(id)) else {
                    continue;
                };
                let name = snapshot.name(field.name_id);
                if !name.starts_with('<') && !clojure::is_constant(&name) {
                    by_object
                        .entry(object)
                        .or_default()
                        .push((index, field.name_id));
                }
            }
        }
        Statics { by_object }
    }

    /// The static fields that refer to `object`.
    pub fn of(&self, object: ObjectIndex) -> &[StaticField] {
        self.by_object.get(&object).map_or(&[], Vec::as_slice)
    }

    /// The static field of somebody's own class that refers to `object`; the smallest by name where several do.
    pub fn owner(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> Option<StaticField> {
        let own = |field: &&StaticField| naming::is_owner(&snapshot.classes().get(field.0).name);
        let name = |field: &&StaticField| {
            (
                snapshot.classes().get(field.0).name.clone(),
                snapshot.name(field.1),
            )
        };
        self.of(object).iter().filter(own).min_by_key(name).copied()
    }
}
