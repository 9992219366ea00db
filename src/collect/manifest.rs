//! The manifest of an incident folder: what was taken, when, with what.

use super::{CollectError, create_private};
use crate::labels::Labels;
use crate::verdict::MANIFEST;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The manifest while it is being written.
const NEXT: &str = "manifest.tmp";

/// The content of `manifest.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format: 1.
    pub schema_version: u32,
    /// Name and version of the program that collected.
    pub tool: String,
    /// The JVM's PID.
    pub pid: u32,
    /// What the JVM says its version is.
    pub jvm_version: Option<String>,
    /// How the JVM was asked: the path of `jcmd`, or `built in (attach protocol)`.
    pub jcmd: String,
    /// When collecting began, UTC.
    pub started_at: String,
    /// When it was done, UTC; empty while it is not.
    pub finished_at: String,
    /// The signal that ended it before it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// What was short when the dump was taken all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<String>,
    /// Whether a second process stood by to remove what was written of the dump, had this one been killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<bool>,
    /// The samples of a course of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// Name of the heap dump's file in the folder.
    pub dump: Option<String>,
    /// Labels for the report: those that were given, and what the environment tells.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// What was done.
    pub steps: Vec<StepRecord>,
}

/// Samples that were taken at intervals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Seconds between two of them.
    pub interval_seconds: u64,
    /// How many were taken: `watch-0001.txt` and so on.
    pub samples: u32,
    /// Why it ended.
    pub ended: String,
}

/// One step of collecting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// What was taken, e.g. `jcmd GC.heap_info`.
    pub name: String,
    /// The file in the folder, when one was written.
    pub file: Option<String>,
    /// When it began, UTC.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// Whether it worked.
    pub outcome: Outcome,
}

/// Whether a step worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It worked.
    Ok,
    /// It failed, with the reason.
    Failed(String),
}

impl Manifest {
    /// Writes the manifest to `folder`, in the place of an earlier one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), CollectError> {
        let path = folder.join(MANIFEST);
        let next = folder.join(NEXT);
        // A kill leaves the earlier one whole.
        let _ = std::fs::remove_file(&next);
        let file = create_private(&next).map_err(CollectError::io(&next))?;
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::from);
        text.and_then(|text| std::io::Write::write_all(&mut &file, text.as_bytes()))
            .and_then(|()| std::fs::rename(&next, &path))
            .map_err(CollectError::io(&path))
    }

    /// Reads the manifest of `folder`; `None` when there is none or it is not readable as one.
    pub fn read(folder: &Path) -> Option<Manifest> {
        let path = folder.join(MANIFEST);
        // A pipe would wait for somebody who writes.
        if !path.is_file() {
            return None;
        }
        // A manifest has a few kilobytes; what is longer is none. At once: the parser asks for single bytes.
        let file = std::fs::File::open(path).ok()?;
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(file, 1 << 20), &mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Calls of `read` that this process has made.
    fn reads() -> u64 {
        let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
        let number = text.lines().find_map(|line| line.strip_prefix("syscr: "));
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    #[test]
    fn a_long_manifest_is_read_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = Manifest {
            jvm_version: Some("x".repeat(500_000)),
            ..Manifest::default()
        };
        manifest.write(folder.path()).expect("written");
        let before = reads();
        assert_eq!(Manifest::read(folder.path()), Some(manifest));
        let made = reads() - before;
        assert!(made < 100_000, "{made}");
    }
}
