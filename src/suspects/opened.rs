//! One large object with several large fields: a server, an engine. That it is large says little; what lies in its fields does.

use rustc_hash::FxHashMap;

use super::content::content;
use super::group::Suspect;
use super::holder::{HolderKind, Owners};
use super::merge::merge;
use super::naming;
use super::parts::part;
use super::transparent::{Role, Transparency};
use crate::heap::{Link, ObjectIndex, Snapshot};
use crate::numbers;

/// Objects that are gone through on the way down to the one that has several large fields.
const MOST_STEPS: usize = 100;
/// References of one object that are read.
const MOST_LINKS: usize = 256;
/// Fields that are told.
const MOST_FIELDS: usize = 5;
/// Part of an object, in percent, that one field keeps: the way goes on there.
const MOST: u64 = 70;
/// Part of an object, in percent, that a field which is told keeps at least.
const LEAST: u64 = 10;

/// A field by its title, what it refers to, and the bytes of that.
type Field = (String, ObjectIndex, u64);

/// Objects with several fields of which each is below the floor of suspects.
const MOST_OBJECTS: usize = 20;

/// Objects of which no field keeps `least` bytes, but several fields together: who holds each of them.
pub(super) fn of_many_fields(
    snapshot: &Snapshot<'_>,
    owners: &Owners<'_, '_>,
    transparent: &Transparency,
    all: &[Suspect],
    least: u64,
) -> Vec<Suspect> {
    let mut sums: FxHashMap<ObjectIndex, (u64, usize)> = FxHashMap::default();
    for suspect in all.iter().filter(|suspect| suspect.retained_bytes < least) {
        let holder = &suspect.holder;
        let is_of_one = holder.kind == HolderKind::InstanceField && suspect.holders == 1;
        let Some(object) = holder.object.filter(|_| is_of_one) else {
            continue;
        };
        if holder.is_application() && snapshot.dominates(object, holder.target) {
            let sum = sums.entry(object).or_default();
            sum.0 = sum.0.saturating_add(suspect.retained_bytes);
            sum.1 += 1;
        }
    }
    let mut large: Vec<(std::cmp::Reverse<u64>, ObjectIndex)> = sums
        .into_iter()
        .filter(|&(_, (bytes, fields))| bytes >= least && fields > 1)
        .map(|(object, (bytes, _))| (std::cmp::Reverse(bytes), object))
        .collect();
    large.sort_unstable();
    large.truncate(MOST_OBJECTS);
    let of_object = |(_, object)| {
        let whole = part(snapshot, owners, object);
        merge(snapshot, owners, transparent, vec![whole])
    };
    large.into_iter().map(of_object).collect()
}

/// Tells the large fields of the one object that `suspect` holds, each with what is in it.
pub(super) fn tell_fields(
    snapshot: &Snapshot<'_>,
    transparent: &Transparency,
    suspect: &mut Suspect,
) {
    if suspect.holders > 1 || suspect.grouped || suspect.content.objects > 1 {
        return;
    }
    for (title, target, bytes) in fields_of_one(snapshot, transparent, suspect.holder.target) {
        suspect.inside.retain(|(known, _)| *known != title);
        let held = content(snapshot, transparent, &snapshot.runs(&[target]));
        let title = match held.objects {
            0 => title,
            objects => format!("{title} ({} x {})", numbers::count(objects), held.class),
        };
        suspect.inside.push((title, bytes));
    }
    suspect
        .inside
        .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}

/// The large fields of the first object from `top` down that has several; none where a collection comes first.
fn fields_of_one(
    snapshot: &Snapshot<'_>,
    transparent: &Transparency,
    top: ObjectIndex,
) -> Vec<Field> {
    let mut at = top;
    for _ in 0..MOST_STEPS {
        let class = snapshot.class_of(at);
        let is_thing = matches!(transparent.role(class), Role::Element | Role::Library);
        let whole = snapshot.retained_by_application(at);
        let mut fields = fields(snapshot, at);
        fields.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        match fields.first() {
            Some(&(_, target, bytes)) if at_least(bytes, whole, MOST) => at = target,
            _ if !is_thing || naming::is_jdk(&snapshot.classes().get(class).name) => break,
            _ => {
                fields.retain(|&(_, _, bytes)| at_least(bytes, whole, LEAST));
                fields.truncate(MOST_FIELDS);
                return match fields.len() {
                    0 | 1 => Vec::new(),
                    _ => fields,
                };
            }
        }
    }
    Vec::new()
}

/// The fields of `object` with what it keeps alone by them, each object once.
fn fields(snapshot: &Snapshot<'_>, object: ObjectIndex) -> Vec<Field> {
    let mut links = snapshot.outgoing(object);
    links.truncate(MOST_LINKS);
    let mut found: Vec<Field> = Vec::new();
    for (link, id) in links {
        let (class, name_id) = match link {
            Link::Field {
                declared_by,
                name_id,
            } => (declared_by, name_id),
            Link::Static { class, name_id } => (class, name_id),
            _ => continue,
        };
        let target = snapshot.find(id).filter(|_| id != 0);
        let Some(target) = target.filter(|&at| snapshot.dominator(at) == Some(object)) else {
            continue;
        };
        let class = naming::stable(&snapshot.classes().get(class).name);
        let title = format!("{class}.{}", snapshot.name(name_id));
        found.push((title, target, snapshot.retained_by_application(target)));
    }
    found.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    found.dedup_by_key(|field| field.1);
    found
}

/// Whether `part` is at least so many percent of `whole`.
fn at_least(part: u64, whole: u64, percent: u64) -> bool {
    u128::from(part) * 100 >= u128::from(whole) * u128::from(percent)
}
