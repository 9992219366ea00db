//! Points in time as tools print them. A time without a zone is none: nobody can say when it was.

use std::fmt;

/// A point in time, in milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(pub i64);

const DAY_MS: i64 = 86_400_000;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What the words of a text say of a point in time.
#[derive(Default)]
struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    /// Milliseconds of the day.
    clock: Option<i64>,
    /// Milliseconds that the zone is ahead of UTC.
    zone: Option<i64>,
    afternoon: Option<bool>,
}

impl Time {
    /// The point in time that `text` says: `2026-11-29T08:00:05.417Z`, `Sun, 29 Nov 2026 02:47:09 +0000`, `Sun Nov 29 08:00:05 2026 UTC`.
    pub fn find(text: &str) -> Option<Time> {
        let mut parts = Parts::default();
        for word in text.split([' ', ',', '\t']).take(40) {
            parts.word(word.trim_matches(['[', ']', '(', ')', '=', '-', '#', '"']));
        }
        parts.time()
    }

    /// As [`Time::find`], when the whole line is nothing but a date: the output of `date`, a heading between snapshots.
    pub fn line(text: &str) -> Option<Time> {
        let mut parts = Parts::default();
        let mut words = 0;
        for word in text.split([' ', ',', '\t']) {
            let word = word.trim_matches(['[', ']', '(', ')', '=', '-', '#', '*', '"']);
            let is_filler = word.is_empty() || is_weekday(word) || word == "@" || word == "date:";
            words += 1;
            if words > 16 || !(is_filler || parts.word(word)) {
                return None;
            }
        }
        parts.time()
    }

    /// Seconds or milliseconds since 1970, whichever `number` is.
    pub fn since_epoch(number: f64) -> Option<Time> {
        // 10^11 s are in the year 5138, 10^11 ms in 1973.
        let ms = if number.abs() < 1e11 {
            number * 1e3
        } else if number < 1e14 {
            number
        } else {
            number / 1e6
        };
        (ms.is_finite() && (1e9..1e14).contains(&ms)).then_some(Time(ms as i64))
    }
}

impl Parts {
    /// Takes a word of the text; whether it belongs to a time.
    fn word(&mut self, word: &str) -> bool {
        if let Some((date, clock)) = word.split_once('T').filter(|(d, _)| d.len() == 10) {
            return self.date(date) && self.clock(clock);
        }
        if self.date(word) || self.clock(word) {
            return true;
        }
        if let Some(month) = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(word)) {
            self.month = Some(month as i64 + 1);
            return true;
        }
        match word {
            "AM" | "PM" => self.afternoon = Some(word == "PM"),
            _ => match (word.parse::<i64>(), word.len()) {
                (Ok(year), 4) if (1970..3000).contains(&year) => self.year = Some(year),
                (Ok(day), 1 | 2) if self.day.is_none() => self.day = Some(day),
                _ => return self.zone(word),
            },
        }
        true
    }

    /// `2026-11-29` or `2026/11/29`.
    fn date(&mut self, word: &str) -> bool {
        let mut numbers = word.split(['-', '/']).map(|n| n.parse::<i64>().ok());
        let found = (numbers.next(), numbers.next(), numbers.next());
        let (Some(Some(year)), Some(Some(month)), Some(Some(day))) = found else {
            return false;
        };
        let is_date = word.len() == 10 && year >= 1970 && numbers.next().is_none();
        if is_date {
            (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
        }
        is_date
    }

    /// `08:00:05.417Z`, `08:00:05+0100`.
    fn clock(&mut self, word: &str) -> bool {
        let end = word
            .find(|c: char| !(c.is_ascii_digit() || c == ':'))
            .unwrap_or(word.len());
        let mut numbers = word[..end].split(':').map(|n| n.parse::<i64>().ok());
        let (Some(Some(h)), Some(Some(m)), Some(Some(s)), None) = (
            numbers.next(),
            numbers.next(),
            numbers.next(),
            numbers.next(),
        ) else {
            return false;
        };
        if !((0..24).contains(&h) && (0..60).contains(&m) && (0..61).contains(&s)) {
            return false;
        }
        let mut rest = &word[end..];
        let mut ms = 0;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let end = fraction
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(fraction.len());
            let digits: String = fraction[..end].chars().take(3).collect();
            ms = format!("{digits:0<3}").parse().unwrap_or(0);
            rest = &fraction[end..];
        }
        self.clock = Some(((h * 60 + m) * 60 + s) * 1000 + ms);
        rest.is_empty() || self.zone(rest)
    }

    /// `Z`, `UTC`, `+0100`, `+01:00`. Names such as `CET` differ between lands: they are words of a time, but no zone.
    fn zone(&mut self, word: &str) -> bool {
        if matches!(word, "Z" | "UTC" | "GMT") {
            self.zone = Some(0);
            return true;
        }
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        if !word.starts_with(['+', '-']) || digits.len() != 4 || word.len() > 6 {
            return self.clock.is_some()
                && (3..=4).contains(&word.len())
                && word.chars().all(|c| c.is_ascii_uppercase());
        }
        let (hours, minutes) = digits.split_at(2);
        let number = |text: &str| text.parse::<i64>().unwrap_or(0);
        let ahead = (number(hours) * 60 + number(minutes)) * 60_000;
        self.zone = Some(if word.starts_with('-') { -ahead } else { ahead });
        true
    }

    fn time(&self) -> Option<Time> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        if !((1..=12).contains(&month) && (1..=31).contains(&day)) {
            return None;
        }
        let mut clock = self.clock?;
        let hour = clock / 3_600_000;
        match self.afternoon {
            Some(true) if hour < 12 => clock += DAY_MS / 2,
            Some(false) if hour == 12 => clock -= DAY_MS / 2,
            _ => {}
        }
        Some(Time(
            days_of(year, month, day) * DAY_MS + clock - self.zone?,
        ))
    }
}

