//! One clear line instead of "Bus error" when a mapped file is cut short, or its disk fails, while it is read.
//!
//! # Contract
//!
//! The operating system answers a read beyond the end of a shrunken file with SIGBUS. [`install`] sets a handler that, when the
//! faulting address lies inside a mapping of `input::mapping`, writes one line to standard error and ends the
//! process with code 1. It uses only what a signal handler may use: relaxed loads of atomics, `write(2)` and `_exit(2)`. Any other
//! SIGBUS gets the default action back and so ends the process the way it would have without us. There is no attempt to
//! go on: the thread cannot return from a read that has no answer.
//!
//! Ending the process is not a library's business, so nothing happens unless the program calls [`install`].

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More mappings than one run ever holds (the dump, an unpacked copy, a second copy of a nested container).
const SLOTS: usize = 16;

const MESSAGE: &[u8] =
    b"\nhprof-suspects: the file was cut short, or its disk failed, while it was mapped: \
wait until the dump is written, copy it, or read it with --no-mmap\n";

static STARTS: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(0) }; SLOTS];
static LENGTHS: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(0) }; SLOTS];

/// Sets the handler for the whole process, once. Meant for the command-line program, before it opens a file.
#[allow(unsafe_code)]
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the zeroed sigaction is a valid value (no flags, empty mask) whose handler is then set to a function
        // with the signature that SA_SIGINFO asks for and that only uses async-signal-safe calls.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_sigbus as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&mut action.sa_mask);
            libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut());
        }
    });
}

/// Remembers a mapping. When all slots are taken the mapping is simply not guarded.
pub fn register(start: usize, length: usize) {
    for (slot, size) in STARTS.iter().zip(&LENGTHS) {
        if slot
            .compare_exchange(0, start, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
        {
            size.store(length, Ordering::SeqCst);
            return;
        }
    }
}

/// Forgets a mapping, before it is unmapped.
pub fn unregister(start: usize) {
    for (slot, size) in STARTS.iter().zip(&LENGTHS) {
        if slot.load(Ordering::SeqCst) == start {
            size.store(0, Ordering::SeqCst);
            slot.store(0, Ordering::SeqCst);
            return;
        }
    }
}

fn is_ours(address: usize) -> bool {
    // The kernel rounds a mapping up to whole pages; a fault on the last one is a fault of the file too.
    STARTS.iter().zip(&LENGTHS).any(|(start, length)| {
        let start = start.load(Ordering::Relaxed);
        let length = length.load(Ordering::Relaxed);
        start != 0 && length != 0 && address >= start && address - start < length
    })
}

#[allow(unsafe_code)]
extern "C" fn on_sigbus(
    _signal: libc::c_int,
    info: *mut libc::siginfo_t,
    _context: *mut libc::c_void,
) {
    // SAFETY: the kernel hands a valid siginfo_t to a handler set with SA_SIGINFO; write, _exit and sigaction are
    // async-signal-safe; the message is a static byte string.
    unsafe {
        let address = (*info).si_addr() as usize;
        if is_ours(address) {
            libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
            libc::_exit(1);
        }
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut());
    }
}
