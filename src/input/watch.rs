//! Whether a file stayed the same while it was read.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::error::neutral;
use super::warning::{FILE_CHANGED, InputWarning, PART_FILES};

/// An open file with its size and time of change as they were when it was opened.
#[derive(Debug)]
pub(super) struct Watch {
    file: File,
    size: u64,
    modified: Option<SystemTime>,
}

impl Watch {
    pub(super) fn new(file: File, metadata: &Metadata) -> Self {
        Self {
            file,
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    /// When the file was written last before it was opened.
    pub(super) fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Compares the file with what it was.
    pub(super) fn check(&self) -> Option<InputWarning> {
        let now = match self.file.metadata() {
            Ok(now) => now,
            Err(error) => {
                return Some(changed(format!(
                    "can no longer be asked for its size ({error})"
                )));
            }
        };
        let (before, after) = (self.size, now.len());
        if after != before {
            let how = if after > before { "grew" } else { "shrank" };
            let offset = before.min(after);
            return Some(changed(format!("{how} from {before} to {after} bytes")).at(offset));
        }
        let touched = match (self.modified, now.modified()) {
            (Some(before), Ok(after)) => before != after,
            _ => false,
        };
        touched.then(|| changed("was written to".to_owned()))
    }
}

fn changed(how: String) -> InputWarning {
    let message = format!(
        "the file {how} while it was read: the numbers may be wrong; wait until the dump is complete and run again"
    );
    InputWarning::new(FILE_CHANGED, message)
}

/// The part files (`dump.p0`, `dump.p1`, ...) that HotSpot's parallel dump (JDK 22 and later) merges into `dump` and deletes one
/// by one: where some are left the dump was interrupted.
pub(super) fn part_files(path: &Path) -> Option<InputWarning> {
    // HotSpot uses at most one part file per core that is active; nobody has asked for more dump threads than this.
    const MOST_PARTS: usize = 256;
    let name = path.file_name()?.to_os_string();
    let left = (0..MOST_PARTS).filter(|number| {
        let mut part = name.clone();
        part.push(format!(".p{number}"));
        is_file(&path.with_file_name(part)).unwrap_or(false)
    });
    let left = left.count() as u64;
    let shown = neutral(&name.to_string_lossy());
    let message = format!(
        "{left} part files of a parallel dump lie beside the dump ({shown}.p*): the JVM was killed or the disk was full before they \
         were merged, so objects are missing; take the dump again"
    );
    (left > 0).then(|| InputWarning::new(PART_FILES, message).counting(left))
}

fn is_file(path: &Path) -> io::Result<bool> {
    Ok(path.metadata()?.is_file())
}
