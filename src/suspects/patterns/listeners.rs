//! Listeners that were added and never removed.

use super::context::Context;
use super::measure::{finding, holders};
use super::pattern::{Bound, Finding, Pattern, Rule};

/// Class, path of an array or collection of listeners.
const LISTS: &[(&str, &str)] = &[
    (
        "java.util.concurrent.CopyOnWriteArrayList",
        "array|elements",
    ),
    ("javax.swing.event.EventListenerList", "listenerList"),
    ("java.beans.ChangeListenerMap", "map"),
    ("java.util.Observable", "obs"),
    (
        "com.google.common.eventbus.SubscriberRegistry",
        "subscribers",
    ),
];

/// Elements whose class is looked at.
const MOST_ELEMENTS: usize = 1_000;

/// Lists of listeners.
pub const LISTENERS: Pattern = Pattern {
    id: "listeners",
    rows: &[46],
    title: "Listeners in one list",
    component: "listener lists",
    wanted: &[
        LISTS[0].0,
        LISTS[1].0,
        LISTS[2].0,
        LISTS[3].0,
        LISTS[4].0,
        "java.beans.PropertyChangeSupport",
    ],
    rule: Rule::Code(listeners),
    unit: "listeners",
    advice: "Remove listeners when their object is done, or add weak ones.",
    ..Pattern::PLAIN
};

fn listeners(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let lists = LISTS
        .iter()
        .flat_map(|(name, path)| holders(context, name, path));
    let mut all: Vec<Finding> = lists
        .filter_map(|(object, list)| {
            of_list(context, pattern, object, list, context.heap.entries(list)?)
        })
        .collect();
    // The map of a PropertyChangeSupport has one array for all properties, under the key null.
    for (support, table) in holders(context, "java.beans.PropertyChangeSupport", "map.map") {
        for (_, array) in context.heap.pairs(table, MOST_ELEMENTS) {
            let of_array = array.and_then(|array| {
                of_list(
                    context,
                    pattern,
                    support,
                    array,
                    context.heap.array_length(array)?,
                )
            });
            all.extend(of_array);
        }
    }
    all
}

fn of_list(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    object: crate::heap::ObjectIndex,
    list: crate::heap::ObjectIndex,
    count: u64,
) -> Option<Finding> {
    let bound = Bound::Usual(10_000);
    let mut found = finding(
        context,
        pattern,
        bound,
        Some(10_000),
        object,
        vec![list],
        count,
    );
    // A list with few large elements is a list.
    if count <= 10_000 {
        found.assessment = super::Assessment::ByDesign;
    } else if let Some((class, _)) = context.most_common(context.heap.values(list, MOST_ELEMENTS)) {
        found.note = format!("most are {class}");
    }
    Some(found)
}
