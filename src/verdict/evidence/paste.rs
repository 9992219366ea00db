//! What pasting puts before every line of a text: the margin of a block of code, and the numbers of `cat -n`, `nl`, `less -N` or `grep -n`.

/// A margin of fewer spaces belongs to what tools print.
const LEAST_MARGIN: usize = 4;

/// `text` without a margin and without numbers before its lines; the lines stay in number.
pub(super) fn without_margin(text: String) -> String {
    let text = match margin(&text) {
        Some(margin) => rest_of_lines(&text, |line| line.strip_prefix(margin)),
        None => text,
    };
    match is_numbered(&text) {
        true => rest_of_lines(&text, |line| numbered(line).map(|(_, rest)| rest)),
        false => text,
    }
}

fn rest_of_lines(text: &str, rest: impl Fn(&str) -> Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(rest(line).unwrap_or(line));
        out.push('\n');
    }
    out
}

/// The lines that say something, without what stands around what was asked.
fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !is_preface(line) && !line.trim().is_empty())
}

/// Whether `line` is what JVMs and tools say before what was asked, or a mark around a block of code.
pub(super) fn is_preface(line: &str) -> bool {
    const STARTS: [&str; 9] = [
        "Picked up ",
        "using thread-local object allocation",
        "NOTE: Picked up ",
        "Debugger attached successfully",
        "Server compiler detected",
        "Client compiler detected",
        "JVM version is ",
        "{noformat",
        "{code",
    ];
    STARTS.iter().any(|start| line.starts_with(start))
        || line.contains(" VM warning: ")
        || line.contains(" GC with ") && line.ends_with("thread(s)")
        || line.starts_with("```")
        || line.starts_with("~~~")
}

/// The white space before each line that says something.
fn margin(text: &str) -> Option<&str> {
    let mut lines = lines_of(text);
    let first = lines.next()?;
    let mut margin = &first[..first.len() - first.trim_start_matches([' ', '\t']).len()];
    for line in lines {
        let is_wide = margin.len() >= LEAST_MARGIN || margin.starts_with('\t');
        if !is_wide {
            return None;
        }
        let common = margin
            .bytes()
            .zip(line.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        margin = &margin[..common];
    }
    (margin.len() >= LEAST_MARGIN || margin.starts_with('\t')).then_some(margin)
}

/// Whether all lines have numbers that count from 1 without a gap; two lines at least. Where a number follows in every line they are a
/// column of a table: the rows of a class histogram, processes.
fn is_numbered(text: &str) -> bool {
    let (mut expected, mut has_words) = (1, false);
    for line in lines_of(text) {
        let Some((number, rest)) = numbered(line) else {
            return false;
        };
        has_words |= !rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        // Empty lines may be counted, and be lost.
        if expected == 1 && number != 1 || number < expected || number > expected + 3 {
            return false;
        }
        expected = number + 1;
    }
    expected > 2 && has_words
}

/// A line as its number and the rest.
fn numbered(line: &str) -> Option<(u64, &str)> {
    let text = line.trim_start();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = text[..digits].parse().ok()?;
    let rest = &text[digits..];
    if rest.is_empty() {
        return Some((number, rest));
    }
    let rest = ["\t", "  ", ":", " "]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark))?;
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        without_margin(text.to_owned())
    }

    #[test]
    fn margins_of_blocks_of_code_are_taken_off() {
        assert_eq!(plain("    a\n\n      b\n"), "a\n\n  b\n");
        assert_eq!(plain("\ta\n\tb\n"), "a\nb\n");
        assert_eq!(plain("  a\n  b\n"), "  a\n  b\n");
        assert_eq!(
            plain("      total   used\nMem:  1\n"),
            "      total   used\nMem:  1\n"
        );
    }

    #[test]
    fn numbers_of_lines_are_taken_off_when_they_count() {
        assert_eq!(
            plain("     1\t17:\n     2\t a\n\n     4\tb\n"),
            "17:\n a\n\nb\n"
        );
        assert_eq!(plain("1:POD NAME\n2:shop app\n"), "POD NAME\nshop app\n");
        assert_eq!(plain("17:\n18 a\n"), "17:\n18 a\n");
        assert_eq!(plain("1 a\n9 b\n"), "1 a\n9 b\n");
        assert_eq!(plain("1\n"), "1\n");
        let rows = "   1:   90  900  a.B\n   2:   80  800  a.C\n";
        assert_eq!(plain(rows), rows);
        assert_eq!(plain("1 900 init\n2 80 java\n"), "1 900 init\n2 80 java\n");
    }
}
