//! What the environment says about the terminal, without asking the terminal itself.

/// Whether the locale shows characters beyond ASCII: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set decides.
///
/// `variable` reads the environment (`|name| std::env::var(name).ok()`). Nothing set, as in a bare container, is the
/// POSIX locale: ASCII.
pub fn locale_is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = names
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.ends_with("utf-8")
            || locale.ends_with("utf8")
            || locale.contains("utf-8@")
            || locale.contains("utf8@")
    })
}

#[cfg(test)]
mod tests {
    use super::locale_is_utf8;

    #[test]
    fn the_first_that_is_set_decides() {
        let locale = |set: &'static [(&str, &str)]| {
            locale_is_utf8(|name| {
                set.iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(!locale(&[]));
        assert!(locale(&[("LANG", "de_DE.UTF-8")]));
        assert!(locale(&[("LANG", "C.utf8")]));
        assert!(locale(&[("LC_CTYPE", "sr_RS.UTF-8@latin")]));
        assert!(!locale(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(locale(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
        assert!(!locale(&[("LANG", "de_DE.ISO-8859-1")]));
    }
}
