//! Caches of the JDK and Spring by class: they keep the class loader of what they know.

use super::pattern::{Bound, Pattern, Rule};

/// `java.beans.Introspector`.
pub const BEAN_INFO: Pattern = Pattern {
    id: "introspector_cache",
    rows: &[31],
    title: "Bean information kept by the Introspector",
    component: "Introspector",
    wanted: &["java.beans.ThreadGroupContext"],
    rule: Rule::Entries("beanInfoCache.map|beanInfoCache", Bound::Usual(10_000)),
    unit: "classes",
    advice: "Call `Introspector.flushCaches()` when an application is stopped.",
    ..Pattern::PLAIN
};

/// Spring's own.
pub const SPRING_INTROSPECTION: Pattern = Pattern {
    id: "spring_introspection_cache",
    title: "Bean information kept by Spring",
    component: "CachedIntrospectionResults",
    wanted: &["org.springframework.beans.CachedIntrospectionResults"],
    rule: Rule::Entries("#strongClassCache", Bound::Usual(20_000)),
    advice: "Classes are generated again and again, or a stopped application is still registered: register Spring's `IntrospectorCleanupListener`.",
    ..BEAN_INFO
};

/// `ResourceBundle`.
pub const RESOURCE_BUNDLES: Pattern = Pattern {
    id: "resource_bundle_cache",
    rows: &[32],
    title: "Resource bundles kept by the JDK",
    component: "ResourceBundle",
    wanted: &["java.util.ResourceBundle"],
    rule: Rule::Entries("#cacheList", Bound::Usual(10_000)),
    unit: "bundles",
    advice: "Bundles are requested with ever new names, locales or modules: use a fixed set, and call `ResourceBundle.clearCache` when an application is stopped.",
    ..Pattern::PLAIN
};
