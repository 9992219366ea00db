//! Does it matter: the memory ledger, outside evidence, the decision.
//!
//! The question is not "who is the largest holder" but "can the Java heap explain the memory problem". It is answered from sizes: the live
//! heap against the maximum heap, against what was measured outside ([`evidence`]), against the growth that was observed.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`size`] | sizes as people and tools write them |
//! | [`facts`] | what the dump says, as plain numbers: the input of the decision |
//! | [`heap_facts`] | reading those numbers from the heap |
//! | [`jvm_facts`] | what the dump says of its JVM: version, maximum heap, flags, threads, `OutOfMemoryError` |
//! | [`off_heap`] | native memory that the heap knows of, one file per kind, with its owners |
//! | [`evidence`] | what was measured outside: one file per format |
//! | [`observed`] | the evidence put together: which container is the JVM's, what grew, what contradicts |
//! | [`budget`] | maximum heap and native memory against the limit of the container |
//! | [`ledger`] | every component of the process's memory, and what remains unexplained |
//! | [`decision`] | suspected, ruled out or inconclusive: the table of rules |

#[doc(hidden)]
pub mod budget;
#[doc(hidden)]
pub mod component;
pub mod decision;
pub mod evidence;
#[doc(hidden)]
pub mod facts;
pub(crate) mod field_values;
#[doc(hidden)]
pub mod heap_facts;
pub(crate) mod jvm_facts;
#[doc(hidden)]
pub mod ledger;
#[doc(hidden)]
pub mod observed;
#[doc(hidden)]
pub mod off_heap;
pub(crate) mod size;

/// `name` made harmless for a sentence: control and direction-changing characters and backticks become `?`, at most 200 characters.
///
/// Names come from the dump or from evidence files, so from anybody; renderers still escape for their own format.
pub fn clean_name(name: &str) -> String {
    let mut out: String = name
        .chars()
        .take(200)
        .map(|c| match c {
            '`' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '?'
            }
            c if c.is_control() => '?',
            c => c,
        })
        .collect();
    if name.chars().nth(200).is_some() {
        out.push_str("...");
    }
    out
}

/// The file in an incident folder that says what was collected, when and with what; written by `hprof-suspects collect`.
pub const MANIFEST: &str = "manifest.json";