fn is_weekday(word: &str) -> bool {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .iter()
        .any(|day| word.starts_with(day) && word.len() <= 9)
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March: the leap day is their last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let century = year.div_euclid(400);
    let of_century = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    century * 146_097 + of_century * 365 + of_century / 4 - of_century / 100 + of_year - 719_468
}

/// Year, month and day of so many days since 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let century = days.div_euclid(146_097);
    let rest = days.rem_euclid(146_097);
    let of_century = (rest - rest / 1460 + rest / 36_524 - rest / 146_096) / 365;
    let of_year = rest - (365 * of_century + of_century / 4 - of_century / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let year = century * 400 + of_century + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(DAY_MS));
        let s = self.0.rem_euclid(DAY_MS) / 1000;
        let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_tools_print_them() {
        for text in [
            "2026-11-29T08:00:05Z",
            "2026-11-29T08:00:05.417733109Z",
            "2026-11-29T09:00:05.417+0100",
            "2026-11-29T03:00:05-05:00",
            "Sun, 29 Nov 2026 08:00:05 +0000",
            "Sun Nov 29 08:00:05 2026 UTC",
            "Sun Nov 29 08:00:05 UTC 2026",
            "Sun Nov 29 08:00:05 AM UTC 2026",
            "2026-11-29 08:00:05 UTC",
            "--- 2026-11-29 08:00:05 +0000 ---",
        ] {
            let time = Time::find(text).map(|t| t.to_string());
            assert_eq!(time.as_deref(), Some("2026-11-29T08:00:05Z"), "{text}");
            assert_eq!(Time::line(text), Time::find(text), "{text}");
        }
        for text in [
            "",
            "08:00:05",
            "Sun Nov 29 08:00:05 CET 2026",
            "2026-11-29T08:00:05",
            "2026-13-29T08:00:05Z",
            "java 17",
        ] {
            assert_eq!(Time::find(text), None, "{text}");
        }
        assert_eq!(Time::line("2026-11-29T08:00:05Z app 12"), None);
        assert_eq!(
            Time::since_epoch(1_795_939_205.0).map(|t| t.to_string()),
            Some("2026-11-29T08:00:05Z".to_owned())
        );
        assert_eq!(
            Time::since_epoch(1.795_939_205e12),
            Time::since_epoch(1_795_939_205.0)
        );
    }
}
