//! Which classes are whose: the JDK's, transparent ones, values, or those of the application and of libraries.

/// Packages of the JDK.
const JDK: &[&str] = &[
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "jrockit.",
    "oracle.jrockit.",
];

/// Collections and caches of libraries: they hold for somebody else. Matched anywhere in a name, since they get shaded.
const LIBRARY_TRANSPARENT: &[&str] = &[
    "com.google.common.collect.",
    "com.google.common.cache.",
    "com.github.benmanes.caffeine.cache.",
    "it.unimi.dsi.fastutil.",
    "org.eclipse.collections.",
    "gs.collections.",
    "scala.collection.",
    "kotlin.collections.",
    "clojure.lang.",
    "clojure.core$",
    "gnu.trove.",
    "com.carrotsearch.hppc.",
    "org.agrona.collections.",
    "org.jctools.",
    // OpenTelemetry and others relocate it without its `org.`.
    "shaded.jctools.",
    "reactor.util.concurrent.",
    "reactor.core.publisher.FluxReplay$UnboundedReplayBuffer",
    "reactor.core.publisher.FluxReplay$SizeBoundReplayBuffer",
    "org.apache.kafka.common.utils.CopyOnWriteMap",
    "org.apache.kafka.clients.producer.internals.IncompleteBatches",
    "org.hibernate.internal.util.collections.",
    "org.apache.commons.collections.",
    "org.apache.commons.collections4.",
    "io.netty.util.collection.",
    "net.sf.ehcache.store.chm.",
    "org.ehcache.impl.internal.concurrent.",
    "org.ehcache.impl.internal.store.heap.SimpleBackend",
    "io.netty.util.internal.shaded.",
    "io.netty.util.internal.InternalThreadLocalMap",
    "io.netty.util.internal.UnpaddedInternalThreadLocalMap",
    "org.springframework.util.ConcurrentReferenceHashMap",
    "org.springframework.util.LinkedMultiValueMap",
    "org.springframework.util.ConcurrentLruCache",
    "org.cliffc.high_scale_lib.",
    "com.googlecode.concurrentlinkedhashmap.",
    "io.reactivex.rxjava3.operators.Spsc",
    "io.reactivex.rxjava3.internal.queue.",
    "io.reactivex.internal.queue.",
    "com.zaxxer.hikari.util.FastList",
    "com.fasterxml.jackson.databind.util.LRUMap",
    "com.fasterxml.jackson.databind.util.internal.PrivateMaxEntriesMap",
    "org.apache.el.util.ConcurrentCache",
    "org.apache.tomcat.util.collections.ConcurrentCache",
    "kotlin.Lazy",
    "kotlin.SynchronizedLazyImpl",
];

/// Classes of the JDK that hold for somebody else.
const JDK_TRANSPARENT: &[&str] = &[
    "java.util.",
    "java.lang.ref.",
    "java.lang.ThreadLocal",
    "java.lang.InheritableThreadLocal",
    "java.lang.Thread",
    "java.lang.Class",
    "java.lang.ClassLoader",
    "java.lang.ClassValue",
    "java.net.URLClassLoader",
    "java.lang.invoke.",
    "jdk.internal.loader.",
    "jdk.internal.misc.TerminatingThreadLocal",
    "jdk.internal.misc.CarrierThreadLocal",
    "sun.misc.Launcher",
    "java.beans.",
    "com.sun.beans.",
];

/// Classes of `java.util` that are values, not collections.
const VALUES: &[&str] = &[
    "java.util.UUID",
    "java.util.Date",
    "java.util.Locale",
    "java.util.Currency",
    "java.util.BitSet",
    "java.util.GregorianCalendar",
    "java.util.zip.",
    "java.util.jar.",
    "java.util.regex.",
    "java.util.logging.",
    "java.util.ResourceBundle",
    "java.util.Timer",
];

/// Whether `class` belongs to the JDK. Arrays belong to whoever owns their elements.
pub fn is_jdk(class: &str) -> bool {
    let element = class.trim_end_matches("[]");
    JDK.iter().any(|prefix| element.starts_with(prefix))
        || !element.contains('.') && class.ends_with("[]") && is_primitive(element)
}

/// Whether `name` is a primitive type.
pub fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "boolean" | "char" | "float" | "double" | "byte" | "short" | "int" | "long"
    )
}

