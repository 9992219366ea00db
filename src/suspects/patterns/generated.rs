//! Classes that are made while the program runs. Each has its metadata outside the heap and, often, a class loader inside.

use std::collections::BTreeMap;

use super::context::Context;
use super::measure::counted_objects;
use super::pattern::{Bound, Finding, Pattern, Rule};
use crate::heap::ObjectIndex;
use crate::heap::collections::simple;

/// Accessor classes that reflection makes up to JDK 17, each with its own loader.
pub const REFLECTION: Pattern = Pattern {
    id: "reflection_inflation",
    rows: &[33],
    title: "Accessor classes of reflection",
    component: "reflection accessors",
    wanted: &[],
    rule: Rule::Code(|context, pattern| {
        let accessor = |name: &str| {
            let name = simple(name);
            [
                "GeneratedMethodAccessor",
                "GeneratedConstructorAccessor",
                "GeneratedSerializationConstructorAccessor",
            ]
            .iter()
            .any(|prefix| number_after(name, prefix))
        };
        classes(context, pattern, 5_000, accessor)
    }),
    unit: "classes",
    advice: "Look up `Method` objects once and keep them (each copy is inflated by itself), set `-Dsun.reflect.inflationThreshold=2147483647`, or use JDK 18 or later.",
    ..Pattern::PLAIN
};

/// The accessors of JDK 18 and later.
pub const METHOD_HANDLES: Pattern = Pattern {
    id: "method_handle_accessors",
    title: "Method handle accessors of reflection",
    component: "method handle accessors",
    wanted: &[
        "jdk.internal.reflect.DirectMethodHandleAccessor",
        "jdk.internal.reflect.DirectConstructorHandleAccessor",
    ],
    rule: Rule::Count(Bound::Usual(50_000)),
    unit: "accessors",
    advice: "Look up `Method` objects once and keep them: each copy makes an accessor of its own.",
    ..REFLECTION
};

/// Script classes of Groovy.
pub const GROOVY_CLASSES: Pattern = Pattern {
    id: "groovy_scripts",
    rows: &[35],
    title: "Classes of Groovy scripts",
    component: "Groovy scripts",
    wanted: &["groovy.lang.Script"],
    rule: Rule::Code(|context, pattern| {
        let classes = context.script_classes(pattern.wanted[0]);
        let count = classes.len() as u64;
        // Whoever keeps a script keeps its class, and the loader that was made for it.
        let heap = context.heap;
        let loader = |&class: &ObjectIndex| {
            let class = heap.as_class(class)?;
            let loader = heap.find(heap.classes().get(class).dump.loader_id)?;
            let own = heap.class(loader).name.contains("GroovyClassLoader");
            own.then_some(loader)
        };
        let loaders = classes.iter().filter_map(loader);
        let scripts = context.instances(pattern.wanted[0]).objects.into_iter();
        let all = classes
            .iter()
            .copied()
            .chain(loaders)
            .chain(scripts)
            .collect();
        counted_objects(context, pattern, Bound::Usual(500), all, count)
            .into_iter()
            .collect()
    }),
    advice: "Each evaluation of a script text makes a class: compile each script once, cache compiled scripts with a maximum, and release their class loaders.",
    ..REFLECTION
};

impl Context<'_, '_> {
    /// Class objects of subclasses of `name`.
    fn script_classes(&self, name: &str) -> Vec<ObjectIndex> {
        let bases = self.classes(name);
        let classes = self.heap.classes();
        let found = classes.iter().filter(|(_, class)| {
            !bases.is_empty()
                && class
                    .super_class
                    .is_some_and(|above| bases.contains(&above))
        });
        found
            .filter_map(|(index, _)| self.heap.class_object(index))
            .collect()
    }
}

/// What Groovy keeps of every class it has seen.
pub const GROOVY_CLASS_INFO: Pattern = Pattern {
    id: "groovy_class_info",
    rows: &[35],
    title: "Groovy's knowledge of classes",
    component: "Groovy ClassInfo",
    wanted: &["org.codehaus.groovy.reflection.ClassInfo"],
    rule: Rule::Count(Bound::Usual(50_000)),
    advice: "It keeps classes and their loaders: start with `-Dgroovy.use.classvalue=true`, upgrade Groovy, and compile scripts once.",
    ..REFLECTION
};

/// Proxies and enhanced classes of one base.
pub const PROXIES: Pattern = Pattern {
    id: "generated_proxies",
    rows: &[34],
    title: "Generated classes of one base",
    component: "generated proxies",
    wanted: &[],
    rule: Rule::Code(proxies),
    advice: "Proxies are made for each use: keep the proxy class (the factory, the enhancer's cache) and use the same class loader.",
    ..REFLECTION
};

/// Marks that class generators put between the base and a number or hash.
const MARKS: &[&str] = &[
    "$$EnhancerBy",
    "$$FastClassBy",
    "$$SpringCGLIB$$",
    "$$KeyFactoryByCGLIB",
    "$ByteBuddy$",
    "$HibernateProxy$",
    "$MockitoMock$",
    "_$$_jvst",
    "_$$_javassist",
    "$JaxbAccessor",
    "_WeldClientProxy",
];

/// Of the JDK's proxies, one for each set of interfaces.
const PROXY: &str = "$Proxy";

fn proxies(context: &Context<'_, '_>, pattern: &'static Pattern) -> Vec<Finding> {
    let mut families: BTreeMap<&str, Vec<ObjectIndex>> = BTreeMap::new();
    for (index, class) in context.heap.classes().iter() {
        if !class.name.contains('$') {
            continue;
        }
        let Some(base) = base_of(&class.name) else {
            continue;
        };
        families
            .entry(base)
            .or_default()
            .extend(context.heap.class_object(index));
    }
    let found = families.into_iter().filter_map(|(base, classes)| {
        let most = if base.ends_with(PROXY) { 5_000 } else { 100 };
        let count = classes.len() as u64;
        let mut found = counted_objects(context, pattern, Bound::Usual(most), classes, count)?;
        found.note = format!("all {base}*");
        Some(found)
    });
    found.collect()
}

/// What a generated class was made from.
fn base_of(name: &str) -> Option<&str> {
    let by_mark = MARKS
        .iter()
        .find_map(|mark| Some(&name[..name.find(mark)?]));
    by_mark.or_else(|| {
        let start = name.rfind(PROXY)?;
        let end = start + PROXY.len();
        let number = &name[end..];
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| &name[..end])
    })
}

fn number_after(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| rest.bytes().next().is_some_and(|b| b.is_ascii_digit()))
}

/// One finding about all classes with a name that is `wanted`.
fn classes(
    context: &Context<'_, '_>,
    pattern: &'static Pattern,
    most: u64,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let all = context.heap.classes().iter();
    let found: Vec<ObjectIndex> = all
        .filter(|(_, class)| wanted(&class.name))
        .filter_map(|(index, _)| context.heap.class_object(index))
        .collect();
    let count = found.len() as u64;
    counted_objects(context, pattern, Bound::Usual(most), found, count)
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        assert_eq!(base_of("a.Foo$$EnhancerBySpringCGLIB$$1f2e"), Some("a.Foo"));
        assert_eq!(base_of("jdk.proxy2.$Proxy17"), Some("jdk.proxy2.$Proxy"));
        assert_eq!(base_of("a.Foo$ProxyFactory"), None);
        assert_eq!(base_of("a.Foo$Bar"), None);
    }
}
