//! Clients that are expensive and made to be shared.

use super::context::Context;
use super::measure::{counted_objects, finding};
use super::pattern::{Bound, Finding, Pattern, Rule};

/// `java.net.http.HttpClient`: each has a thread that keeps it alive.
pub const JDK_HTTP: Pattern = Pattern {
    id: "jdk_http_clients",
    rows: &[39],
    title: "java.net.http.HttpClients",
    component: "JDK HttpClient",
    wanted: &["jdk.internal.net.http.HttpClientImpl"],
    rule: Rule::Count(Bound::Usual(50)),
    unit: "clients",
    advice: "Share one client; from JDK 21 on `close()` those that are no longer needed.",
    ..Pattern::PLAIN
};

/// OkHttp: connection pools, since derived clients share theirs.
pub const OKHTTP: Pattern = Pattern {
    id: "okhttp_clients",
    rows: &[40],
    title: "OkHttp connection pools",
    component: "OkHttp",
    wanted: &["okhttp3.ConnectionPool", "okhttp3.OkHttpClient"],
    rule: Rule::Code(|context, pattern| {
        let [pools, clients] = [0, 1].map(|i| context.instances(pattern.wanted[i]));
        // A client keeps more than its pool: both are what is held.
        let objects = [pools.objects, clients.objects].concat();
        let found = counted_objects(context, pattern, Bound::Usual(50), objects, pools.count);
        found.into_iter().collect()
    }),
    unit: "pools",
    advice: "Share one `OkHttpClient` (derive others with `newBuilder()`), and close response bodies.",
    ..Pattern::PLAIN
};

/// Apache HttpClient 4 and 5.
pub const APACHE: Pattern = Pattern {
    id: "apache_http_clients",
    title: "Connection managers of Apache HttpClient",
    component: "Apache HttpClient",
    wanted: &[
        "org.apache.http.impl.conn.PoolingHttpClientConnectionManager",
        "org.apache.http.impl.nio.conn.PoolingNHttpClientConnectionManager",
        "org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager",
        "org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager",
    ],
    rule: Rule::Count(Bound::Usual(50)),
    unit: "managers",
    advice: "Share one client, and close clients and responses.",
    ..OKHTTP
};

/// Connections in use that are usual; a thread uses one.
const LEASED: u64 = 200;

/// What Apache HttpClient has lent and not got back.
pub const LEASED_CONNECTIONS: Pattern = Pattern {
    id: "http_connections_leased",
    rows: &[40],
    title: "Connections of Apache HttpClient that were not given back",
    component: "Apache HttpClient",
    wanted: &[
        "org.apache.http.pool.AbstractConnPool",
        "org.apache.hc.core5.pool.StrictConnPool",
    ],
    rule: Rule::Code(leased),
    what: "leased",
    unit: "connections",
    advice: "Responses are not closed or not read to their end: close each (try-with-resources), consume its entity, or use a response handler.",
    ..Pattern::PLAIN
};

fn leased(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let pools = pattern
        .wanted
        .iter()
        .flat_map(|name| context.readable(name));
    let most = LEASED.max(context.heap.threads().len() as u64);
    let found = pools.filter_map(|pool| {
        let measured = context.heap.entries(context.heap.follow(pool, "leased")?)?;
        let (bound, extent) = (Bound::Usual(most), vec![pool]);
        let mut found = finding(context, pattern, bound, Some(most), pool, extent, measured);
        if let Some(total) = context.heap.number(pool, "maxTotal") {
            found.note = format!("{measured} leased of at most {total}");
        }
        Some(found)
    });
    found.collect()
}

/// JAXB: a context generates classes.
pub const JAXB: Pattern = Pattern {
    id: "jaxb_contexts",
    rows: &[41],
    title: "JAXB contexts",
    component: "JAXBContext",
    wanted: &[
        "com.sun.xml.bind.v2.runtime.JAXBContextImpl",
        "com.sun.xml.internal.bind.v2.runtime.JAXBContextImpl",
        "org.glassfish.jaxb.runtime.v2.runtime.JAXBContextImpl",
        "org.eclipse.persistence.jaxb.JAXBContext",
    ],
    rule: Rule::Count(Bound::Usual(100)),
    unit: "contexts",
    advice: "Make one `JAXBContext` for each set of classes and keep it (it is thread-safe).",
    ..Pattern::PLAIN
};

/// Jersey clients.
pub const JERSEY: Pattern = Pattern {
    id: "jersey_clients",
    rows: &[42],
    title: "Jersey clients",
    component: "Jersey client",
    wanted: &["org.glassfish.jersey.client.ClientRuntime"],
    rule: Rule::Count(Bound::Usual(50)),
    unit: "clients",
    advice: "Share one `Client`, close those that are replaced, and upgrade Jersey.",
    ..Pattern::PLAIN
};

/// HK2, Jersey's injection: values by thread.
pub const HK2: Pattern = Pattern {
    id: "hk2_thread_locals",
    title: "HK2 values by thread",
    component: "HK2",
    wanted: &[
        "org.jvnet.hk2.internal.Hk2ThreadLocal",
        "org.glassfish.hk2.utilities.general.Hk2ThreadLocal",
    ],
    rule: Rule::Entries("locals", Bound::Usual(10_000)),
    unit: "threads",
    advice: "Entries of ended threads are not removed: upgrade Jersey and HK2.",
    ..JERSEY
};
