//! What the folder keeps of the JVM's answers: sizes. `VM.info` and `VM.flags` also tell the command line, properties, the environment and
//! paths, in which passwords and logins stand.

use crate::verdict::jvm_facts::flags::is_value;

/// What is kept of the answer to `VM.flags`: names of flags, and values that are a number, a size or a known word.
pub(super) fn flags(answer: &str) -> String {
    let line = |line: &str| {
        let kept: Vec<String> = line.split_whitespace().filter_map(flag).collect();
        (!kept.is_empty()).then(|| kept.join(" ") + "\n")
    };
    answer.lines().filter_map(line).collect()
}

/// A flag without a value that may be any text.
fn flag(word: &str) -> Option<String> {
    let name = word.strip_prefix("-XX:")?;
    let (name, value) = match name.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (name, None),
    };
    let plain = name.strip_prefix(['+', '-']).unwrap_or(name);
    let is_name = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_alphanumeric());
    let shown = match value {
        _ if !is_name => return None,
        None if plain == name => return None,
        Some(value) if !is_value(value) => format!("-XX:{name}=*"),
        _ => word.to_owned(),
    };
    Some(shown)
}

/// Beginnings of the lines of `VM.info` that are kept wherever they stand.
const LINES: [&str; 14] = [
    "# JRE version:",
    "# Java VM:",
    "---------------",
    "Time: ",
    "time: ",
    "timezone: ",
    "Virtual Size: ",
    "Resident Set Size: ",
    "Swapped out: ",
    "C-Heap ",
    "container_type: ",
    "memory_",
    "kernel_memory_",
    "END.",
];

/// What is kept of the answer to `VM.info`: which JVM and when, the heap, Native Memory Tracking, the process's and the container's sizes.
pub(super) fn info(answer: &str) -> String {
    let mut kept = String::new();
    let mut within = Section::None;
    for line in answer.lines() {
        within = match line {
            "Heap:" => Section::Heap,
            "Native Memory Tracking:" => Section::Tracking,
            _ if within.ends_at(line) => Section::None,
            _ => within,
        };
        if within != Section::None || LINES.iter().any(|start| line.starts_with(start)) {
            kept.push_str(line);
            kept.push('\n');
        } else if line.trim().is_empty() && !kept.ends_with("\n\n") {
            kept.push('\n');
        }
    }
    kept
}

/// A part of `VM.info` that is kept whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Heap,
    Tracking,
}

impl Section {
    fn ends_at(self, line: &str) -> bool {
        match self {
            Section::None => true,
            Section::Heap => line.trim().is_empty(),
            Section::Tracking => {
                let belongs = line.is_empty()
                    || line.starts_with([' ', '(', '\t'])
                    || line.starts_with("- ")
                    || line.starts_with("Total: ");
                !belongs
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_keep_no_texts() {
        let answer = "17:\n-XX:+UseG1GC -XX:MaxHeapSize=67108864 -XX:OnError=curl Zq1 -XX:NativeMemoryTracking=summary \
            -XX:NativeMemoryTracking=Zq2 -XX:Zq3 -XX:+Zq/4 -Dpassword=Zq5\n";
        assert_eq!(
            flags(answer),
            "-XX:+UseG1GC -XX:MaxHeapSize=67108864 -XX:OnError=* -XX:NativeMemoryTracking=summary -XX:NativeMemoryTracking=*\n"
        );
    }

    #[test]
    fn info_keeps_sizes() {
        let answer = "#\n# JRE version: 17\n# Java VM: 17\n\nCommand Line: -Dp=Zq1\nHeap:\n garbage-first heap total 1K, used 1K\n\n\
            jvm_args: Zq2\nNative Memory Tracking:\n\nTotal: reserved=1KB\n-  Java Heap (reserved=1KB)\nEnvironment Variables:\nPASS=Zq3\n \
            Zq4\nResident Set Size: 5K\nEND.\n";
        let kept = info(answer);
        assert!(!kept.contains("Zq"), "{kept}");
        for line in [
            "# Java VM:",
            " garbage-first",
            "-  Java Heap",
            "Resident Set",
            "END.",
        ] {
            assert!(kept.contains(line), "{line}: {kept}");
        }
    }
}
