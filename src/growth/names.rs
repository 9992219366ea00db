//! Names without what differs from run to run, so that the same thing has the same name in every dump of a program.

use crate::suspects::families;
use crate::suspects::naming;

/// Classes that make a family by a mark in their name alone.
const BY_MARK: u64 = 10;

/// The name of `class` without addresses, numbers of lambdas, of proxies and of other classes that are generated at run time. Names that
/// become equal stand for one thing.
pub fn normal(class: &str) -> String {
    let element = class.trim_end_matches("[]");
    let brackets = &class[element.len()..];
    let stable = naming::stable(element);
    let name = match families::family(&stable) {
        _ if naming::is_lambda(&stable) => stable,
        Some((family, needed)) if needed == BY_MARK => proxy(&family).to_owned(),
        _ => stable,
    };
    format!("{name}{brackets}")
}

/// The package of a proxy says how often the JVM made one before, and which JDK it is.
fn proxy(family: &str) -> &str {
    let packages = ["jdk.proxy", "com.sun.proxy."];
    match packages.iter().any(|package| family.starts_with(package)) {
        true => "$Proxy*",
        false => family,
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn what_differs_from_run_to_run_is_gone() {
        for (class, expected) in [
            ("a.B$$Lambda$14+0x00007f01", "a.B$$Lambda"),
            ("a.B$$Lambda/0x00007f01", "a.B$$Lambda"),
            ("jdk.proxy1.$Proxy3", "$Proxy*"),
            ("com.sun.proxy.$Proxy12", "$Proxy*"),
            ("$Proxy12", "$Proxy*"),
            ("com.acme.$Proxy12[]", "com.acme.$Proxy*[]"),
            (
                "jdk.internal.reflect.GeneratedMethodAccessor7",
                "jdk.internal.reflect.GeneratedMethodAccessor*",
            ),
            ("hooks.Main$Template+0x00007f01", "hooks.Main$Template"),
            ("com.acme.Tuple2", "com.acme.Tuple2"),
            ("byte[]", "byte[]"),
        ] {
            assert_eq!(normal(class), expected, "{class}");
        }
    }
}
