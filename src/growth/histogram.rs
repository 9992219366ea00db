//! Class histograms of `jcmd PID GC.class_histogram` and `jmap -histo`: number, instances, bytes, class, module.

use std::collections::BTreeMap;

use super::input::Input;
use super::inventory::{ClassAmount, Inventory};
use super::jvm::release;
use super::model::{GrowthInput, InputKind};
use super::names::normal;
use crate::heap::Totals;
use crate::heap::names::java_name;

/// Bytes at the beginning of a file in which the heading of a histogram is looked for.
pub const HEADING_WITHIN: usize = 4 << 10;
/// Rows that are read at most.
const MOST_ROWS: usize = 1 << 20;

/// Whether a file that begins with `prefix` is a class histogram.
pub fn is_histogram(prefix: &[u8]) -> bool {
    let prefix = &prefix[..prefix.len().min(HEADING_WITHIN)];
    let text = String::from_utf8_lossy(prefix);
    text.lines().any(is_heading)
}

fn is_heading(line: &str) -> bool {
    let mut words = line.split_whitespace();
    [words.next(), words.next(), words.next()] == [Some("num"), Some("#instances"), Some("#bytes")]
}

/// Reads a class histogram. It says nothing of its time and process, nor whether garbage was collected before.
pub fn read(text: &str, file: &str) -> Input {
    let mut classes: BTreeMap<String, Totals> = BTreeMap::new();
    let mut total = Totals::default();
    let mut whole = None;
    let mut jdk = None;
    let rows = text.lines().skip_while(|line| !is_heading(line));
    for line in rows.take(MOST_ROWS) {
        if let Some(numbers) = line.trim_start().strip_prefix("Total ") {
            // What follows is another one.
            whole = Some(totals(numbers).unwrap_or(total));
            break;
        } else if let Some((class, objects, bytes)) = row(line) {
            jdk = jdk.or_else(|| release_of(line));
            let row = Totals { objects, bytes };
            let known = classes
                .entry(normal(&java_name(&class.replace('.', "/"))))
                .or_default();
            *known = known.join(row);
            total = total.join(row);
        }
    }
    let mut rows: Vec<ClassAmount> = classes
        .into_iter()
        .map(|(class, Totals { objects, bytes })| ClassAmount {
            class,
            loader: None,
            objects,
            bytes,
        })
        .collect();
    rows.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.class.cmp(&b.class)));
    let least = rows.last().map_or(0, |row| row.bytes);
    let listed = total;
    let total = whole.unwrap_or(listed);
    Input {
        facts: GrowthInput {
            file: file.to_owned(),
            kind: InputKind::Histogram,
            live_bytes: Some(total.bytes),
            live_objects: Some(total.objects),
            complete: whole.is_some(),
            ..GrowthInput::default()
        },
        release: jdk,
        inventory: Inventory {
            // Shortened to its largest classes, with the last line kept: the others are not gone.
            classes_floor_bytes: if listed.bytes < total.bytes { least } else { 0 },
            classes: rows,
            ..Inventory::default()
        },
        ..Input::default()
    }
}

/// Objects and bytes of the last line.
fn totals(numbers: &str) -> Option<Totals> {
    let mut words = numbers.split_whitespace();
    let objects = words.next()?.parse().ok()?;
    let bytes = words.next()?.parse().ok()?;
    Some(Totals { objects, bytes })
}

/// The release of the JVM: `17.0.15` of a class in `(java.base@17.0.15)`. JDK 8 and before name no modules.
fn release_of(line: &str) -> Option<String> {
    let (_, module) = line.rsplit_once("(java.base@")?;
    release(module)
}

/// `   1:        200000        6400000  leaks.Circular$R (module@version)`
fn row(line: &str) -> Option<(&str, u64, u64)> {
    let mut words = line.split_whitespace();
    let number = words.next()?.strip_suffix(':')?;
    number.parse::<u64>().ok()?;
    let objects = words.next()?.parse().ok()?;
    let bytes = words.next()?.parse().ok()?;
    Some((words.next()?, objects, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "3748:\n num     #instances         #bytes  class name (module)\n\
        -------------------------------------------------------\n   \
        1:        200000        6400000  leaks.Circular$R\n   \
        2:         57893        3067696  [B (java.base@17.0.15)\n   \
        3:            10            160  a.B$$Lambda$14/0x00007f01\n   \
        4:             5             80  a.B$$Lambda$15/0x00007f02\n\
        Total        257908        9467936\n";

    #[test]
    fn rows_are_read() {
        assert!(is_histogram(TEXT.as_bytes()) && !is_histogram(b"JAVA PROFILE 1.0.2"));
        let input = read(TEXT, "histo.txt");
        assert!(input.facts.complete);
        assert_eq!(input.facts.live_bytes, Some(9_467_936));
        assert_eq!(input.release.as_deref(), Some("17.0.15"));
        let rows: Vec<(&str, u64)> = input
            .inventory
            .classes
            .iter()
            .map(|row| (row.class.as_str(), row.objects))
            .collect();
        assert_eq!(
            rows,
            [
                ("leaks.Circular$R", 200_000),
                ("byte[]", 57_893),
                ("a.B$$Lambda", 15)
            ]
        );
    }

    #[test]
    fn a_second_one_is_not_added() {
        let twice = format!("{TEXT}{TEXT}");
        assert_eq!(read(&twice, "").inventory, read(TEXT, "").inventory);
    }

    #[test]
    fn a_shortened_one_has_a_floor() {
        let rows = TEXT.lines().filter(|line| !line.contains("Lambda"));
        let input = read(&rows.collect::<Vec<_>>().join("\n"), "histo.txt");
        assert!(input.facts.complete);
        assert_eq!(input.facts.live_bytes, Some(9_467_936));
        assert_eq!(input.inventory.classes_floor_bytes, 3_067_696);
        assert_eq!(read(TEXT, "").inventory.classes_floor_bytes, 0);
    }

    #[test]
    fn a_cut_one_is_incomplete() {
        assert!(!read(&TEXT[..200], "histo.txt").facts.complete);
    }
}
