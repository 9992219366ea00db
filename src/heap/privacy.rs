//! What of a name may travel: names that are made at run time (of threads, of class loaders) carry ports, users, sessions and tokens.

use crate::labels;

/// A name without what identifies a request, a user or a secret: digits and long tokens become `*`.
///
/// `http-nio-8080-exec-17` reads `http-nio-*-exec-*`; words stay, so that a pool is still recognised.
pub fn shortened(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split_inclusive(char::is_whitespace) {
        let (body, space) = match word.char_indices().next_back() {
            Some((at, c)) if c.is_whitespace() => word.split_at(at),
            _ => (word, ""),
        };
        out.push_str(&shorten_word(body));
        out.push_str(space);
    }
    collapse(&out)
}

/// The value of the label `name` of a report without what identifies a user or holds a secret. Whoever gives a label means it to travel; so
/// versions, numbers and the hashes in names of pods and builds stay.
pub fn label(name: &str, value: &str) -> String {
    let given = |c: char| c.is_ascii_alphanumeric() || ".-_+:".contains(c);
    if labels::CONVENTIONAL.contains(&name) && value.chars().all(given) && !has_secret(value) {
        return value.to_owned();
    }
    let words = value.split_inclusive(char::is_whitespace).map(|word| {
        let body = word.trim_end();
        let masked = match is_mail_address(body) || is_place(body) || has_secret(body) {
            true => "*",
            false => body,
        };
        format!("{masked}{}", &word[body.len()..])
    });
    words.collect()
}

/// Longest run of letters and digits of a label that is not taken for a secret: a hash of SHA-1 as versions have it.
const LONGEST_IN_LABEL: usize = 40;

/// Whether a part of `word` is made like a key or a token: letters of both cases or long words, with digits or very long.
fn has_secret(word: &str) -> bool {
    if word.contains('=') {
        return true;
    }
    let mut parts = word.split(|c: char| !c.is_alphanumeric());
    parts.any(|part| {
        let length = part.chars().count();
        let has = |kind: fn(char) -> bool| part.chars().any(kind);
        let is_hash = length <= LONGEST_IN_LABEL && part.chars().all(|c| c.is_ascii_hexdigit());
        let mixed = has(char::is_uppercase) && has(char::is_lowercase) && digit_runs(part) > 1;
        length > LONGEST_IN_LABEL
            || (mixed && length >= 12)
            || (!is_hash && length > LONGEST_WORD && longest_word(part) > LONGEST_WORD)
    })
}

/// A file or an address of the net.
fn is_place(word: &str) -> bool {
    word.contains("://") || word.starts_with('/') || word.matches(['/', '\\']).count() > 1
}

/// One word between spaces. Addresses of people and files and values after `=` or `?` go as a whole.
fn shorten_word(word: &str) -> String {
    if is_mail_address(word) {
        return "*@*".to_owned();
    }
    if is_place(word) {
        return "*".to_owned();
    }
    if let Some(at) = word.find(['=', '?']) {
        let (key, value) = word.split_at(at + 1);
        return if value.is_empty() {
            tokens(key)
        } else {
            format!("{}*", tokens(key))
        };
    }
    tokens(word)
}

fn is_mail_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.split('.').count() > 1
            && host.split('.').all(|part| !part.is_empty())
    })
}

fn tokens(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        out.push_str(&shorten_token(&rest[..end]));
        let next = rest[end..]
            .find(char::is_alphanumeric)
            .map_or(rest.len(), |n| end + n);
        out.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    out
}

/// Longest run of letters in one case that still counts as a word.
const LONGEST_WORD: usize = 20;
/// Longest run of letters and digits that is still shown.
const LONGEST_TOKEN: usize = 40;

