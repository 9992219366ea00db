//! Engines that evaluate rules and scripts: each session or context has to be closed.

use super::pattern::{Bound, Pattern, Rule};

/// Drools and jBPM.
pub const DROOLS: Pattern = Pattern {
    id: "drools_sessions",
    rows: &[43],
    title: "Drools sessions",
    component: "Drools sessions",
    wanted: &[
        "org.drools.core.impl.StatefulKnowledgeSessionImpl",
        "org.drools.kiesession.session.StatefulKnowledgeSessionImpl",
        "org.drools.impl.StatefulKnowledgeSessionImpl",
    ],
    rule: Rule::Count(Bound::Usual(200)),
    unit: "sessions",
    advice: "Call `dispose()` when a session is done (in `finally`), or use stateless sessions.",
    ..Pattern::PLAIN
};

/// GraalJS and Nashorn.
pub const ENGINES: Pattern = Pattern {
    id: "script_contexts",
    rows: &[44],
    title: "Contexts of script engines",
    component: "script engines",
    wanted: &[
        "com.oracle.truffle.polyglot.PolyglotContextImpl",
        "jdk.nashorn.internal.runtime.Context",
        "org.openjdk.nashorn.internal.runtime.Context",
        "jdk.nashorn.internal.objects.Global",
        "org.openjdk.nashorn.internal.objects.Global",
    ],
    rule: Rule::Count(Bound::Usual(100)),
    unit: "contexts",
    advice: "Close contexts, share one engine, and keep compiled scripts.",
    ..Pattern::PLAIN
};
