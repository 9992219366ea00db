//! TLS sessions: 20,480 for 24 hours unless configured otherwise.

use super::pattern::{Bound, Pattern, Rule};

/// The JDK's session caches, one for clients and one for servers of each context.
pub const SESSION_CACHE: Pattern = Pattern {
    id: "tls_session_cache",
    rows: &[38],
    title: "TLS sessions",
    component: "TLS session cache",
    wanted: &["sun.security.ssl.SSLSessionContextImpl"],
    rule: Rule::Entries(
        "sessionCache.cacheMap",
        Bound::Field {
            path: "sessionCache.maxSize",
            bytes_each: 16 << 10,
        },
    ),
    unit: "sessions",
    advice: "Set `-Djavax.net.ssl.sessionCacheSize` (a thousand is plenty) or `SSLSessionContext.setSessionCacheSize`, and share one `SSLContext`.",
    ..Pattern::PLAIN
};
