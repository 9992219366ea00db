//! Names out of a dump, made harmless for where they go.
//!
//! A class name may hold anything: terminal escapes, Markdown, HTML, newlines, 64 KB of one letter. The rule is the same
//! everywhere: nothing is dropped silently; what would act is shown as a visible escape such as `\u{1b}`.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters of a name at most, where a format or an answer shortens names.
pub const LONGEST: usize = 600;

/// True for characters that steer a terminal, hide, or turn the direction of what follows.
pub fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'      // C0, DEL, C1: terminal escapes
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' // zero width, direction marks
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' // line separators, bidi overrides and isolates
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Text on one line without harmful characters. With `unicode` false everything beyond ASCII is escaped as well, but for the signs of
/// sentences, which have an ASCII form.
pub fn plain(text: &str, unicode: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '×' if !unicode => out.push('x'),
            '→' if !unicode => out.push_str("->"),
            c if is_harmful(c) || (!unicode && !c.is_ascii()) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// `text` shortened in its middle to at most `columns` terminal columns; `mark` shows where.
pub fn shorten(text: &str, columns: usize, mark: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mark = if mark.width() > columns { "" } else { mark };
    let room = columns.saturating_sub(mark.width());
    // The end of a class name says more than its start.
    let tail_room = room - room / 3;
    let mut tail_start = text.len();
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > tail_room {
            break;
        }
        tail_start = at;
    }
    let mut head_end = 0;
    used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room / 3 || at >= tail_start {
            break;
        }
        head_end = at + c.len_utf8();
    }
    format!("{}{mark}{}", &text[..head_end], &text[tail_start..])
}

/// `text` on at most `columns` terminal columns: the packages of its names give way first, one after the other from the left, then its
/// middle. Of `com.acme.shop.Orders.PENDING` the field says most.
pub fn shorten_names(text: &str, columns: usize, mark: &str) -> String {
    let mut short = text.to_owned();
    let mut from = 0;
    while short.width() > columns {
        let Some((at, length)) = package(&short[from..], mark) else {
            break;
        };
        short.replace_range(from + at..from + at + length, mark);
        from += at + mark.len();
    }
    shorten(&short, columns, mark)
}

/// Where the first package in `text` begins, and its length with the last point. A package is worth leaving out where it is longer than `mark`.
fn package(text: &str, mark: &str) -> Option<(usize, usize)> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let mut rest = 0;
    while rest < text.len() {
        let start = rest + text[rest..].find(is_name)?;
        let end = text[start..].find(|c| !is_name(c));
        let end = end.map_or(text.len(), |end| start + end);
        let mut length = 0;
        for part in text[start..end].split_inclusive('.') {
            let lower = part.starts_with(|c: char| c.is_lowercase());
            if !lower || !part.ends_with('.') {
                break;
            }
            length += part.len();
        }
        let class = text[start + length..end].starts_with(char::is_uppercase);
        if class && length > mark.len() {
            return Some((start, length));
        }
        rest = end.max(start + 1);
    }
    None
}

/// `text` cut at its end to at most `columns` terminal columns; `mark` shows that.
pub fn clip(text: &str, columns: usize, mark: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mark = if mark.width() > columns { "" } else { mark };
    let mut out = String::new();
    let mut used = mark.width();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        out.push(c);
    }
    format!("{}{mark}", out.trim_end())
}

/// At most [`LONGEST`] characters: the longest name that any format carries.
pub fn limit(text: &str) -> Option<String> {
    let length = text.chars().count();
    if length <= LONGEST {
        return None;
    }
    let mark = format!("...({} more characters)...", length - LONGEST);
    let room = LONGEST - mark.chars().count();
    let head: String = text.chars().take(room / 3).collect();
    let tail: String = text.chars().skip(length - (room - room / 3)).collect();
    Some(format!("{head}{mark}{tail}"))
}

/// Whether the bracket at byte `i` of `text` is one of `[]` after a name, and neither an address nor a label follows.
fn is_empty_pair(text: &str, i: usize) -> bool {
    let start = if text[i..].starts_with('[') {
        Some(i)
    } else {
        i.checked_sub(1)
    };
    let Some(start) = start.filter(|&start| text.is_char_boundary(start)) else {
        return false;
    };
    let named = text[..start].ends_with(|c: char| c.is_alphanumeric() || c == ']');
    let after = text[start..].strip_prefix("[]");
    named && after.is_some_and(|after| !after.starts_with(['(', ':']))
}

