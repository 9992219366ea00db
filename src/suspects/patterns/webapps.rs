//! Web applications that were stopped and are still there.

use super::context::Context;
use super::loaders::with_classes;
use super::measure::counted_objects;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Tomcat's and Jetty's loaders of web applications that no longer run.
pub const STOPPED: Pattern = Pattern {
    id: "stopped_webapp_loader",
    rows: &[8],
    title: "Class loaders of stopped web applications",
    component: "web application loaders",
    wanted: &[
        "org.apache.catalina.loader.WebappClassLoaderBase",
        "org.apache.catalina.loader.WebappClassLoader",
        "org.eclipse.jetty.webapp.WebAppClassLoader",
        "org.eclipse.jetty.ee.WebAppClassLoader",
    ],
    rule: Rule::Code(stopped),
    unit: "stopped loaders",
    advice: "Look at the path: a thread, a ThreadLocal, a JDBC driver or an MBean of the application outlives it; release them in `contextDestroyed`.",
    ..Pattern::PLAIN
};

fn stopped(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut loaders: Vec<ObjectIndex> = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name))
        .collect();
    loaders.sort_unstable();
    loaders.dedup();
    let Some(&any) = loaders.first() else {
        return Vec::new();
    };
    let stopped: Vec<ObjectIndex> = loaders
        .into_iter()
        .filter(|&loader| is_stopped(context, loader))
        .collect();
    let bound = Bound::Fixed {
        most: 0,
        bytes_each: u64::MAX,
    };
    let measured = stopped.len() as u64;
    let objects = match measured {
        0 => vec![any],
        _ => with_classes(context, stopped),
    };
    let Some(mut found) = counted_objects(context, pattern, bound, objects, measured) else {
        return Vec::new();
    };
    // That no loader is stopped says nothing about what a running one holds.
    found.bounded = false;
    vec![found]
}

/// Tomcat 7 and later keep a life-cycle state, older ones a flag; Jetty has its context's state.
fn is_stopped(context: &Context<'_, '_>, loader: ObjectIndex) -> bool {
    let state = context.heap.follow(loader, "state|_context._state");
    let name = state.and_then(|state| {
        let name = context.heap.follow(state, "name").unwrap_or(state);
        context.heap.string(name, 20)
    });
    match name {
        Some(name) => matches!(
            name.as_str(),
            "STOPPING" | "STOPPED" | "STOPPING_PREP" | "DESTROYING" | "DESTROYED" | "FAILED"
        ),
        None => context.heap.integer(loader, "started") == Some(0),
    }
}
