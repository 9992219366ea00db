//! All objects one after the other, as they lie in the file: for whoever wants the contents of all of them.
//!
//! Asking for one object after the other would read the block around each again and again.

use super::fields::Object;
use super::snapshot::Snapshot;
use crate::hprof::{DamageCode, SubRecord, SubRecords};

/// Bytes of a part, but for a last record that is longer.
const PART: u64 = 16 << 20;
/// Bytes of a block: see [`super::locate`].
const BLOCK: u64 = 8 << 10;

impl<'a> Snapshot<'a> {
    /// In how many parts [`Snapshot::each_object_of`] reads the objects.
    pub fn parts(&self) -> usize {
        self.blocks.all().len().div_ceil(blocks_of_part())
    }

    /// Calls `visit` with the address and the content of every instance and array of part `part`. Class objects are not among them:
    /// [`Snapshot::classes`] has those. Of an identifier that is used twice only the object that counts is visited.
    pub fn each_object_of(&self, part: usize, visit: &mut dyn FnMut(u64, Object<'a>)) {
        let blocks = self.blocks.all();
        let Some(blocks) = blocks.chunks(blocks_of_part()).nth(part) else {
            return;
        };
        let repeated = |damage: &crate::hprof::Damage| damage.code == DamageCode::DuplicateObject;
        let checked = self.damage.iter().any(repeated);
        for block in blocks {
            let (start, end) = (block.start as usize, block.end as usize);
            let mut records = SubRecords::new(self.bytes, start, end, self.header.id_size);
            while let Ok(Some(record)) = records.next() {
                if let Some((address, object)) = self.object_of(record)
                    && (!checked || self.counts(address, &object))
                {
                    visit(address, object);
                }
            }
        }
        self.release_blocks(blocks);
    }

    fn object_of(&self, record: SubRecord<'a>) -> Option<(u64, Object<'a>)> {
        let class = |id: u64, class_id: u64| {
            let dumped = self.classes.find(class_id);
            dumped.or_else(|| Some(self.class_of(self.find(id)?)))
        };
        let found = match record {
            SubRecord::Instance { id, class_id, data } => {
                let class = class(id, class_id)?;
                (id, Object::Instance { class, data })
            }
            SubRecord::ObjectArray {
                id,
                class_id,
                elements,
            } => {
                let class = class(id, class_id)?;
                (id, Object::ObjectArray { class, elements })
            }
            SubRecord::PrimitiveArray {
                id,
                element,
                length,
                data,
            } => {
                let array = Object::PrimitiveArray {
                    element,
                    length,
                    data,
                };
                (id, array)
            }
            _ => return None,
        };
        Some(found).filter(|(id, _)| *id != 0)
    }

    /// Whether it is this object that the address stands for.
    fn counts(&self, address: u64, object: &Object<'_>) -> bool {
        let known = self.find(address).and_then(|index| self.object(index));
        match (known, object) {
            (Some(Object::Instance { data: a, .. }), Object::Instance { data: b, .. })
            | (
                Some(Object::ObjectArray { elements: a, .. }),
                Object::ObjectArray { elements: b, .. },
            )
            | (
                Some(Object::PrimitiveArray { data: a, .. }),
                Object::PrimitiveArray { data: b, .. },
            ) => std::ptr::eq(a, *b),
            _ => false,
        }
    }
}

fn blocks_of_part() -> usize {
    (PART / BLOCK) as usize
}