/// Running text for Markdown (GitHub, GitLab, Jira's editor): nothing in it formats, links or mentions.
pub fn markdown(text: &str) -> String {
    let text = plain(text, true);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        // Inside a word neither an underscore nor a dollar sign does anything: names stay readable.
        let inside_word = before.is_alphanumeric();
        before = c;
        match c {
            '_' | '$' if inside_word => out.push(c),
            // `byte[]`: brackets around nothing are no link unless an address follows.
            '[' | ']' if is_empty_pair(&text, i) => out.push(c),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // No tag begins with a digit or a space: `< 1 %`.
            '<' if text[i + 1..].starts_with([' ', '0', '1']) => out.push(c),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Mentions, references to issues, emoji and bare links work through these; a backslash does not stop them all.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A name as a Markdown code span, safe inside a table too.
pub fn markdown_code(name: &str) -> String {
    let name = plain(name, true)
        .replace('`', "\\u{60}")
        .replace('|', "\\u{7c}");
    format!(
        "`{}`",
        if name.trim().is_empty() {
            "?"
        } else {
            name.as_str()
        }
    )
}

/// Text for an element or a quoted attribute of HTML or XML.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in plain(text, true).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Running text for Jira wiki markup.
pub fn jira(text: &str) -> String {
    let text = plain(text, true);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        // Marks of emphasis and of lists act only where a word does not go on.
        let inside_word = before.is_alphanumeric();
        before = c;
        match c {
            '*' | '_' | '+' | '^' | '~' | '!' | '#' | '?' | '-' if inside_word => out.push(c),
            '[' | ']' if is_empty_pair(&text, i) => out.push(c),
            '{' | '}' | '[' | ']' | '*' | '_' | '+' | '^' | '~' | '|' | '!' | '#' | '?' | '-' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("&#92;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '(' if ICONS.iter().any(|icon| text[i + 1..].starts_with(icon)) => {
                out.push_str("&#40;");
            }
            ':' | ';' if text[i + 1..].starts_with([')', '(', 'P', 'D']) => {
                out.push_str(if c == ':' { "&#58;" } else { "&#59;" });
            }
            c => out.push(c),
        }
    }
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// What Jira shows as a picture after a parenthesis.
const ICONS: [&str; 18] = [
    "y)", "n)", "i)", "/)", "x)", "!)", "+)", "-)", "?)", "on)", "off)", "*)", "*r)", "*g)", "*b)",
    "*y)", "flag)", "flagoff)",
];

/// Running text for Slack's mrkdwn: nothing in it formats, links, mentions or becomes a picture. Signs that would are shown by others
/// that look like them.
pub fn slack(text: &str) -> String {
    let text = plain(text, true);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        let inside_word = before.is_alphanumeric();
        before = c;
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' => out.push('∗'),
            '~' => out.push('∼'),
            '`' => out.push('\''),
            '@' => out.push('＠'),
            '_' if !inside_word => out.push('＿'),
            // `:name:` is a picture.
            ':' if text[i + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '+') => {
                out.push('∶');
            }
            c => out.push(c),
        }
    }
    out.replace("://", "∶//").replace("www.", "www․")
}

/// A name in Slack's fixed-width font.
pub fn slack_code(name: &str) -> String {
    let name = plain(name, true).replace('`', "'");
    let name = match name.trim() {
        "" => "?",
        name => name,
    };
    let name = name
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("`{name}`")
}

/// One frame of a folded stack: `;` separates frames and the last space the number.
pub fn folded(name: &str) -> String {
    let name = plain(name, true).replace(';', "\\u{3b}");
    let name = name.trim();
    if name.is_empty() {
        "?".to_owned()
    } else {
        name.to_owned()
    }
}

