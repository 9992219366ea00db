//! What this process has used so far. Only Linux's `/proc` tells it; elsewhere there is no answer.

use std::time::Duration;

/// User and system time of the process so far.
pub fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields 14 and 15, counted after the name in parentheses, in ticks of 10 ms.
    let after = stat.rsplit(')').next()?;
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Some(Duration::from_millis(ticks.saturating_mul(10)))
}

/// Resident and anonymous memory of the process in mebibytes.
pub fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    Some((field("VmRSS:")? / 1024, field("RssAnon:")? / 1024))
}
