//! The formats of evidence, one file each.
//!
//! A format looks at the line where it may begin and answers `None`, or reads up to its end. Formats with unmistakable headings come first.

pub(super) mod cgroup;
mod class_histogram;
mod code_cache;
mod control_group_top;
mod custom_columns;
mod docker_stats;
mod eviction;
mod exposition;
mod gc_log;
mod gc_log_old;
mod heap_info;
mod jfr_print;
mod jmap_heap;
mod json;
mod jstat;
mod kernel_oom;
mod kubectl_describe;
mod kubectl_get;
mod kubectl_top;
mod malloc_info;
mod metaspace;
mod metrics;
mod native_memory;
mod pmap;
mod proc_status;
mod process_table;
pub(super) mod refused;
mod series_csv;
mod smaps;
mod systemd_unit;
mod vm_flags;
mod vm_info;
mod yaml;

use super::letters::{Letters, Sought};
use super::{Found, Here, MOST_ROWS};

/// Of a format that may begin at any line.
const ANY: &[Letters] = &[Letters::of("")];

/// A format of evidence.
pub(super) struct Format {
    /// Name in messages and sources.
    pub name: &'static str,
    /// Letters of the line where it begins: all of one of these sets. Cheap, as a text may be long and of no known format.
    pub letters: &'static [Letters],
    /// What it says, when it begins at the line that is looked at.
    pub read: fn(&Here<'_>) -> Option<Found>,
}

impl Format {
    /// Whether it may begin at a line of such letters.
    pub fn may_begin(&self, letters: Letters) -> bool {
        self.letters.iter().any(|&all| letters.have(all))
    }
}

/// Bytes of the longest line that any format but JSON begins with.
const LONGEST_LINE: usize = 1 << 20;

/// The formats that may begin at `line`.
pub(super) fn formats_of(line: &str) -> &'static [Format] {
    match line.len() > LONGEST_LINE {
        true => &[json::FORMAT],
        false => FORMATS,
    }
}

/// All formats; the first that begins at a line reads it.
const FORMATS: &[Format] = &[
    gc_log::FORMAT,
    gc_log_old::FORMAT,
    json::FORMAT,
    yaml::FORMAT,
    exposition::FORMAT,
    vm_info::FORMAT,
    malloc_info::FORMAT,
    malloc_info::STATS,
    native_memory::FORMAT,
    smaps::FORMAT,
    proc_status::FORMAT,
    heap_info::FORMAT,
    jmap_heap::FORMAT,
    class_histogram::FORMAT,
    metaspace::FORMAT,
    code_cache::FORMAT,
    jstat::FORMAT,
    jfr_print::FORMAT,
    vm_flags::FORMAT,
    vm_flags::TABLE,
    kubectl_describe::FORMAT,
    kernel_oom::FORMAT,
    eviction::FORMAT,
    pmap::FORMAT,
    series_csv::FORMAT,
    systemd_unit::FORMAT,
    systemd_unit::SHOW,
    refused::FORMAT,
    process_table::FORMAT,
    control_group_top::FORMAT,
    docker_stats::CRICTL,
    docker_stats::FORMAT,
    kubectl_top::FORMAT,
    kubectl_get::FORMAT,
    custom_columns::FORMAT,
    cgroup::STAT,
    cgroup::EVENTS,
    cgroup::VALUES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_line_is_offered_to_few_formats() {
        for (line, most) in [
            ("}", 3),
            ("17", 7),
            ("  app: shop of 12 and", 10),
            (
                "2026-11-30 12:00:01.123 INFO  [main] com.acme.Shop - served order 1234 in 12 ms",
                16,
            ),
        ] {
            let letters = Letters::of(line);
            let offered = FORMATS.iter().filter(|format| format.may_begin(letters));
            let names: Vec<_> = offered.map(|format| format.name).collect();
            assert!(names.len() <= most, "{line}: {names:?}");
        }
    }
}
