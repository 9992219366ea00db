//! What the suspects of a dump add to its inventory.

use std::collections::BTreeMap;

use crate::growth::{self, Bound, Holding, Inventory, Owner, Taken};
use crate::heap::{ObjectIndex, Snapshot};
use crate::suspects::{HolderKind, Level, Owners, Suspect, Suspects};

/// Fields that an inventory lists with what they hold.
const MOST_HOLDINGS: usize = 16;

/// Notes in `inventory` which owners are known to be within which bounds.
pub fn note_bounds(
    inventory: &mut Inventory,
    owners: &Owners<'_, '_>,
    bounds: &[(ObjectIndex, Bound)],
) {
    let mut known: BTreeMap<String, Bound> = BTreeMap::new();
    for &(object, bound) in bounds {
        let (holder, _) = owners.find(object);
        let owner = Owner {
            kind: holder.kind,
            class: growth::names::normal(&holder.class),
            field: holder.field,
            ..Owner::default()
        };
        // Of several components the largest counts: what one of them may still take is not told of all.
        let known = known.entry(owner.signature()).or_insert(bound);
        if bound.measured > known.measured {
            *known = bound;
        }
    }
    for owner in &mut inventory.owners {
        owner.bound = known.get(&owner.signature()).copied();
    }
}

/// Notes in the inventory of `taken` which suspects keep what threads, and fields of libraries or of the JDK, own. A comparison then names the
/// same field as the suspects do.
pub fn note_holdings(snapshot: &Snapshot<'_>, taken: &mut Taken, suspects: &Suspects) {
    let inventory = &mut taken.inventory;
    let targets = inventory.owners.iter().zip(&taken.targets).zip(0..);
    let targets: Vec<(ObjectIndex, u32)> = targets
        .filter(|((owner, _), _)| is_vague(owner))
        .filter_map(|((_, target), number)| Some(((*target)?, number)))
        .collect();
    let holding = |suspect: &Suspect| {
        let field = suspect
            .holder
            .field
            .clone()
            .filter(|_| suspect.holder.is_field())?;
        let of_it = targets
            .iter()
            .filter(|(target, _)| lies_in(snapshot, *target, suspect));
        let owners: Vec<u32> = of_it.map(|&(_, number)| number).collect();
        (!owners.is_empty()).then(|| Holding {
            kind: suspect.holder.kind,
            class: growth::names::normal(&suspect.holder.class),
            field,
            bytes: suspect.retained_bytes,
            owners,
        })
    };
    let holdings = suspects.list.iter().filter_map(holding);
    inventory.holdings = holdings.take(MOST_HOLDINGS).collect();
}

/// Whether the field that a suspect names says more than `owner` does: a developer cannot change a library's field, nor what a thread works
/// with.
fn is_vague(owner: &Owner) -> bool {
    match owner.kind {
        HolderKind::Thread => true,
        HolderKind::InstanceField | HolderKind::StaticField => owner.level != Level::Application,
        _ => false,
    }
}

/// Whether `target` is a part of what `suspect` keeps, or keeps the largest part of it and little besides.
fn lies_in(snapshot: &Snapshot<'_>, target: ObjectIndex, suspect: &Suspect) -> bool {
    let is_around = |&part: &ObjectIndex| {
        snapshot.dominates(target, part) && snapshot.retained(target) / 2 <= suspect.retained_bytes
    };
    suspect.tops.cover(snapshot, target) || suspect.largest.first().is_some_and(is_around)
}
