//! `jcmd PID VM.flags`: the maximum heap as the JVM resolved it (`-XX:MaxHeapSize=`).

use super::{Document, Facts, Format, Malformed, Quantity, Subject, clamp};

pub(super) const FORMAT: Format = Format {
    name: "jcmd VM.flags",
    recognises: |document| {
        document
            .head(2)
            .any(|l| l.starts_with("-XX:") && l.contains(" -XX:"))
    },
    parse,
};

fn parse(document: &Document) -> Result<Facts, Malformed> {
    let mut facts = Facts::new();
    for (number, line) in document.lines() {
        for flag in line.split_whitespace() {
            if let Some(value) = flag.strip_prefix("-XX:MaxHeapSize=") {
                let bytes: u64 = value.parse().map_err(|_| {
                    Malformed::new(
                        number,
                        "`-XX:MaxHeapSize=` must be followed by a number of bytes",
                    )
                })?;
                facts.push((Quantity::MaxHeap, clamp(bytes), Subject::default(), number));
            }
        }
    }
    if facts.is_empty() {
        return Err(Malformed::new(
            document.lines().count() as u64,
            "no `-XX:MaxHeapSize=` among the flags (cut off?)",
        ));
    }
    Ok(facts)
}
