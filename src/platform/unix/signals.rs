//! Signals that end a process, or stop it for a while.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGSTOP, SIGTERM, SIGTSTP, SIGXFSZ};
use signal_hook::{flag, low_level};

/// What asks a process to end.
const ENDING: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];

/// From now on TERM, INT and HUP write their number to `mark` instead of ending the process.
pub fn catch_ending(mark: &Arc<AtomicUsize>) -> io::Result<()> {
    ENDING
        .into_iter()
        .try_for_each(|signal| catch(signal, mark))
}

/// The same, but for those that whoever started this process wants ignored (`nohup`).
pub fn catch_ending_unless_ignored(mark: &Arc<AtomicUsize>) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    for signal in ENDING {
        let bit = 1_u64 << (signal - 1);
        if ignored.unwrap_or(0) & bit == 0 {
            // Where the system does not allow it, the signal ends the process.
            let _ = catch(signal, mark);
        }
    }
}

fn catch(signal: i32, mark: &Arc<AtomicUsize>) -> io::Result<()> {
    let number = usize::try_from(signal).unwrap_or(usize::MAX);
    flag::register_usize(signal, Arc::clone(mark), number).map(|_| ())
}

/// From now on Ctrl-Z and its end set a mark each.
pub fn catch_stopping(stopping: &Arc<AtomicBool>, going_on: &Arc<AtomicBool>) -> io::Result<()> {
    flag::register(SIGTSTP, Arc::clone(stopping))?;
    flag::register(SIGCONT, Arc::clone(going_on)).map(|_| ())
}

/// From now on a write beyond the size that files may have is an error: by itself it ends the process.
pub fn survive_file_limit() {
    // Where the system does not allow it, it stays as it is.
    let _ = flag::register(SIGXFSZ, Arc::default());
}

/// Stops this process until somebody lets it go on.
pub fn stop() -> io::Result<()> {
    low_level::raise(SIGSTOP)
}

/// The signal for a terminal that is gone.
pub const HANG_UP: i32 = SIGHUP;

/// Whether standard input was a terminal that is gone.
pub fn is_hung_up() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let mut asked = [PollFd::new(&stdin, PollFlags::empty())];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().intersects(gone)
}

/// Ends the process as the signal does where nobody catches it.
pub fn end_by(signal: i32) {
    let _ = low_level::emulate_default_handler(signal);
}
