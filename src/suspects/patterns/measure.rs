//! The measures that most patterns share: counting instances, and counting the entries of a collection in a field.

use super::context::Context;
use super::pattern::{Assessment, Bound, Finding, Pattern, judge};
use crate::heap::ObjectIndex;

/// The components with what lies at the end of `path`: a collection, or a number of entries.
pub fn entries(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    path: &str,
    bound: Bound,
) -> Vec<Finding> {
    let names = pattern.wanted.iter();
    let of_collections = names.clone().flat_map(|name| holders(context, name, path));
    let of_collections = of_collections.filter_map(|(object, collection)| {
        let measured = context.heap.entries(collection)?;
        let most = limit(context, bound, object, collection);
        let mut extent = shared(context, object, collection);
        extent.push(collection);
        Some(finding(
            context, pattern, bound, most, object, extent, measured,
        ))
    });
    let found: Vec<Finding> = of_collections.collect();
    if !found.is_empty() || path.starts_with('#') {
        return found;
    }
    let objects = names.flat_map(|name| context.readable(name));
    let counted = objects.filter_map(|object| {
        let measured = number(context, object, path)?;
        let most = limit(context, bound, object, object);
        Some(finding(
            context,
            pattern,
            bound,
            most,
            object,
            vec![object],
            measured,
        ))
    });
    counted.collect()
}

/// The number at the end of `path`, or the sum of the numbers in an array.
pub(super) fn number(context: &Context<'_, '_>, object: ObjectIndex, path: &str) -> Option<u64> {
    u64::try_from(context.heap.integer_or_sum(object, path)?).ok()
}

/// The instances of `name`, or its class objects where `path` begins with a static field, each with what lies at the end of
/// `path`.
pub fn holders(
    context: &Context<'_, '_>,
    name: &str,
    path: &str,
) -> Vec<(ObjectIndex, ObjectIndex)> {
    let Some(path) = path.strip_prefix('#') else {
        return context
            .readable(name)
            .into_iter()
            .filter_map(|object| Some((object, context.heap.follow(object, path)?)))
            .collect();
    };
    let (fields, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = context.classes(name).iter().filter_map(|&class| {
        let object = context.heap.class_object(class)?;
        let target = fields
            .split('|')
            .find_map(|field| context.static_of(class, field))?;
        Some((object, context.heap.follow(target, rest)?))
    });
    found.collect()
}

/// The limit that `bound` sets to what `object` holds in `collection`.
pub fn limit(
    context: &Context<'_, '_>,
    bound: Bound,
    object: ObjectIndex,
    collection: ObjectIndex,
) -> Option<u64> {
    match bound {
        Bound::Usual(most) | Bound::Fixed { most, .. } => Some(most),
        Bound::Field { path: "", .. } => context.heap.room(collection),
        // 0 stands for no limit wherever it is a setting.
        Bound::Field { path, .. } => context.heap.number(object, path).filter(|&most| most > 0),
    }
}

/// A finding about `object`, which holds the entries of `collections`.
pub fn sized(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    bound: Bound,
    object: ObjectIndex,
    collections: &[ObjectIndex],
) -> Option<Finding> {
    let measured = collections
        .iter()
        .map(|&collection| context.heap.entries(collection))
        .try_fold(0u64, |sum, entries| Some(sum + entries?))?;
    let most = limit(context, bound, object, *collections.first()?);
    Some(finding(
        context,
        pattern,
        bound,
        most,
        object,
        collections.to_vec(),
        measured,
    ))
}

/// A finding with its judgement.
pub fn finding(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    bound: Bound,
    most: Option<u64>,
    object: ObjectIndex,
    extent: Vec<ObjectIndex>,
    measured: u64,
) -> Finding {
    let extent = context.heap.outermost(&extent);
    let bytes = context.heap.retained_together(&extent);
    // A capacity of `Integer.MAX_VALUE` is none, and so is one of `Long.MAX_VALUE`.
    let most = most.filter(|&most| most != i32::MAX as u64 && most < i64::MAX as u64);
    let assessment = match (most, bound) {
        (None, Bound::Field { .. }) => no_limit(bytes, context.floor),
        _ => judge(bound, most, measured, bytes, context.floor),
    };
    Finding {
        pattern,
        object: Some(object),
        components: 1,
        measured: Some(measured),
        bound: most.filter(|_| bound.is_own()),
        retained_bytes: component_bytes(context, object, &extent, bytes),
        assessment,
        bounded: bound.is_own() && most.is_some(),
        may_take: None,
        few: !bound.is_own() && most.is_some_and(|most| measured <= most),
        advice: None,
        unit: None,
        held_by: None,
        note: String::new(),
        extent,
    }
}

/// A component that could have a bound and has none: harmless while it is small.
pub fn no_limit(bytes: u64, floor: u64) -> Assessment {
    if bytes >= floor {
        Assessment::Unbounded
    } else {
        Assessment::ByDesign
    }
}

/// Entries of `collection` that `object` holds by another field as well: it dominates them, not the collection.
fn shared(
    context: &Context<'_, '_>,
    object: ObjectIndex,
    collection: ObjectIndex,
) -> Vec<ObjectIndex> {
    let heap = context.heap;
    let above = heap.dominator(collection);
    let own = above.is_some_and(|above| object == above || heap.dominates(object, above));
    match own && heap.as_class(object).is_none() {
        true => context.shared(collection),
        false => Vec::new(),
    }
}

/// What the component retains with what it holds. A class object keeps more than the component.
fn component_bytes(
    context: &Context<'_, '_>,
    object: ObjectIndex,
    extent: &[ObjectIndex],
    bytes: u64,
) -> u64 {
    if context.heap.as_class(object).is_some() {
        return bytes;
    }
    let mut all = extent.to_vec();
    all.push(object);
    context.heap.retained_together(&all)
}

/// One finding about all instances of the wanted classes, if there are any.
pub fn counted(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    bound: Bound,
) -> Option<Finding> {
    let mut objects = Vec::new();
    let mut measured = 0;
    for name in pattern.wanted {
        let found = context.instances(name);
        measured += found.count;
        objects.extend(found.objects);
    }
    objects.sort_unstable();
    objects.dedup();
    counted_objects(context, pattern, bound, objects, measured)
}

/// One finding about `measured` things of which `objects` are known, if there are any.
pub fn counted_objects(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    bound: Bound,
    objects: Vec<ObjectIndex>,
    measured: u64,
) -> Option<Finding> {
    let &first = objects.first()?;
    let most = limit(context, bound, first, first);
    let mut found = finding(context, pattern, bound, most, first, objects, measured);
    found.retained_bytes = context.heap.retained_together(&found.extent);
    found.object = (measured == 1).then_some(first);
    Some(found)
}
