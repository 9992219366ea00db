//! Databases: connections, statements and results that nobody closes.

use super::pattern::{Bound, Pattern, Rule};

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
    ],
    rule: Rule::Entries(
        "openStatements|openStatements.list|traceList",
        Bound::Usual(250),
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
        "org.postgresql.jdbc.PgStatement",
        "oracle.jdbc.driver.OracleStatement",
        "com.microsoft.sqlserver.jdbc.SQLServerStatement",
        "org.h2.jdbc.JdbcStatement",
    ],
    rule: Rule::Count(Bound::Usual(10_000)),
    unit: "statements",
    ..OPEN_STATEMENTS
};

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
    ],
    rule: Rule::Entries("rows", Bound::Usual(100_000)),
    unit: "rows",
    advice: "Set a fetch size (MySQL: `useCursorFetch=true`; PostgreSQL: autocommit off) or limit the query.",
    ..OPEN_STATEMENTS
};

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