/// JSON as `serde_json` writes it, with harmful characters as `\uXXXX`: the same value, safe to look at in a terminal.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Control characters below 0x20 inside strings are escaped already; those left are the layout's newlines.
        if c >= '\u{7f}' && is_harmful(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_becomes_visible() {
        assert_eq!(
            plain("a\x1b[31mb\n\u{202e}c\u{9b}", true),
            "a\\u{1b}[31mb\\u{a}\\u{202e}c\\u{9b}"
        );
        assert_eq!(plain("Größe", true), "Größe");
        assert_eq!(plain("Größe", false), "Gr\\u{f6}\\u{df}e");
        assert_eq!(plain("2 × A: 1 → 3", false), "2 x A: 1 -> 3");
    }

    #[test]
    fn shortened_in_the_middle_to_the_column() {
        assert_eq!(
            shorten("com.acme.very.long.ClassName", 16, "…"),
            "com.a….ClassName"
        );
        for columns in 1..40 {
            assert!(
                shorten("日本語のクラス名はとても長いです", columns, "…").width() <= columns.max(1)
            );
        }
        assert_eq!(shorten("short", 5, "…"), "short");
        assert_eq!(clip("dump: strong 3 MiB", 13, "…"), "dump: strong…");
        for columns in 1..40 {
            assert!(clip("日本語のクラス名はとても長いです", columns, "…").width() <= columns);
        }
    }

    #[test]
    fn packages_give_way_before_classes_and_fields() {
        let name = "com.acme.shop.Orders.PENDING, in org.example.Main.MAIN";
        assert_eq!(shorten_names(name, 60, "…"), name);
        assert_eq!(
            shorten_names(name, 45, "…"),
            "…Orders.PENDING, in org.example.Main.MAIN"
        );
        assert_eq!(
            shorten_names(name, 30, "…"),
            "…Orders.PENDING, in …Main.MAIN"
        );
        assert!(shorten_names(name, 20, "…").width() <= 20);
        for text in ["a.b.c.d.", "日本.Größe.Ä", "x..Y", "é.B", ".A", "a. B."] {
            for columns in 1..12 {
                assert!(shorten_names(text, columns, "...").width() <= columns.max(1));
            }
        }
    }

    #[test]
    fn limiting_twice_changes_nothing() {
        let once = limit(&"x".repeat(65_536)).expect("too long");
        assert!(once.chars().count() <= LONGEST);
        assert_eq!(limit(&once), None);
    }

    #[test]
    fn markdown_neither_formats_nor_links_nor_mentions() {
        let out = markdown("<img src=x> [a](http://e) @all #1 **b** `c` www.e.com a|b");
        for bad in [
            "<img", "[a](", "://", "@all", "#1 ", "**", "`", "www.", " a|b",
        ] {
            assert!(!out.contains(bad), "{bad} in {out}");
        }
        assert_eq!(
            markdown("byte[], byte[][] and < 1 % of x"),
            "byte[], byte[][] and < 1 % of x"
        );
        assert_eq!(
            markdown("a[](http://e) [] [x][]"),
            "a\\[\\](http&#58;//e) \\[\\] \\[x\\][]"
        );
        assert_eq!(jira("byte[] [x]"), "byte[] \\[x\\]");
        assert_eq!(
            jira("a(x) b(i) c:D f(int) (300 of them); d"),
            "a&#40;x) b&#40;i) c&#58;D f(int) (300 of them); d"
        );
        assert_eq!(markdown_code("a`b|c\n"), "`a\\u{60}b\\u{7c}c\\u{a}`");
    }

    #[test]
    fn slack_neither_formats_nor_links_nor_mentions() {
        let out = slack("*b* _i_ ~s~ `c` <!channel> <http://e|x> @here :tada: www.e.com a_b 10:30");
        for bad in ["*", "_i", "~", "`", "<", ">", "@", ":tada", "://", "www."] {
            assert!(!out.contains(bad), "{bad} in {out}");
        }
        assert!(out.ends_with(" a_b 10:30"), "{out}");
        assert_eq!(slack_code("a`b<c>&"), "`a'b&lt;c&gt;&amp;`");
    }

    #[test]
    fn json_stays_the_same_value() {
        let name = "a\u{9b}\u{202e}\u{e0041}b\u{7f}é";
        let text = serde_json::to_string(name).expect("a string");
        let safe = json(&text);
        assert!(!safe.chars().any(is_harmful));
        assert_eq!(serde_json::from_str::<String>(&safe).expect("valid"), name);
    }
}