/// Whether objects of `class` only hold things for somebody else: collections, their nodes, arrays of references,
/// references, loaders, threads' maps.
pub fn is_transparent(class: &str) -> bool {
    if let Some(element) = class.strip_suffix("[]") {
        return !is_primitive(element);
    }
    if VALUES.iter().any(|prefix| class.starts_with(prefix)) {
        return false;
    }
    // `<stack frame>`, `<method>`: what Eclipse MAT makes up when it exports a dump of OpenJ9.
    class.starts_with('<')
        || JDK_TRANSPARENT
            .iter()
            .any(|prefix| class.starts_with(prefix))
        || LIBRARY_TRANSPARENT.iter().any(|part| class.contains(part))
}

/// Whether `class` is that of a loader that is there as long as the JVM: everything lies below one of them.
pub fn is_built_in_loader(class: &str) -> bool {
    let prefixes = ["jdk.internal.loader.ClassLoaders$", "sun.misc.Launcher$"];
    prefixes.iter().any(|prefix| class.starts_with(prefix))
}

/// Whether `class` is that of a thread of the JVM's own that handles references. It may be in the middle of something of the
/// application's: that is how things happen to be reached, not what keeps them.
pub fn is_reference_thread(class: &str) -> bool {
    matches!(
        class,
        "java.lang.ref.Finalizer$FinalizerThread" | "java.lang.ref.Reference$ReferenceHandler"
    )
}

/// Whether a field of `class` can be the fault of the application or a library: not the JDK's, not transparent.
pub fn is_owner(class: &str) -> bool {
    !is_jdk(class) && !is_transparent(class) && !class.ends_with("[]")
}

/// Whether `field` is what a lambda, a local or an inner class captured, the object around it included: the code that runs, not a
/// place to keep things.
pub fn is_capture(field: &str) -> bool {
    ["arg$", "val$", "this$"]
        .iter()
        .any(|prefix| field.starts_with(prefix))
}

/// Hexadecimal digits that are a hash at the end of a name; shorter ones may be a word.
const HASH_DIGITS: usize = 16;

/// The name without what changes from run to run or from build to build: addresses of hidden classes, numbers of lambdas
/// (JDK 8 to 14), the hashes of their content that GraalVM's native-image appends.
pub fn stable(class: &str) -> String {
    let marks = ["+0x", "/0x", "@0x", ".0x"].iter();
    let lambda = class.find(LAMBDA).map(|at| at + LAMBDA.len());
    let cut = marks
        .filter_map(|mark| class.find(mark))
        .chain(lambda)
        .min();
    let name = cut.map_or(class, |at| &class[..at]);
    let base = name.trim_end_matches(|c: char| c.is_ascii_hexdigit());
    let hashed = name.len() - base.len() >= HASH_DIGITS;
    match base.strip_suffix(['$', '_', '.']).filter(|_| hashed) {
        Some(base) => base.to_owned(),
        None => name.to_owned(),
    }
}

/// Whether `class` is that of a lambda or method reference.
pub fn is_lambda(class: &str) -> bool {
    class.contains(LAMBDA)
}

/// What every compiler puts into the names of lambdas; what follows is generated.
const LAMBDA: &str = "$$Lambda";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose() {
        assert!(is_jdk("java.util.HashMap") && is_jdk("byte[]") && is_jdk("java.lang.String[][]"));
        assert!(
            !is_jdk("com.acme.Order") && !is_jdk("com.acme.Order[]") && !is_jdk("javassist.Foo")
        );
        assert!(
            is_transparent("java.util.HashMap$Node[]")
                && is_transparent("com.acme.Order[]")
                && !is_transparent("byte[]")
        );
        assert!(
            is_transparent("shaded.com.google.common.cache.LocalCache$Segment")
                && !is_transparent("java.util.UUID")
        );
        assert!(
            is_owner("com.acme.Cache")
                && !is_owner("java.util.Timer")
                && !is_owner("com.acme.Order[]")
        );
        assert_eq!(stable("a.B$$Lambda+0x00007f01"), "a.B$$Lambda");
        assert_eq!(stable("a.B$$Lambda$14"), "a.B$$Lambda");
        assert_eq!(stable("a.B$$Lambda$7ad16f47b695d909"), "a.B$$Lambda");
        assert_eq!(stable("a.Proxy_0011223344556677"), "a.Proxy");
        assert_eq!(stable("a.Cafe$Decade"), "a.Cafe$Decade");
        assert!(!is_owner("<stack frame>"));
    }
}
