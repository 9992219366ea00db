//! One large object with several large fields: a server, an engine. That it is large says little; what lies in its fields does.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::content::content;
use super::holder::{Holder, HolderKind};
use super::naming;
use super::transparent::{Role, Transparency};
use crate::heap::{Link, ObjectIndex, Snapshot};
use crate::numbers;

/// Objects that are gone through on the way down to the one that has several large fields.
const MOST_STEPS: usize = 100;
/// References of one object that are read.
const MOST_LINKS: usize = 256;
/// Fields that are listed.
const MOST_FIELDS: usize = 5;
/// Part of an object, in percent, that one field keeps: the way goes on there.
const MOST: u64 = 70;
/// Part of an object, in percent, that a field that is listed keeps at least.
const LEAST: u64 = 10;

/// A field by its title, what it refers to, and the bytes of that.
type Field = (String, ObjectIndex, u64);

/// Objects with several fields of which each is below the floor of suspects.
const MOST_OBJECTS: usize = 20;

/// Objects of the application of which no field keeps `least` bytes, but several fields together, the largest first. `small` are fields with
/// what each keeps.
pub(super) fn with_many_fields<'h>(
    snapshot: &Snapshot<'_>,
    small: impl Iterator<Item = (&'h Holder, u64)>,
    least: u64,
) -> Vec<ObjectIndex> {
    let mut sums: FxHashMap<ObjectIndex, (u64, usize)> = FxHashMap::default();
    for (holder, bytes) in small {
        let is_field = holder.kind == HolderKind::InstanceField && holder.is_application();
        let object = holder.object.filter(|_| is_field);
        if let Some(object) = object.filter(|&object| snapshot.dominates(object, holder.target)) {
            let sum = sums.entry(object).or_default();
            sum.0 = sum.0.saturating_add(bytes);
            sum.1 += 1;
        }
    }
    let large = sums.into_iter();
    let large = large.filter(|&(_, (bytes, fields))| bytes >= least && fields > 1);
    let mut large: Vec<(Reverse<u64>, ObjectIndex)> = large
        .map(|(object, (bytes, _))| (Reverse(bytes), object))
        .collect();
    large.sort_unstable();
    large.truncate(MOST_OBJECTS);
    large.into_iter().map(|(_, object)| object).collect()
}

/// A large field of one object.
pub(super) struct LargeField {
    pub title: String,
    /// What is in it: ` (90 × com.acme.Row)`.
    pub held: String,
    pub bytes: u64,
}

/// The large fields of the object that `target` is or leads to, each with what is in it.
pub(super) fn large_fields(
    snapshot: &Snapshot<'_>,
    transparent: &Transparency,
    target: ObjectIndex,
) -> Vec<LargeField> {
    let fields = fields_of_one(snapshot, transparent, target).into_iter();
    let listed = fields.map(|(title, target, bytes)| {
        let held = content(snapshot, transparent, &snapshot.runs(&[target]));
        let held = match held.objects {
            0 => String::new(),
            objects => format!(" ({} × {})", numbers::count(objects), held.class),
        };
        LargeField { title, held, bytes }
    });
    listed.collect()
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
