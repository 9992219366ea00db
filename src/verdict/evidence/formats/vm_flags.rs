//! The maximum heap among the flags of a JVM: `jcmd VM.flags`, `jinfo -flags`, `VM.command_line`, `-XX:+PrintFlagsFinal`, `VM.flags -all`.

use super::super::table::is_digits;
use super::super::{Evidence, Found, Here, Quantity};
use super::{Format, Letters};

/// Flags as arguments: `-XX:MaxHeapSize=1073741824 -XX:+UseG1GC`.
pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.flags",
    letters: &[
        Letters::of("VM flags:"),
        Letters::of("VM Flags:"),
        Letters::of("VM Arguments:"),
        Letters::of("Command line:"),
        Letters::of("jvm_args:"),
        Letters::of("-XX:"),
    ],
    read,
};

/// The table of all flags.
pub(super) const TABLE: Format = Format {
    name: "PrintFlagsFinal",
    letters: &[Letters::of("[Global flags]"), Letters::of("=")],
    read: read_table,
};

const HEADINGS: [&str; 6] = [
    "Non-default VM flags:",
    "VM Flags:",
    "VM Arguments:",
    "Command line:",
    "jvm_args:",
    "-XX:",
];

fn read(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text.trim_start();
    if !HEADINGS.iter().any(|h| first.starts_with(h))
        || first.starts_with("-XX:") && here.lines.is_empty()
    {
        return None;
    }
    let is_flags = |line: &str| {
        let line = line.trim_start();
        HEADINGS.iter().any(|h| line.starts_with(h))
            || line.starts_with("java_command:")
            || line.starts_with("java_class_path")
            || line.starts_with("Launcher Type:")
    };
    let lines = here.run(is_flags);
    let rows = &here.lines[..lines];
    let mut readings = Vec::new();
    for line in rows.iter().filter(|l| !l.text.starts_with("java_c")) {
        match max_heap_in(line.text) {
            Ok(found) => readings
                .extend(found.map(|bytes| Evidence::new(Quantity::MaxHeap, bytes, line.number))),
            Err(()) => {
                return Some(Found::broken(
                    lines,
                    line.number,
                    "the maximum heap must be a number of bytes",
                ));
            }
        }
    }
    // The resolved flag and the argument behind it say the same.
    readings.truncate(1);
    if readings.is_empty() {
        let last = rows.last().map_or(1, |l| l.number);
        return Some(Found::broken(
            lines,
            last,
            "no `-XX:MaxHeapSize=` among the flags (cut off?)",
        ));
    }
    Some(Found::new(lines, readings))
}

/// The maximum heap in a line of arguments; the last one counts.
pub(super) fn max_heap_in(line: &str) -> Result<Option<u64>, ()> {
    let mut found = None;
    for flag in line.split_whitespace() {
        if let Some(value) = flag.strip_prefix("-XX:MaxHeapSize=") {
            found = Some(size(value).ok_or(())?);
        } else if let Some(value) = flag.strip_prefix("-Xmx") {
            found = size(value).or(found);
        }
    }
    Ok(found)
}

/// `1073741824`, `512m`, `2G`: units of the JVM are powers of 1024.
fn size(text: &str) -> Option<u64> {
    let (digits, shift) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 10),
        (at, 'm' | 'M') => (&text[..at], 20),
        (at, 'g' | 'G') => (&text[..at], 30),
        (at, 't' | 'T') => (&text[..at], 40),
        _ => (text, 0),
    };
    is_digits(digits).then(|| digits.parse::<u64>().ok()?.checked_mul(1 << shift))?
}

/// Name and value of `   size_t MaxHeapSize   := 805306368   {product} {command line}`.
fn flag_row(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let kind = words.next()?;
    const KINDS: [&str; 10] = [
        "bool",
        "intx",
        "uintx",
        "uint64_t",
        "size_t",
        "ccstr",
        "ccstrlist",
        "double",
        "int",
        "uint",
    ];
    if !KINDS.contains(&kind) {
        return None;
    }
    let name = words.next()?;
    matches!(words.next()?, "=" | ":=").then_some((name, words.next().unwrap_or("")))
}

fn read_table(here: &Here<'_>) -> Option<Found> {
    let first = here.first().text;
    let has_heading = first.trim() == "[Global flags]";
    if !has_heading && flag_row(first).is_none() {
        return None;
    }
    let skip = usize::from(has_heading);
    let lines = skip
        + here.lines[skip..]
            .iter()
            .take_while(|l| flag_row(l.text).is_some())
            .count();
    let found = here.lines[..lines].iter().find_map(|l| {
        let (name, value) = flag_row(l.text)?;
        (name == "MaxHeapSize").then_some((value, l.number))
    });
    Some(
        match found.map(|(value, number)| (value.parse::<u64>(), number)) {
            Some((Ok(bytes), number)) => {
                Found::new(lines, vec![Evidence::new(Quantity::MaxHeap, bytes, number)])
            }
            Some((Err(_), number)) => {
                Found::broken(lines, number, "`MaxHeapSize` must be a number of bytes")
            }
            None => Found::broken(
                lines,
                here.first().number,
                "no `MaxHeapSize` among the flags",
            ),
        },
    )
}
