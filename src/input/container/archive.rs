//! Which file of an archive is meant: the dump in it, or the one with the number that the user gave.

use crate::input::error::{InputError, Problem};
use crate::input::sniff::Content;
use crate::input::warning::{InputWarning, OTHER_DUMPS_IN_ARCHIVE};

/// Files of an archive that are remembered as what may be meant; beyond that nobody counts them.
const MOST_CANDIDATES: usize = 1000;

/// Names that the warning about other dumps lists.
const NAMES_SHOWN: usize = 5;

/// A file in an archive and what it begins with.
pub(super) struct Member<T> {
    /// Its name, control characters escaped.
    pub(super) name: String,
    /// What it is.
    pub(super) content: Result<Content, Problem>,
    /// Where it is.
    pub(super) place: T,
}

/// The files of an archive, as they are met.
pub(super) struct Members<T> {
    dumps: Vec<Member<T>>,
    /// Compressed files that may hold a dump.
    packed: Vec<Member<T>>,
    files: usize,
    /// What is wrong with the first file that is neither.
    problem: Option<Problem>,
}

impl<T> Members<T> {
    pub(super) fn new() -> Self {
        Members {
            dumps: Vec::new(),
            packed: Vec::new(),
            files: 0,
            problem: None,
        }
    }

    /// Takes the next file.
    pub(super) fn add(&mut self, member: Member<T>) {
        self.files += 1;
        let list = match &member.content {
            Ok(Content::Hprof) => &mut self.dumps,
            Ok(Content::Container(_)) => &mut self.packed,
            Err(problem) => {
                self.problem.get_or_insert_with(|| problem.clone());
                return;
            }
        };
        if list.len() < MOST_CANDIDATES {
            list.push(member);
        }
    }
}

/// The file that is meant.
pub(super) struct Choice<T> {
    pub(super) place: T,
    /// What to tell about the others.
    pub(super) warning: Option<InputWarning>,
    /// Whether the number that the user gave picked it.
    pub(super) is_picked: bool,
}

/// Chooses among `members`: a dump if there is one, else a compressed file that may hold one. `number` counts the dumps from 1.
pub(super) fn choose<T>(
    members: Members<T>,
    format: &'static str,
    name: &str,
    number: usize,
) -> Result<Choice<T>, InputError> {
    let files = members.files;
    let only_problem = members.problem.filter(|_| files == 1);
    let mut found = match members.dumps.is_empty() {
        true => members.packed,
        false => members.dumps,
    };
    if found.is_empty() {
        let (place, problem) = match only_problem {
            Some(problem) => (format!("in the {format} archive: "), problem),
            None => (String::new(), Problem::NoDumpInArchive { format, files }),
        };
        let name = name.to_owned();
        return Err(InputError::Content {
            name,
            place,
            problem,
        });
    }
    let is_picked = found.len() > 1;
    let index = if is_picked {
        number.saturating_sub(1)
    } else {
        0
    };
    if index >= found.len() {
        return Err(InputError::NoSuchDump {
            name: name.to_owned(),
            wanted: number,
            found: found.len(),
        });
    }
    let chosen = found.remove(index);
    let warning = is_picked.then(|| others(format, &chosen.name, &found));
    Ok(Choice {
        place: chosen.place,
        warning,
        is_picked,
    })
}

fn others<T>(format: &str, chosen: &str, others: &[Member<T>]) -> InputWarning {
    let mut names: Vec<&str> = others
        .iter()
        .take(NAMES_SHOWN)
        .map(|m| m.name.as_str())
        .collect();
    if others.len() > NAMES_SHOWN {
        names.push("...");
    }
    let count = others.len() as u64;
    let message = format!(
        "this is {chosen}; the {format} archive holds {count} more: {} (--dump N picks)",
        names.join(", ")
    );
    InputWarning::new(OTHER_DUMPS_IN_ARCHIVE, message).counting(count)
}
