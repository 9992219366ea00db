//! Packages: which belong together, and which are those of well-known libraries. Names decide where no place does.

/// Beginnings of names of libraries and frameworks that many programs use. They only matter where the place of a class does not tell:
/// in archives that hold application and libraries together, in native images, on Android, in dumps without contents.
const WELL_KNOWN: &[&str] = &[
    "akka.",
    "android.",
    "androidx.",
    "bsh.",
    "ch.qos.logback.",
    "clojure.",
    "com.alibaba.druid.",
    "com.amazonaws.",
    "com.android.",
    "com.codahale.",
    "com.datastax.",
    "com.esotericsoftware.",
    "com.fasterxml.",
    "com.github.benmanes.",
    "com.google.",
    "com.hazelcast.",
    "com.ibm.",
    "com.lmax.",
    "com.microsoft.",
    "com.mongodb.",
    "com.mysql.",
    "com.netflix.",
    "com.oracle.",
    "com.rabbitmq.",
    "com.squareup.",
    "com.sun.",
    "com.thoughtworks.",
    "com.typesafe.",
    "com.zaxxer.",
    "dalvik.",
    "datadog.",
    "freemarker.",
    "groovy.",
    "groovyjarjar",
    "io.confluent.",
    "io.grpc.",
    "io.jaegertracing.",
    "io.lettuce.",
    "io.micrometer.",
    "io.micronaut.",
    "io.netty.",
    "io.opentelemetry.",
    "io.opentracing.",
    "io.projectreactor.",
    "io.prometheus.",
    "io.quarkus.",
    "io.reactivex.",
    "io.smallrye.",
    "io.undertow.",
    "io.vertx.",
    "it.unimi.dsi.",
    "jakarta.",
    "javassist.",
    "javax.",
    "kotlin.",
    "kotlinx.",
    "libcore.",
    "net.bytebuddy.",
    "net.sf.",
    "okhttp3.",
    "okio.",
    "oracle.",
    "org.agrona.",
    "org.antlr.",
    "org.apache.",
    "org.aspectj.",
    "org.bouncycastle.",
    "org.codehaus.",
    "org.eclipse.",
    "org.ehcache.",
    "org.elasticsearch.",
    "org.glassfish.",
    "org.graalvm.",
    "org.h2.",
    "org.hibernate.",
    "org.hsqldb.",
    "org.infinispan.",
    "org.jboss.",
    "org.jctools.",
    "org.jetbrains.",
    "org.joda.",
    "org.jruby.",
    "org.junit.",
    "org.keycloak.",
    "org.mariadb.",
    "org.mockito.",
    "org.mozilla.",
    "org.objectweb.",
    "org.osgi.",
    "org.postgresql.",
    "org.python.",
    "org.quartz.",
    "org.reactivestreams.",
    "org.slf4j.",
    "org.springframework.",
    "org.thymeleaf.",
    "org.w3c.",
    "org.wildfly.",
    "org.xerial.",
    "org.xml.",
    "org.yaml.",
    "play.",
    "reactor.",
    "redis.clients.",
    "retrofit2.",
    "rx.",
    "scala.",
    "software.amazon.",
];

/// Parts of the names of packages into which a build moves the classes of libraries.
const MOVED: &[&str] = &[
    ".shaded.",
    ".shadow.",
    ".repackaged.",
    ".relocated.",
    ".vendor.",
];

/// First segments that say where an organisation is, not which: the second one does.
const PLACES: &[&str] = &[
    "app", "biz", "com", "dev", "edu", "gov", "info", "net", "org",
];
/// Hosts of projects: the third segment says whose.
const HOSTS: &[&str] = &[
    "com.github",
    "com.gitlab",
    "io.github",
    "io.gitlab",
    "org.example",
];

/// Whether `class` is one of a well-known library.
pub(super) fn is_well_known(class: &str) -> bool {
    WELL_KNOWN.iter().any(|prefix| class.starts_with(prefix))
        || MOVED.iter().any(|part| class.contains(part))
}

/// The beginning of the package of `class` that says whose it is: `com.acme` of `com.acme.shop.Cart`, `shop` of `shop.cart.Cart`.
/// `None` in the unnamed package.
pub(super) fn root(class: &str) -> Option<&str> {
    let (package, _) = class.rsplit_once('.')?;
    let ends: Vec<usize> = package
        .match_indices('.')
        .map(|(at, _)| at)
        .chain([package.len()])
        .take(3)
        .collect();
    let first = &package[..ends[0]];
    // Two letters are a country.
    let place = PLACES.contains(&first) || first.len() == 2;
    let two = ends.get(1).map_or(package, |&end| &package[..end]);
    let segments = match place {
        true if HOSTS.contains(&two) => 3,
        true => 2,
        false => 1,
    };
    let end = ends.get(segments - 1).copied();
    Some(&package[..end.unwrap_or(package.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_package_says_whose_it_is() {
        for (class, expected) in [
            ("com.acme.shop.Cart", Some("com.acme")),
            ("com.acme.Main", Some("com.acme")),
            ("com.Main", Some("com")),
            ("shop.audit.Main$Trail", Some("shop")),
            ("io.github.ann.tool.Main", Some("io.github.ann")),
            ("de.acme.a.b.C", Some("de.acme")),
            ("Main", None),
        ] {
            assert_eq!(root(class), expected, "{class}");
        }
    }

    #[test]
    fn moved_classes_are_the_libraries() {
        assert!(is_well_known("com.acme.shaded.com.google.common.Cache"));
        assert!(is_well_known("org.apache.catalina.Session"));
        assert!(!is_well_known("com.acme.Cart"));
    }
}
