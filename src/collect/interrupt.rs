//! Whether somebody asked this process to end: TERM, INT or HUP. Only the command line catches them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A mark that a signal sets, and that every wait looks at. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
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
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
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
