//! Families of generated classes by their names: what is called the same but for a number or hash.

/// Classes that make a family where the name says that they are generated.
const GENERATED: u64 = 10;
/// Classes that make a family where only a number at the end of the name says so: `Tuple1` to `Tuple22` are none.
const NUMBERED: u64 = 50;

/// What generators put into names; what comes after is a number or hash.
const MARKS: &[&str] = &[
    "$$Lambda",
    "$$EnhancerBy",
    "$$FastClassBy",
    "$$KeyFactoryBy",
    "$$BulkBeanBy",
    "$$SpringCGLIB$$",
    "$HibernateProxy$",
    "$HibernateAccessOptimizer$",
    "$ByteBuddy$",
    "$MockitoMock$",
    "$auxiliary$",
    "_$$_jvst",
    "_$$_javassist",
    "$$_WeldClientProxy",
    "_$$_WeldSubclass",
    "$$_hibernate_",
    ".$Proxy",
    "GeneratedMethodAccessor",
    "GeneratedConstructorAccessor",
    "GeneratedSerializationConstructorAccessor",
    "$JaxbAccessor",
];

/// What is in each mark without a dollar sign.
const ACCESSOR: &str = "Accessor";

/// The name of the family of `class` and how many classes make one; `None` for a class with a name of its own.
pub fn family(class: &str) -> Option<(String, u64)> {
    if let Some((mark, at)) = mark_in(class) {
        let base = &class[..at + mark.len()];
        // `jdk.proxy2.$Proxy17`: the package is numbered too.
        let base = match mark {
            ".$Proxy" => without_numbers(base),
            _ => base.to_owned(),
        };
        return Some((format!("{base}*"), GENERATED));
    }
    if class.starts_with("$Proxy") {
        return Some(("$Proxy*".to_owned(), GENERATED));
    }
    // A hidden class: its name ends with an address.
    let mut signs = class.match_indices(['+', '/']);
    if let Some((at, _)) = signs.find(|(at, _)| class[at + 1..].starts_with("0x")) {
        return Some((format!("{}*", &class[..at]), GENERATED));
    }
    let base = class.trim_end_matches(|c: char| c.is_ascii_digit());
    let named = base.ends_with(|c: char| c.is_alphabetic() || c == '_');
    (base.len() < class.len() && named).then(|| (format!("{base}*"), NUMBERED))
}

/// The first of the marks that is in `class`, and where. Most names have neither a dollar sign nor `Accessor`, one of which is in each mark:
/// that is found in a tenth of the time that a search for each mark takes.
fn mark_in(class: &str) -> Option<(&'static str, usize)> {
    if !class.contains('$') && !class.contains(ACCESSOR) {
        return None;
    }
    MARKS
        .iter()
        .find_map(|&mark| Some((mark, class.find(mark)?)))
}

/// The family of all lambdas, whichever class they are in.
pub const LAMBDAS: &str = "*$$Lambda*";

/// Whether the family `name` is that of the lambdas of one class.
pub fn is_of_lambdas(name: &str) -> bool {
    name.ends_with("$$Lambda*")
}

/// `name` with one `*` for each number in it.
fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c.is_ascii_digit() {
            true if out.ends_with('*') => {}
            true => out.push('*'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_looked_for() {
        for mark in MARKS {
            let class = format!("com.acme.A{mark}7");
            assert_eq!(mark_in(&class).map(|found| found.0), Some(*mark));
        }
    }

    #[test]
    fn families() {
        for (class, expected) in [
            (
                "com.acme.Job$$Lambda+0x00007f01",
                Some("com.acme.Job$$Lambda*"),
            ),
            (
                "com.acme.Job$$Lambda$14.12345",
                Some("com.acme.Job$$Lambda*"),
            ),
            ("jdk.proxy2.$Proxy17", Some("jdk.proxy*.$Proxy*")),
            ("jdk.proxy25.$Proxy170", Some("jdk.proxy*.$Proxy*")),
            ("com.sun.proxy.$Proxy3", Some("com.sun.proxy.$Proxy*")),
            ("$Proxy3", Some("$Proxy*")),
            (
                "com.acme.V2$$EnhancerBySpringCGLIB$$1a2b",
                Some("com.acme.V2$$EnhancerBy*"),
            ),
            (
                "sun.reflect.GeneratedMethodAccessor12",
                Some("sun.reflect.GeneratedMethodAccessor*"),
            ),
            ("Script123", Some("Script*")),
            (
                "java.lang.invoke.LambdaForm$MH+0x01",
                Some("java.lang.invoke.LambdaForm$MH*"),
            ),
            ("com.acme.Job$1", None),
            ("com.acme.Job", None),
            ("12", None),
        ] {
            assert_eq!(
                family(class).map(|found| found.0).as_deref(),
                expected,
                "{class}"
            );
        }
    }
}
