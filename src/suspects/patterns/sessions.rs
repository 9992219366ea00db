//! HTTP sessions: they are kept until they time out.

use super::context::Context;
use super::measure::{holders, sized};
use super::pattern::{Assessment, Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;

/// Sessions that are asked for their timeout.
const MOST_SESSIONS: usize = 1_000;

/// After how much time without a request a session ends; less than nothing stands for never.
const INTERVALS: &str = "maxInactiveInterval|_sessionData._maxInactiveMs|maxInactiveInterval.seconds|maxIdleTime.seconds";

/// Class, path of the sessions.
const STORES: &[(&str, &str)] = &[
    ("org.apache.catalina.session.ManagerBase", "sessions"),
    (
        "org.springframework.session.MapSessionRepository",
        "sessions",
    ),
    (
        "org.springframework.security.core.session.SessionRegistryImpl",
        "sessionIds|principals",
    ),
    (
        "org.springframework.security.oauth2.client.oidc.session.InMemoryOidcSessionRegistry",
        "sessions",
    ),
    (
        "org.eclipse.jetty.server.session.DefaultSessionCache",
        "_sessions",
    ),
    ("org.eclipse.jetty.session.DefaultSessionCache", "_sessions"),
    (
        "io.undertow.server.session.InMemorySessionManager",
        "sessions",
    ),
    (
        "org.springframework.web.server.session.InMemoryWebSessionStore",
        "sessions",
    ),
];

/// Sessions of a web application.
pub const SESSIONS: Pattern = Pattern {
    id: "http_sessions",
    rows: &[37],
    title: "HTTP sessions",
    component: "HTTP sessions",
    wanted: &[
        STORES[0].0,
        STORES[1].0,
        STORES[2].0,
        STORES[3].0,
        STORES[4].0,
        STORES[5].0,
        STORES[6].0,
        STORES[7].0,
    ],
    rule: Rule::Code(sessions),
    unit: "sessions",
    advice: "Shorten the timeout, do not create sessions for robots and API calls, keep less in each; remove sessions from registries when they end.",
    ..Pattern::PLAIN
};

fn sessions(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let stores = STORES
        .iter()
        .flat_map(|(name, path)| holders(context, name, path));
    let found = stores.filter_map(|(store, map)| {
        let path = "maxSessions|maxActiveSessions";
        let bound = match context.heap.number(store, path) {
            Some(most) if (1..i32::MAX as u64).contains(&most) => Bound::Field {
                path,
                bytes_each: u64::MAX,
            },
            _ => Bound::Usual(10_000),
        };
        let mut found = sized(context, pattern, bound, store, &[map])?;
        // What a registry has by session and by user is in neither of its maps alone.
        found.extent = context.heap.outermost(&[store, map]);
        let sample = context.heap.values(map, MOST_SESSIONS);
        let interval = |&session: &ObjectIndex| context.heap.integer(session, INTERVALS);
        let intervals: Vec<i64> = sample.iter().filter_map(interval).collect();
        let endless = intervals.iter().filter(|&&interval| interval < 0).count();
        let ending = intervals.iter().filter(|&&interval| interval > 0).count();
        if endless > 0 {
            found.note = format!("{endless} of {} never time out", sample.len());
        } else if ending > sample.len() / 2 && found.assessment == Assessment::Unbounded {
            // Their time bounds them, and how many there are in that time is for the users to say.
            found.assessment = Assessment::Unknown;
            "they time out".clone_into(&mut found.note);
        }
        Some(found)
    });
    found.collect()
}
