//! Class objects that a dump describes twice: as a class and as an instance of `java.lang.Class`.
//!
//! HotSpot writes class objects as CLASS_DUMP only. Exporters (Eclipse MAT of dumps of OpenJ9) and GraalVM's native-image write
//! an instance beside it, with the fields that HotSpot hides. That is one object, not two with one identifier.

use foldhash::{HashMap, HashSet};

use super::class::Classes;
use crate::hprof::{Damage, DamageCode, IdSize, SubRecord, SubRecords, Units};

/// How often a class object was described.
#[derive(Default)]
struct Records {
    classes: u32,
    others: u32,
    /// Instances of `java.lang.Class`: how many, file offset of the first.
    instances: u32,
    offset: u64,
}

/// Takes class objects with one class dump and one instance out of the identifiers that are `repeated`: the instance is read
/// like any other, so that its fields count as references, and the damage that tells of repetitions no longer counts it.
pub fn merge(
    bytes: &[u8],
    units: &Units,
    id: IdSize,
    classes: &Classes,
    repeated: &mut HashMap<u64, u64>,
    damage: &mut Vec<Damage>,
) {
    let mut found: HashMap<u64, Records> = repeated
        .keys()
        .filter(|&&id| classes.find(id).is_some())
        .map(|&id| (id, Records::default()))
        .collect();
    if found.is_empty() {
        return;
    }
    let of_classes: HashSet<u64> = classes
        .named("java.lang.Class")
        .map(|class| classes.get(class).id)
        .collect();
    for &(start, end) in &units.ranges {
        count(bytes, (start, end), id, &of_classes, &mut found);
    }
    let mut merged = 0;
    for (id, records) in found {
        if (records.classes, records.instances, records.others) == (1, 1, 0) {
            repeated.insert(id, records.offset);
            merged += 1;
        }
    }
    let repeated_damage = |damage: &&mut Damage| damage.code == DamageCode::DuplicateObject;
    if let Some(repeated_damage) = damage
        .iter_mut()
        .find(repeated_damage)
        .filter(|_| merged > 0)
    {
        repeated_damage.count = repeated_damage.count.saturating_sub(merged);
        repeated_damage.message = super::scan::repeated_message(repeated_damage.count);
    }
    damage.retain(|damage| damage.code != DamageCode::DuplicateObject || damage.count > 0);
}

fn count(
    bytes: &[u8],
    (start, end): (usize, usize),
    id: IdSize,
    of_classes: &HashSet<u64>,
    found: &mut HashMap<u64, Records>,
) {
    let mut records = SubRecords::new(bytes, start, end, id);
    loop {
        let offset = records.position() as u64;
        let Ok(Some(record)) = records.next() else {
            return;
        };
        let (address, instance) = match record {
            SubRecord::Instance { id, class_id, .. } => (id, of_classes.contains(&class_id)),
            SubRecord::ObjectArray { id, .. }
            | SubRecord::PrimitiveArray { id, .. }
            | SubRecord::Class { id, .. } => (id, false),
            SubRecord::Root(_) | SubRecord::HeapInfo { .. } => continue,
        };
        let Some(known) = found.get_mut(&address) else {
            continue;
        };
        match record {
            SubRecord::Class { .. } => known.classes += 1,
            _ if instance => {
                known.instances += 1;
                known.offset = offset;
            }
            _ => known.others += 1,
        }
    }
}
