//! What a log puts before every line of the output that it keeps: the time of `kubectl logs --timestamps`, the stream of a container's log
//! file, the unit of `journalctl`, the service of `docker compose logs`. It is taken off, and its time kept.

use super::time::Time;

/// Lines that are looked at before a text is taken for a log.
const SAMPLE: usize = 50;

/// A kind of log, by what it writes before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log<'a> {
    /// `2026-10-02T10:34:05.123456789Z text`, with or without `stdout F`.
    Stamped,
    /// `Oct 02 10:34:09 host unit[812]: text`, or with a full time.
    Journal,
    /// `service-1  | text`.
    Compose(&'a str),
}

/// `text` without what a log wrote before its lines, and the times of lines; `None` when it is no log of that kind.
pub(super) fn without_prefixes(text: &str) -> Option<(String, Vec<(u64, Time)>)> {
    let log = log_of(text)?;
    let mut out = String::with_capacity(text.len());
    let mut times = Vec::new();
    for (number, line) in (1u64..).zip(text.lines()) {
        let (prefix, rest) = split(line, log).unwrap_or(("", line));
        times.extend(time_of(prefix).map(|time| (number, time)));
        out.push_str(rest);
        out.push('\n');
    }
    Some((out, times))
}

/// The kind of log of which two of three of the first lines are: a command and what it says besides may stand between.
fn log_of(text: &str) -> Option<Log<'_>> {
    let lines = || text.lines().filter(|l| !l.trim().is_empty()).take(SAMPLE);
    let service = lines().find_map(service_of).map(Log::Compose);
    let all = lines().count();
    let is_of_most = |log: &Log<'_>| {
        let of_it = lines().filter(|l| split(l, *log).is_some()).count();
        // One line alone may have anything before it.
        of_it * 3 >= all * 2 && of_it >= if *log == Log::Stamped { 1 } else { 2 }
    };
    let known = [Some(Log::Stamped), Some(Log::Journal), service];
    known.into_iter().flatten().find(is_of_most)
}

/// `shop-1` of `shop-1  | text`.
fn service_of(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('|')?;
    let name = name.strip_suffix(' ')?.trim_end();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    is_name.then_some(name)
}

/// A line as its prefix and the rest.
fn split<'a>(line: &'a str, log: Log<'_>) -> Option<(&'a str, &'a str)> {
    match log {
        Log::Stamped => after_stamp(line),
        Log::Journal => after_unit(line),
        Log::Compose(service) => {
            let rest = line.strip_prefix(service)?;
            let rest = rest.trim_start().strip_prefix('|')?;
            Some(("", rest.strip_prefix(' ').unwrap_or(rest)))
        }
    }
}

/// A line behind its time.
fn after_stamp(line: &str) -> Option<(&str, &str)> {
    let (stamp, rest) = line.split_once(' ').unwrap_or((line, ""));
    if !is_stamp(stamp) {
        return None;
    }
    // The log file of a container: `stdout F text`.
    let plain = ["stdout F", "stderr F", "stdout P", "stderr P"]
        .iter()
        .find_map(|stream| rest.strip_prefix(stream))
        .map_or(rest, |text| text.strip_prefix(' ').unwrap_or(text));
    Some((stamp, plain))
}

/// `2026-10-02T10:34:05.123456789Z`, with the zone that says when it was.
fn is_stamp(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 20
        && bytes.len() <= 40
        && bytes[4] == b'-'
        && bytes[10] == b'T'
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && !word.ends_with(':')
        && time_of(word).is_some()
}

/// A line behind `Oct 02 10:34:09 host unit[812]: `; the kernel's own lines keep theirs, which belongs to what they say.
fn after_unit(line: &str) -> Option<(&str, &str)> {
    // Three words of a date, or one, a host, and the unit.
    let (head, rest) = match line.split_once("]: ") {
        Some(found) => found,
        None => (line.strip_suffix("]:")?, ""),
    };
    let (before, pid) = head.rsplit_once('[')?;
    let is_pid = !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<&str> = before.split_whitespace().take(6).collect();
    let is_clock = |word: &str| word.len() >= 8 && word.as_bytes().get(2) == Some(&b':');
    let is_head = match words[..] {
        [stamp, _, _] => is_stamp(stamp),
        [month, _, clock, _, _] => month.len() == 3 && is_clock(clock),
        _ => false,
    };
    let first = words.first().filter(|_| is_pid && is_head)?;
    Some((first, rest))
}

fn time_of(prefix: &str) -> Option<Time> {
    Time::find(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Option<String> {
        without_prefixes(text).map(|(text, _)| text)
    }

    #[test]
    fn what_logs_put_before_a_line_is_taken_off() {
        let stamped = "2026-10-02T10:34:05.123456789Z 17:\n2026-10-02T10:34:05.2Z \n2026-10-02T10:34:05.3Z  a b\n";
        assert_eq!(plain(stamped).as_deref(), Some("17:\n\n a b\n"));
        let (_, times) = without_prefixes(stamped).expect("a log");
        assert_eq!(times[0], (1, Time(1_790_937_245_123)));
        let cri =
            "2026-10-02T10:34:05.1+02:00 stdout F 17:\n2026-10-02T10:34:05.1+02:00 stdout F  a\n";
        assert_eq!(plain(cri).as_deref(), Some("17:\n a\n"));
        let journal =
            "Oct 02 10:34:09 worker1 shop[812]: 17:\nOct 02 10:34:09 worker1 shop[812]:  a\n";
        assert_eq!(plain(journal).as_deref(), Some("17:\n a\n"));
        let compose = "shop-1  | 17:\nshop-1  |  a\n";
        assert_eq!(plain(compose).as_deref(), Some("17:\n a\n"));
    }

    #[test]
    fn what_is_no_prefix_stays() {
        // The old format of GC logs, a table, lines of the kernel, a time without a zone.
        assert_eq!(plain("2026-11-29T08:00:12.787+0000: 12.787: [GC\n"), None);
        assert_eq!(plain("a | b\nc | d\n"), None);
        // A number in brackets with nothing before it.
        assert_eq!(plain("[812]: a\n[812]: b\n"), None);
        // One of three lines is not most.
        assert_eq!(plain("2026-10-02T10:34:05Z a\nb\nc\n"), None);
        let kernel = "Oct 02 10:34:09 worker1 kernel: Killed process 17 (java)\n";
        assert_eq!(plain(&kernel.repeat(2)), None);
        assert_eq!(plain("2026-10-02T10:34:05 app 12\n"), None);
    }
}
