//! Which process wrote a dump: whether two dumps are of one run.

use sha2::{Digest, Sha256};

use crate::heap::Snapshot;

/// The class that has a random number for each process (`ImmutableCollections.java`, JDK 9 and later), and its fields: the JDK orders
/// the elements of immutable sets and maps by it.
const CLASS: &str = "java.util.ImmutableCollections";
const FIELDS: [&str; 2] = ["SALT32L", "SALT"];
/// Hexadecimal digits that are kept: enough to tell processes apart.
const DIGITS: usize = 12;

/// A hash of the number that every process draws at its start. `None` before JDK 9 and where the class is not in the dump.
pub fn process(snapshot: &Snapshot<'_>) -> Option<String> {
    let salt = snapshot.classes().named(CLASS).find_map(|class| {
        let values = FIELDS
            .iter()
            .filter_map(|name| snapshot.static_field(class, name));
        values.filter_map(|value| value.integer()).next()
    });
    let salt = salt.filter(|&salt| salt != 0)?;
    let mut hash = Sha256::new();
    hash.update(b"process");
    hash.update(salt.to_be_bytes());
    let digest = hash.finalize();
    let mut text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(DIGITS);
    Some(text)
}
