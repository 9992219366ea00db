//! What a log puts before every line of the output that it keeps: the time of `kubectl logs --timestamps`, the stream of a container's log
//! file, the unit of `journalctl`, the service of `docker compose logs`, the pod of `kubectl logs --prefix` or `stern`. It is taken off,
//! and its time and pod kept.

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
    /// `[pod/shop-0/app] text`, or `shop-0 app text`.
    Pod(PodPrefix<'a>),
}

/// What stands before each line of one container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PodPrefix<'a> {
    /// All of it.
    whole: &'a str,
    pod: &'a str,
    container: &'a str,
}

/// A text without what a log wrote before its lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unprefixed {
    /// The lines, in the same number.
    pub text: String,
    /// When lines were written, by their numbers from 1.
    pub times: Vec<(u64, Time)>,
    /// The pod and the container whose log it is.
    pub pod: Option<(String, String)>,
}

/// `text` without what a log wrote before its lines; `None` when it is no log of a known kind.
pub(super) fn without_prefixes(text: &str) -> Option<Unprefixed> {
    let log = log_of(text)?;
    let mut found = without(text, log);
    if let Log::Pod(prefix) = log {
        // `--timestamps` writes the time behind the pod.
        if let Some(stamped @ Log::Stamped) = log_of(&found.text) {
            found = without(&found.text, stamped);
        }
        found.pod = Some((prefix.pod.to_owned(), prefix.container.to_owned()));
    }
    Some(found)
}

/// `text` without what `log` wrote before its lines.
fn without(text: &str, log: Log<'_>) -> Unprefixed {
    let mut found = Unprefixed::default();
    found.text.reserve(text.len());
    for (number, line) in (1u64..).zip(text.lines()) {
        let (prefix, rest) = split(line, log).unwrap_or(("", line));
        let time = time_of(prefix).map(|time| (number, time));
        found.times.extend(time);
        found.text.push_str(rest);
        found.text.push('\n');
    }
    found
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
    let pod = pod_of(text).map(Log::Pod);
    let known = [Some(Log::Stamped), Some(Log::Journal), service, pod];
    known.into_iter().flatten().find(is_of_most)
}

/// The one container whose lines a text consists of. Lines of several, mixed as they came, are no output of anything.
fn pod_of(text: &str) -> Option<PodPrefix<'_>> {
    let mut pods = text.lines().filter_map(bracketed_pod);
    if let Some(pod) = pods.next() {
        return pods.all(|other| other == pod).then_some(pod);
    }
    // `stern` says first whose lines follow: `+ shop-0 › app`.
    let mut headings = text.lines().filter_map(|line| line.strip_prefix("+ "));
    let (pod, container) = headings.next()?.trim_end().split_once(" › ")?;
    let start = |line: &&str| {
        let rest = line
            .strip_prefix(pod)
            .and_then(|rest| rest.strip_prefix(' '));
        rest.is_some_and(|rest| rest.starts_with(container))
    };
    let line = text.lines().find(start)?;
    let whole = line.get(..pod.len() + 1 + container.len())?;
    headings.next().is_none().then_some(PodPrefix {
        whole,
        pod,
        container,
    })
}

/// `[pod/shop-0/app] text` of `kubectl logs --prefix`.
fn bracketed_pod(line: &str) -> Option<PodPrefix<'_>> {
    let (name, _) = line.strip_prefix("[pod/")?.split_once(']')?;
    let (pod, container) = name.split_once('/')?;
    Some(PodPrefix {
        whole: &line[..name.len() + "[pod/]".len()],
        pod,
        container,
    })
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
        Log::Pod(prefix) => {
            let rest = line.strip_prefix(prefix.whole)?;
            match rest.is_empty() {
                true => Some(("", rest)),
                false => Some(("", rest.strip_prefix(' ')?)),
            }
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
        without_prefixes(text).map(|found| found.text)
    }

    #[test]
    fn what_logs_put_before_a_line_is_taken_off() {
        let stamped = "2026-10-02T10:34:05.123456789Z 17:\n2026-10-02T10:34:05.2Z \n2026-10-02T10:34:05.3Z  a b\n";
        assert_eq!(plain(stamped).as_deref(), Some("17:\n\n a b\n"));
        let found = without_prefixes(stamped).expect("a log");
        assert_eq!(found.times[0], (1, Time(1_790_937_245_123)));
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
    fn the_pod_before_every_line_is_kept() {
        let pod = Some(("shop-0".to_owned(), "app".to_owned()));
        let prefixed = "[pod/shop-0/app] 17:\n[pod/shop-0/app]  a\n[pod/shop-0/app]\n";
        let found = without_prefixes(prefixed).expect("a log");
        assert_eq!((found.text.as_str(), &found.pod), ("17:\n a\n\n", &pod));
        let stamped =
            "[pod/shop-0/app] 2026-10-02T10:34:05Z 17:\n[pod/shop-0/app] 2026-10-02T10:34:06Z  a\n";
        let found = without_prefixes(stamped).expect("a log");
        assert_eq!((found.text.as_str(), &found.pod), ("17:\n a\n", &pod));
        assert_eq!(found.times[1], (2, Time(1_790_937_246_000)));
        let stern = "+ shop-0 › app\nshop-0 app 17:\nshop-0 app  a\nshop-0 app b\nshop-0 app c\n- shop-0 › app\n";
        let found = without_prefixes(stern).expect("a log");
        assert!(found.text.contains("\n17:\n a\nb\nc\n"), "{}", found.text);
        assert_eq!(found.pod, pod);
        // Lines of two containers, mixed; rows that begin with the same two words.
        assert_eq!(plain("[pod/shop-0/app] 17:\n[pod/shop-1/app] 18:\n"), None);
        assert_eq!(plain("shop-0 app 10m 200Mi\nshop-0 app 11m 201Mi\n"), None);
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
