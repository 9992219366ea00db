//! What of a name may travel: names that are made at run time (of threads, of class loaders) carry ports, users, sessions and tokens.

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

/// One word between spaces. Addresses of people and files and values after `=` or `?` go as a whole.
fn shorten_word(word: &str) -> String {
    if is_mail_address(word) {
        return "*@*".to_owned();
    }
    if word.contains("://") || word.matches(['/', '\\']).count() > 1 || word.starts_with('/') {
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
    use super::shortened;

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