fn shorten_token(token: &str) -> String {
    let length = token.chars().count();
    let numeric = token.chars().filter(|c| c.is_numeric()).count();
    let hex = token.chars().all(|c| c.is_ascii_hexdigit());
    // Digits spread among letters are no version or counter but an identifier.
    let random = numeric > 0 && length > numeric && (numeric > 3 || digit_runs(token) > 1);
    if length > LONGEST_TOKEN
        || random
        || (hex && length >= 8)
        || longest_word(token) > LONGEST_WORD
    {
        return "*".to_owned();
    }
    let mut out = String::with_capacity(token.len());
    for c in token.chars() {
        if !c.is_numeric() {
            out.push(c);
        } else if !out.ends_with('*') {
            out.push('*');
        }
    }
    out
}

fn digit_runs(token: &str) -> usize {
    let mut runs = 0;
    let mut inside = false;
    for c in token.chars() {
        runs += usize::from(c.is_numeric() && !inside);
        inside = c.is_numeric();
    }
    runs
}

fn longest_word(token: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    let mut upper_before = false;
    for c in token.chars() {
        // A capital after a small letter starts a new word of a camel-case name.
        run = if c.is_uppercase() && !upper_before {
            1
        } else {
            run + 1
        };
        upper_before = c.is_uppercase();
        longest = longest.max(run);
    }
    longest
}

/// Makes one `*` of several that only `-`, `_`, `.` or `:` separate.
pub(super) fn collapse(text: &str) -> String {
    let mut out: String = text.to_owned();
    for pair in ["*-*", "*_*", "*.*", "*:*", "**"] {
        while out.contains(pair) {
            out = out.replace(pair, "*");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{label, shortened};

    #[test]
    fn labels_keep_what_they_are_for() {
        for (name, value) in [
            ("service", "shop"),
            ("version", "1.42.0-rc1+build.7"),
            ("version", "4f3a9c1e77d24b0fa1c04f3a9c1e77d24b0fa1c0"),
            ("pod", "shop-7d9f8b6c5d-x2x9z"),
            ("environment", "staging eu-west-1"),
            ("team", "web 7"),
        ] {
            assert_eq!(label(name, value), value);
        }
        for (value, shown) in [
            ("alice.smith@example.com", "*"),
            ("asked by alice@example.com 2 times", "asked by * 2 times"),
            ("https://user:password@host/x", "*"),
            ("/home/alice/dumps", "*"),
            ("token=abc", "*"),
            ("Zq1fieldString7Kw3Rt9", "*"),
            ("AKIAIOSFODNNSEVENEXAMPLE", "*"),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
                "*",
            ),
        ] {
            assert_eq!(label("note", value), shown);
            assert_eq!(label("service", value), shown);
        }
    }

    #[test]
    fn pools_stay_recognisable() {
        for (name, shown) in [
            ("main", "main"),
            ("http-nio-8080-exec-17", "http-nio-*-exec-*"),
            ("http-worker-3", "http-worker-*"),
            (
                "BatchSpanProcessor_WorkerThread-1",
                "BatchSpanProcessor_WorkerThread-*",
            ),
            (
                "ForkJoinPool.commonPool-worker-12",
                "ForkJoinPool.commonPool-worker-*",
            ),
            ("G1 Conc#0", "G* Conc#*"),
            ("HikariPool-1 housekeeper", "HikariPool-* housekeeper"),
            ("C2 CompilerThread0", "C* CompilerThread*"),
            (
                "MVStore background writer nio:/data/app/users.mv.db",
                "MVStore background writer *",
            ),
        ] {
            assert_eq!(shortened(name), shown, "{name}");
        }
    }

    #[test]
    fn secrets_do_not() {
        for secret in [
            "4f3a9c1e77d24b0fa1c0",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
            "alice.smith@example.com",
            "hunter2x9secret",
            "4111-1111-1111-1111",
            "deadbeefcafe",
            "/home/alice/secret.txt",
            "AKIAIOSFODNNSEVENEXAMPLE",
        ] {
            let shown = shortened(&format!("worker {secret} token={secret} done"));
            for part in secret.split(['-', '.', '@', '/']).filter(|p| p.len() > 3) {
                assert!(!shown.contains(part), "{part} in {shown}");
            }
            assert!(
                shown.starts_with("worker ") && shown.ends_with(" done"),
                "{shown}"
            );
        }
    }
}
