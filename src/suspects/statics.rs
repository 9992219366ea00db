//! Which static fields refer to an object.

use rustc_hash::FxHashMap;

use super::application::{Application, Level};
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
        let mut statics = Statics { by_object };
        statics.sort(snapshot, |_| true);
        statics
    }

    /// The same with the fields of the application before all others.
    pub fn of_application(snapshot: &Snapshot<'_>, application: &Application) -> Statics {
        let mut statics = Statics::new(snapshot);
        statics.sort(snapshot, |class| {
            application.level(class) == Level::Application
        });
        statics
    }

    /// Those whose class is `first` first, then by name: the order in the dump is chance.
    fn sort(&mut self, snapshot: &Snapshot<'_>, first: impl Fn(ClassIndex) -> bool) {
        let order = |&(class, name_id): &StaticField| {
            let name = snapshot.classes().get(class).name.clone();
            (!first(class), name, snapshot.name(name_id))
        };
        let several = self.by_object.values_mut();
        for fields in several.filter(|fields| fields.len() > 1) {
            fields.sort_by_cached_key(order);
        }
    }

    /// The static fields that refer to `object`.
    pub fn of(&self, object: ObjectIndex) -> &[StaticField] {
        self.by_object.get(&object).map_or(&[], Vec::as_slice)
    }

    /// The static field of a class that is neither the JDK's nor a collection which refers to `object`; the application's before those of
    /// libraries, then the smallest by name.
    pub fn owner(&self, snapshot: &Snapshot<'_>, object: ObjectIndex) -> Option<StaticField> {
        let own = |field: &&StaticField| naming::is_owner(&snapshot.classes().get(field.0).name);
        self.of(object).iter().find(own).copied()
    }
}
