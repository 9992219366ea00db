//! Whether somebody asked this process to end: TERM, INT or HUP. Only the command line catches them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A mark that a signal sets, and that every wait looks at. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Catches TERM, INT and HUP from now on, but for those that whoever started this process wants ignored (`nohup`).
    pub fn caught() -> Interrupt {
        let interrupt = Interrupt::default();
        #[cfg(target_os = "linux")]
        interrupt.catch();
        interrupt
    }

    #[cfg(target_os = "linux")]
    fn catch(&self) {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let bit = 1_u64 << (signal - 1);
            if ignored.unwrap_or(0) & bit == 0 {
                let number = usize::try_from(signal).unwrap_or(usize::MAX);
                // Where the system does not allow it, the signal ends the process, and the second one cleans up.
                let _ = signal_hook::flag::register_usize(signal, self.mark(), number);
            }
        }
    }

    /// Where a handler writes the number of the signal.
    pub fn mark(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// The signal that came, as it is called.
    pub fn signal(&self) -> Option<&'static str> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some("SIGHUP"),
            2 => Some("SIGINT"),
            15 => Some("SIGTERM"),
            _ => Some("a signal"),
        }
    }

    /// An error with the signal, when one came.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.signal() {
            Some(signal) => Err(format!("interrupted by {signal}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_seen_by_all_who_wait() {
        let interrupt = Interrupt::default();
        let waits = interrupt.clone();
        assert!(waits.check().is_ok());
        interrupt.mark().store(15, Ordering::Relaxed);
        assert_eq!(waits.check(), Err("interrupted by SIGTERM".to_owned()));
    }
}
