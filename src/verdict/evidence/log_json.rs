//! Logs with one JSON object a line: container engines (`{"log":"..","stream":"..","time":".."}`), `journalctl -o json`
//! (`"MESSAGE"`), and what writes `"message"` with `"@timestamp"`. What is kept is the message, and its time.

use super::Time;
use super::line_prefix::Unprefixed;
use serde_json::{Map, Value};

/// Lines that are looked at before a text is taken for such a log.
const SAMPLE: usize = 20;

/// The messages of a log; `None` when the text is none.
pub(super) fn messages(text: &str) -> Option<Unprefixed> {
    let lines = || text.lines().filter(|l| !l.trim().is_empty()).take(SAMPLE);
    let entries = lines().filter(|l| message(l).is_some()).count();
    if entries == 0 || entries * 3 < lines().count() * 2 {
        return None;
    }
    let mut found = Unprefixed::default();
    for (number, line) in (1u64..).zip(text.lines()) {
        match message(line) {
            Some((message, time)) => {
                // A message of several lines stays one: the lines stay in number.
                let message = message.trim_end_matches(['\n', '\r']);
                found.text.push_str(&message.replace(['\n', '\r'], " "));
                found.times.extend(time.map(|time| (number, time)));
            }
            None => found.text.push_str(line),
        }
        found.text.push('\n');
    }
    Some(found)
}

/// The message of a line and when it was written.
fn message(line: &str) -> Option<(String, Option<Time>)> {
    if !line.starts_with('{') {
        return None;
    }
    let entry: Map<String, Value> = serde_json::from_str(line).ok()?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let written = |key: &str| text(key).and_then(Time::find);
    let (message, time) = match (text("log"), text("MESSAGE"), text("message")) {
        (Some(log), ..) if entry.contains_key("stream") => (log, written("time")),
        (_, Some(message), _) => (message, text("__REALTIME_TIMESTAMP").and_then(of_micros)),
        (.., Some(message)) if entry.contains_key("@timestamp") => (message, written("@timestamp")),
        _ => return None,
    };
    Some((message.to_owned(), time))
}

/// Microseconds since 1970.
fn of_micros(text: &str) -> Option<Time> {
    Some(Time(text.parse::<i64>().ok()? / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_logs_are_taken_out() {
        let docker = "{\"log\":\"17:\\n\",\"stream\":\"stdout\",\"time\":\"2026-10-02T10:34:05Z\"}\n{\"log\":\" a\\n\",\"stream\":\"stdout\"}\n";
        let found = messages(docker).expect("a log");
        assert_eq!(found.text, "17:\n a\n");
        assert_eq!(found.times, [(1, Time(1_790_937_245_000))]);
        let journal = "{\"MESSAGE\":\"Killed\",\"__REALTIME_TIMESTAMP\":\"1790937245000000\"}\n";
        assert_eq!(
            messages(journal).map(|f| f.times),
            Some(vec![(1, Time(1_790_937_245_000))])
        );
        assert_eq!(
            messages("{\"message\":\"no such pod\",\"kind\":\"Status\"}\n"),
            None
        );
    }
}
