//! Clojure: what keeps things is a var, known by its namespace and its name (`acme.orders/cache`).

use super::holder::{Holder, HolderKind};
use crate::heap::{ClassIndex, ObjectIndex, Snapshot};

/// Characters of a name that are read.
const MOST_NAME: usize = 200;

/// Whether `field` is a static field in which compiled code refers to vars, keywords and literals.
pub fn is_constant(field: &str) -> bool {
    let number = field.strip_prefix("const__");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether `class` is that of a function: its fields are what it captured.
pub fn is_function(snapshot: &Snapshot<'_>, class: ClassIndex) -> bool {
    snapshot.classes().is_a(class, "clojure.lang.AFunction")
}

/// The var `object`, if it is one that has a name and refers to `target`.
pub fn var(snapshot: &Snapshot<'_>, object: ObjectIndex, target: ObjectIndex) -> Option<Holder> {
    let is_var = snapshot.class(object).name == "clojure.lang.Var";
    if !is_var || snapshot.field_object(object, "root") != Some(target) {
        return None;
    }
    let symbol = |symbol: ObjectIndex| {
        let name = snapshot.field_object(symbol, "name")?;
        snapshot.string(name, MOST_NAME)
    };
    let namespace = snapshot.field_object(object, "ns")?;
    let namespace = symbol(snapshot.field_object(namespace, "name")?)?;
    let name = symbol(snapshot.field_object(object, "sym")?)?;
    Some(Holder {
        kind: HolderKind::StaticField,
        class: format!("{namespace}/{name}"),
        field: None,
        thread: None,
        frame: None,
        object: Some(object),
        target,
        by_stack: false,
    })
}
