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

use super::{Found, Here};

/// A format of evidence.
pub(super) struct Format {
    /// Name in messages and sources.
    pub name: &'static str,
    /// What it says, when it begins at the line that is looked at.
    pub read: fn(&Here<'_>) -> Option<Found>,
}

/// All formats; the first that begins at a line reads it.
pub(super) const FORMATS: &[Format] = &[
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
