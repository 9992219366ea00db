//! Dead space that HotSpot makes look like objects.

use rayon::prelude::*;

use super::class::ClassIndex;
use super::snapshot::Snapshot;
use crate::graph::Strength;
use crate::hprof::FieldType;

impl Snapshot<'_> {
    /// Fillers are dead space that HotSpot makes look like objects: instances of `jdk.internal.vm.FillerObject` and
    /// arrays of class `jdk.internal.vm.FillerElement[]` (JDK 21 and later), which a dump shows as zeroed `int[]` that
    /// nothing refers to. The arrays get their own class back.
    pub(super) fn set_fillers_apart(&mut self) {
        let ints = self.classes.primitive_array(FieldType::Int);
        let objects: Vec<ClassIndex> = self.classes.named("jdk.internal.vm.FillerObject").collect();
        let arrays = self.classes.named("jdk.internal.vm.FillerElement[]").next();
        let is_filler = |&object: &u32| {
            let class = self.class_of(object);
            if class != ints && !objects.contains(&class) {
                return false;
            }
            match self.object(object) {
                Some(super::Object::PrimitiveArray { length, .. }) => {
                    length > 0 && arrays.is_some()
                }
                _ => true,
            }
        };
        let lone: Vec<u32> = self.tree.tops(Strength::NoPath).collect();
        let fillers: Vec<u32> = lone
            .into_par_iter()
            .with_min_len(1 << 10)
            .filter(is_filler)
            .collect();
        for object in fillers {
            self.fillers.add(self.shallow(object));
            if let (true, Some(arrays)) = (self.class_of(object) == ints, arrays) {
                self.class_column.set(object, arrays.0);
                self.tree.set_group(object, arrays.0);
            }
        }
    }
}
