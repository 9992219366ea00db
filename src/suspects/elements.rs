//! What the collection around holds for each entry, where the classes within it say less.
//!
//! A set of the JDK's keeps a map, a wrapper a list, an executor its locks: by numbers and bytes it is those that there is most of. But
//! whoever filled the collection put sets, wrappers and executors in. And a table with room for many more keeps nothing but itself.

use super::collection::Collection;
use super::naming;
use super::suspect::Suspect;
use super::tally;
use crate::heap::{ClassIndex, Snapshot, Totals};

/// Parts of one element that are of one class, at most: more are what it holds.
const MOST_PARTS: u64 = 8;
/// Elements that are fewer than one of so many entries are not what is put in.
const FEWEST: u64 = 2;

/// Values that weigh one in so many bytes of their keys are what is kept all the same.
const KEYS: u64 = 2;

/// Classes of the JDK that stand for the one thing in them. Collections do as well.
const WRAPPERS: &[&str] = &[
    "java.util.Optional",
    "java.util.AbstractMap$Simple",
    "java.util.KeyValueHolder",
    "java.util.concurrent.atomic.",
    "java.util.concurrent.CompletableFuture",
    "java.util.concurrent.FutureTask",
    "java.lang.ref.",
    "java.lang.ThreadLocal",
    "java.lang.invoke.",
];

/// Ends of names of the JDK's collections, and of views and nodes of them.
const COLLECTIONS: &[&str] = &[
    "Map",
    "List",
    "Set",
    "Queue",
    "Deque",
    "Vector",
    "Stack",
    "Hashtable",
    "Collection",
    "Entry",
    "Node",
    "Properties",
    "Iterator",
    "ListN",
    "List12",
    "SetN",
    "Set12",
    "MapN",
    "Map1",
];

/// Tells what `suspect` holds by the elements of its collection, where they are what it is about.
pub(super) fn describe_elements(snapshot: &Snapshot<'_>, suspect: &mut Suspect) {
    let Some(around) = &suspect.collection else {
        return;
    };
    let table = around.table.clone();
    let table = table.map(|(class, bytes)| (class, Totals { objects: 1, bytes }));
    let found = table.or_else(|| {
        let (class, amount) = elements(snapshot, suspect, around)?;
        Some((class.to_owned(), amount))
    });
    if let Some((class, amount)) = found {
        let content = &mut suspect.content;
        content.class = class;
        content.beside = None;
        (content.objects, content.retained_bytes) = (amount.objects, amount.bytes);
    }
}

/// The class of the elements of `around`, with how many there are below `suspect` and what they keep, if that is what it holds.
fn elements<'c>(
    snapshot: &Snapshot<'_>,
    suspect: &Suspect,
    around: &'c Collection,
) -> Option<(&'c str, Totals)> {
    let content = &suspect.content;
    let class = around.value_class.as_deref()?;
    // Objects of the application or a library, and values, are named as they are already.
    let passed_over = !naming::is_owner(&content.class)
        && naming::is_jdk(class)
        && naming::is_transparent(class)
        && class != "java.lang.Class";
    let few = content.objects <= around.entries.saturating_mul(MOST_PARTS);
    // Of transparent objects there is only known how many there are all over.
    let by_number = naming::is_transparent(&content.class);
    if !passed_over || !few || !by_number && content.class == class {
        return None;
    }
    let found = outermost(snapshot, suspect, class, None);
    // Texts that are no more than the keys may weigh more than what is kept under them.
    let are_keys = around.key_class.as_ref() == Some(&content.class);
    let least = content.retained_bytes / if are_keys { KEYS } else { 1 };
    let matters = found.objects.saturating_mul(FEWEST) >= around.entries
        && found.bytes >= least
        && found.bytes.saturating_mul(5) >= suspect.retained_bytes;
    if !matters || found.objects > around.entries {
        return None;
    }
    // What lies in a wrapper says more than the wrapper; keys beside it do not.
    let is_part = || {
        let both = outermost(snapshot, suspect, class, Some(&content.class));
        both.bytes.saturating_sub(found.bytes) < content.retained_bytes / 2
    };
    (by_number || !is_wrapper(class) || !is_part()).then_some((class, found))
}

/// The objects of `class`, or of `other`, that are outermost below the tops of `suspect` and each no more than one of many.
fn outermost(
    snapshot: &Snapshot<'_>,
    suspect: &Suspect,
    class: &str,
    other: Option<&str>,
) -> Totals {
    let classes = snapshot.classes();
    let others = other.into_iter().flat_map(|other| classes.named(other));
    let wanted: Vec<ClassIndex> = classes.named(class).chain(others).collect();
    let found = tally::outermost(snapshot, &suspect.tops, |top, position| {
        wanted.contains(&snapshot.at(position).1)
            && snapshot.retained_by_application_at(position)
                < snapshot.retained_by_application_at(top).div_ceil(2)
    });
    found
        .values()
        .fold(Totals::default(), |sum, &amount| sum.join(amount))
}

fn is_wrapper(class: &str) -> bool {
    class.ends_with("[]")
        || WRAPPERS.iter().any(|prefix| class.starts_with(prefix))
        || COLLECTIONS.iter().any(|end| class.ends_with(end))
}
