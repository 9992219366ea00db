//! Databases, trees and states that live in the heap by design: what is in them is what was put in.

use super::context::Context;
use super::measure::counted_objects;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Rows, nodes or keys that a store in memory may well have.
const MANY: Bound = Bound::Usual(5_000_000);

/// ZooKeeper's tree of nodes: a server has all of them in memory.
pub const ZOOKEEPER: Pattern = Pattern {
    id: "zookeeper_tree",
    title: "Nodes of ZooKeeper's tree",
    component: "ZooKeeper tree",
    wanted: &["org.apache.zookeeper.server.DataTree"],
    rule: Rule::Entries("nodes", MANY),
    unit: "nodes",
    advice: "ZooKeeper keeps all nodes in memory: count what the clients put there (`mntr`, `zk_znode_count`), use container and TTL nodes, and size the heap for it.",
    ..Pattern::PLAIN
};

/// Tables of H2 and HSQLDB that are kept in memory.
pub const TABLES: Pattern = Pattern {
    id: "in_memory_tables",
    title: "Rows of one table in memory",
    component: "database in memory",
    wanted: &[
        "org.h2.mvstore.MVMap",
        "org.hsqldb.persist.RowStoreAVLMemory",
    ],
    rule: Rule::Entries(
        "root.value.root.totalCount|root.totalCount|elementCount",
        MANY,
    ),
    unit: "rows",
    advice: "The tables are kept in the heap: delete rows that are no longer needed, or keep the database in a file (`CREATE CACHED TABLE`, `jdbc:h2:file:`).",
    ..Pattern::PLAIN
};

/// Statements that HSQLDB has compiled and nobody has closed.
pub const COMPILED: Pattern = Pattern {
    id: "hsqldb_statements",
    rows: &[12],
    title: "Compiled statements of HSQLDB",
    component: "HSQLDB statements",
    wanted: &["org.hsqldb.StatementManager"],
    rule: Rule::Entries("csidMap|statementMap|sqlMap", Bound::Usual(1_000)),
    unit: "statements",
    advice: "Each prepared statement stays until it is closed: close statements (try-with-resources), and bind parameters instead of making ever new texts.",
    ..Pattern::PLAIN
};

/// Keyed state of Flink's heap backend.
pub const FLINK: Pattern = Pattern {
    id: "flink_keyed_state",
    title: "Keys of one state of Flink",
    component: "Flink keyed state",
    wanted: &["org.apache.flink.runtime.state.heap.StateTable"],
    rule: Rule::Entries(
        "keyGroupedStateMaps[].primaryTableSize+incrementalRehashTableSize|state[].primaryTableSize+incrementalRehashTableSize",
        MANY,
    ),
    unit: "keys",
    advice: "State of keys that never come again stays: set a time to live (`StateTtlConfig`), clear state in timers, or use the RocksDB backend.",
    ..Pattern::PLAIN
};

/// Entities of one unit of work of EclipseLink.
pub const UNIT_OF_WORK: Pattern = Pattern {
    id: "eclipselink_unit_of_work",
    rows: &[11],
    title: "Entities in one EclipseLink unit of work",
    component: "EclipseLink unit of work",
    wanted: &["org.eclipse.persistence.internal.sessions.UnitOfWorkImpl"],
    rule: Rule::Entries(
        "cloneMapping.size|cloneToOriginals.size|newObjectsCloneToOriginal.size",
        Bound::Usual(10_000),
    ),
    unit: "entities",
    advice: "Call `flush()` and `clear()` every few hundred entities, use read-only queries, and do not keep entity managers open.",
    ..Pattern::PLAIN
};

/// Objects that a stream remembers so that it can refer to them when they come again.
pub const OBJECT_STREAM: Pattern = Pattern {
    id: "object_output_stream_handles",
    title: "Objects remembered by one ObjectOutputStream",
    component: "ObjectOutputStream",
    wanted: &["java.io.ObjectOutputStream"],
    rule: Rule::Entries("handles", Bound::Usual(10_000)),
    unit: "objects",
    advice: "A stream keeps every object that was written to it: call `reset()` from time to time, or write with `writeUnshared`.",
    ..Pattern::PLAIN
};

/// Channels that are registered with one selector.
pub const SELECTOR_KEYS: Pattern = Pattern {
    id: "selector_keys",
    title: "Channels registered with one Selector",
    component: "Selector",
    wanted: &["sun.nio.ch.SelectorImpl"],
    rule: Rule::Entries("keys", Bound::Usual(10_000)),
    unit: "channels",
    advice: "Each key keeps its channel and its attachment: close channels that are done or idle, limit how many are accepted, and detach what is not needed.",
    ..Pattern::PLAIN
};

/// Scopes of Rhino, each with all standard objects.
pub const RHINO: Pattern = Pattern {
    id: "rhino_scopes",
    rows: &[44],
    title: "Scopes of Rhino",
    component: "Rhino",
    wanted: &["org.mozilla.javascript.ScriptableObject"],
    rule: Rule::Code(scopes),
    unit: "scopes",
    advice: "`initStandardObjects` makes hundreds of objects: make one sealed scope, and give each script a small one with that as its prototype.",
    ..Pattern::PLAIN
};

/// Objects with associated values: `initStandardObjects` gives a scope some, nothing else has any.
fn scopes(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let all = context
        .instances(pattern.wanted[0])
        .objects
        .into_iter()
        .take(MOST_ASKED);
    let is_scope = |&object: &ObjectIndex| {
        context
            .heap
            .field_object(object, "associatedValues")
            .is_some()
    };
    let scopes: Vec<ObjectIndex> = all.filter(is_scope).collect();
    let count = scopes.len() as u64;
    let found = counted_objects(context, pattern, Bound::Usual(100), scopes, count);
    found.into_iter().collect()
}

/// Objects of Rhino that are asked whether they are scopes.
const MOST_ASKED: usize = 1_000_000;
