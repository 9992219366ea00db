//! Databases: connections, statements and results that nobody closes.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::{counted, counted_objects, finding};
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Statements that one connection has open in a program that closes them.
const OF_ONE: u64 = 250;
/// Statements that are asked for their connection.
const MOST_ASKED: usize = 100_000;

/// MySQL's list of connections whose resources it frees when they are collected.
pub const MYSQL_CLEANUP: Pattern = Pattern {
    id: "mysql_abandoned_connections",
    rows: &[9],
    title: "MySQL connections to be cleaned up",
    component: "MySQL abandoned connection cleanup",
    wanted: &[
        "com.mysql.cj.jdbc.AbandonedConnectionCleanupThread",
        "com.mysql.jdbc.AbandonedConnectionCleanupThread",
        "com.mysql.jdbc.NonRegisteringDriver",
    ],
    rule: Rule::Entries(
        "#connectionFinalizerPhantomRefs|connectionPhantomRefs",
        Bound::Usual(1_000),
    ),
    unit: "connections",
    advice: "Connections are opened faster than they are collected: close them, use a pool; on undeploy call `AbandonedConnectionCleanupThread.uncheckedShutdown()`.",
    ..Pattern::PLAIN
};

/// Statements that one connection has open.
pub const OPEN_STATEMENTS: Pattern = Pattern {
    id: "jdbc_open_statements",
    rows: &[12],
    title: "Open statements of one connection",
    component: "JDBC connection",
    wanted: &[
        "com.mysql.cj.jdbc.ConnectionImpl",
        "com.mysql.jdbc.ConnectionImpl",
        "org.mariadb.jdbc.Connection",
        "com.microsoft.sqlserver.jdbc.SQLServerConnection",
        "org.h2.engine.SessionLocal",
        "org.apache.commons.dbcp2.AbandonedTrace",
        "com.zaxxer.hikari.pool.ProxyConnection",
        "com.mchange.v2.c3p0.impl.NewPooledConnection",
    ],
    rule: Rule::Entries(
        "openStatements|openStatements.list|traceList|uncachedActiveStatements",
        Bound::Usual(OF_ONE),
    ),
    what: "open",
    unit: "statements",
    advice: "Close statements and result sets (try-with-resources); a connection that stays in a pool keeps what was opened on it.",
    ..Pattern::PLAIN
};

/// Statements of all connections.
pub const STATEMENTS: Pattern = Pattern {
    id: "jdbc_statements",
    rows: &[12],
    title: "JDBC statements",
    component: "JDBC statements",
    wanted: &[
        "com.mysql.cj.jdbc.StatementImpl",
        "com.mysql.jdbc.StatementImpl",
        "org.mariadb.jdbc.Statement",
        "org.mariadb.jdbc.MariaDbStatement",
        "org.postgresql.jdbc.PgStatement",
        "oracle.jdbc.driver.OracleStatement",
        "com.microsoft.sqlserver.jdbc.SQLServerStatement",
        "org.h2.jdbc.JdbcStatement",
    ],
    rule: Rule::Code(|context, pattern| {
        let all = counted(context, pattern, Bound::Usual(10_000));
        all.into_iter().chain(of_one(context, pattern)).collect()
    }),
    unit: "statements",
    ..OPEN_STATEMENTS
};

/// The connection with the most statements, where they are more than one has open: most drivers keep no list of them.
fn of_one(context: &Context<'_, '_>, pattern: &'static Pattern) -> Option<Finding> {
    let mut by_connection: BTreeMap<ObjectIndex, Vec<ObjectIndex>> = BTreeMap::new();
    for name in pattern.wanted {
        let statements = context.instances(name).objects.into_iter();
        for statement in statements.take(MOST_ASKED) {
            if let Some(connection) = context.heap.follow(statement, "connection|conn") {
                by_connection.entry(connection).or_default().push(statement);
            }
        }
    }
    let of = |&(_, statements): &(&ObjectIndex, &Vec<ObjectIndex>)| statements.len();
    let (&connection, statements) = by_connection.iter().max_by_key(of)?;
    let measured = statements.len() as u64;
    let bound = Bound::Usual(OF_ONE);
    let pattern = &OPEN_STATEMENTS;
    let mut found = counted_objects(context, pattern, bound, statements.clone(), measured)?;
    found.object = Some(connection);
    (measured > OF_ONE).then_some(found)
}

/// A result with all its rows in memory.
pub const ROWS: Pattern = Pattern {
    id: "jdbc_result_rows",
    rows: &[12],
    title: "Rows of one query result in memory",
    component: "JDBC result",
    wanted: &[
        "com.mysql.cj.protocol.a.result.ResultsetRowsStatic",
        "com.mysql.jdbc.RowDataStatic",
        "org.postgresql.jdbc.PgResultSet",
        "org.h2.result.LocalResult",
        "org.mariadb.jdbc.internal.com.read.resultset.SelectResultSet",
    ],
    rule: Rule::Code(rows),
    unit: "rows",
    advice: "Set a fetch size (MySQL: `useCursorFetch=true`; PostgreSQL: autocommit off) or limit the query.",
    ..OPEN_STATEMENTS
};

fn rows(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let results = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name));
    let found = results.filter_map(|result| {
        let rows = context.heap.follow(result, "rows|data")?;
        // MariaDB's rows lie in an array that has room for more.
        let filled = context.heap.number(result, "dataSize");
        let measured = filled.or_else(|| context.heap.entries(rows))?;
        let (bound, most) = (Bound::Usual(100_000), Some(100_000));
        let extent = vec![rows];
        Some(finding(
            context, pattern, bound, most, result, extent, measured,
        ))
    });
    found.collect()
}

/// Connection pools: one for each database is normal, one for each request is not.
pub const POOLS: Pattern = Pattern {
    id: "connection_pools",
    rows: &[13],
    title: "JDBC connection pools",
    component: "connection pools",
    wanted: &[
        "com.zaxxer.hikari.pool.HikariPool",
        "org.apache.commons.dbcp.BasicDataSource",
        "org.apache.commons.dbcp2.BasicDataSource",
        "org.apache.tomcat.jdbc.pool.ConnectionPool",
        "com.mchange.v2.c3p0.impl.C3P0PooledConnectionPool",
    ],
    rule: Rule::Count(Bound::Usual(50)),
    unit: "pools",
    advice: "Make one DataSource for each database and share it; close those that are replaced.",
    ..Pattern::PLAIN
};
