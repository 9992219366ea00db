//! HotSpot's own attach protocol: a question costs no second JVM in the container, and needs no JDK there.
//!
//! As HotSpot's `attachListener_posix.cpp` has it: a JVM that gets SIGQUIT while a file `/tmp/.attach_pid<pid>` exists opens the socket
//! `/tmp/.java_pid<pid>` instead of printing its threads; `<pid>` is the PID in the JVM's own namespace. A request is the protocol
//! version, a command and three arguments, each ended by a zero byte; the answer is a line with the result code, 0 for success, and text.

use super::folder::Folder;
use super::process::Jvm;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long the JVM may take to open its socket: it must come to a safepoint.
const OPENING: Duration = Duration::from_secs(5);

/// How often a wait looks whether it is to go on.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// The longest answer that is kept, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// The longest line with a result code, in bytes.
const MAX_CODE: usize = 64;

/// Why a JVM could not be asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The protocol does not reach it; `jcmd` may.
    Unreachable(String),
    /// It was asked, and did not answer or refused; or the wait was given up.
    Failed(String),
}

/// Has the JVM do the diagnostic command `command` (`GC.heap_info`, ...) and writes its answer to `to`.
///
/// `go_on` is asked several times a second with the time since the request; its error ends the wait.
pub(super) fn ask(
    jvm: &Jvm,
    command: &str,
    to: &mut File,
    go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
) -> Result<(), Refusal> {
    if !jvm.is_hotspot {
        let why = "not a HotSpot JVM: only its own jcmd can ask it";
        return Err(Refusal::Unreachable(why.to_owned()));
    }
    let mut stream = connect(jvm, go_on)?;
    exchange(&mut stream, command, to, go_on).map_err(Refusal::Failed)
}

fn exchange(
    stream: &mut UnixStream,
    command: &str,
    to: &mut File,
    go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("attach: {e}");
    stream.set_read_timeout(Some(LOOK)).map_err(fail)?;
    stream.set_write_timeout(Some(LOOK)).map_err(fail)?;
    stream.write_all(&request(command)).map_err(fail)?;
    let start = Instant::now();
    let mut answer = Answer::default();
    let mut buffer = [0; 1 << 14];
    loop {
        go_on(start.elapsed())?;
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => answer.take(&buffer[..read], to).map_err(fail)?,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(fail(e)),
        }
    }
    answer.result()
}

/// An answer that comes in pieces: a line with the result code, and text.
#[derive(Default)]
struct Answer {
    code: Vec<u8>,
    is_code_whole: bool,
    kept: usize,
    /// The beginning of the text, which explains a code.
    said: Vec<u8>,
}

impl Answer {
    fn take(&mut self, mut piece: &[u8], to: &mut File) -> std::io::Result<()> {
        if !self.is_code_whole {
            let end = piece.iter().position(|byte| *byte == b'\n');
            let code = &piece[..end.unwrap_or(piece.len())];
            let room = MAX_CODE.saturating_sub(self.code.len());
            self.code.extend(&code[..code.len().min(room)]);
            self.is_code_whole = end.is_some();
            piece = end.map_or(&[], |end| &piece[end + 1..]);
        }
        let room = 1000_usize.saturating_sub(self.said.len());
        self.said.extend(&piece[..piece.len().min(room)]);
        if self.is_success() {
            let room = MAX_ANSWER.saturating_sub(self.kept);
            let piece = &piece[..piece.len().min(room)];
            to.write_all(piece)?;
            self.kept += piece.len();
        }
        Ok(())
    }

    fn is_success(&self) -> bool {
        self.is_code_whole && self.code.trim_ascii() == b"0"
    }

    fn result(&self) -> Result<(), String> {
        if self.is_success() {
            return Ok(());
        }
        if self.code.is_empty() {
            return Err("the JVM closed the connection without an answer".to_owned());
        }
        let clean =
            |bytes: &[u8]| crate::verdict::clean_name(String::from_utf8_lossy(bytes).trim());
        Err(format!(
            "attach: result {}: {}",
            clean(&self.code),
            clean(&self.said)
        ))
    }
}

/// `1`, `jcmd`, the command, and two empty arguments.
fn request(command: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in ["1", "jcmd", command, "", ""] {
        bytes.extend_from_slice(part.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// A connection to the JVM's socket, which it opens when it is not yet.
fn connect(
    jvm: &Jvm,
    go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
) -> Result<UnixStream, Refusal> {
    let tmp = jvm.tmp();
    let tmp = tmp.map_err(|e| Refusal::Unreachable(format!("the JVM's /tmp: {e}")))?;
    let socket = format!(".java_pid{}", jvm.inner_pid);
    match tmp.connect(&socket, jvm.user) {
        Ok(Some(stream)) => return Ok(stream),
        // What an ended JVM with the same PID left. The new one cannot replace it in a folder with the sticky bit, and would never
        // answer. Where it may not be removed, the wait for the answer says that there is none.
        Err(e) if e.kind() == ErrorKind::ConnectionRefused => drop(tmp.remove(&socket)),
        Err(e) if e.kind() == ErrorKind::WouldBlock => {
            let why = "the JVM takes no more questions (is it stopped?)";
            return Err(Refusal::Failed(why.to_owned()));
        }
        _ => {}
    }
    // The JVM looks in its working folder first and in /tmp then.
    let trigger = format!(".attach_pid{}", jvm.inner_pid);
    let file = tmp.create(&trigger);
    let file = file.map_err(|e| {
        let path = tmp.path.join(&trigger);
        Refusal::Unreachable(format!("attach: {}: {e}", path.display()))
    })?;
    let opened = open_socket(jvm, &file, &tmp, &socket, go_on);
    let _ = tmp.remove(&trigger);
    opened
}

/// Makes the JVM open its socket, waits for it and connects.
fn open_socket(
    jvm: &Jvm,
    trigger: &File,
    tmp: &Folder,
    socket: &str,
    go_on: &mut dyn FnMut(Duration) -> Result<(), String>,
) -> Result<UnixStream, Refusal> {
    let fail = |e: std::io::Error| Refusal::Failed(format!("attach: {e}"));
    std::os::unix::fs::fchown(trigger, Some(jvm.user), Some(jvm.group)).map_err(fail)?;
    super::process::send_sigquit(jvm).map_err(Refusal::Failed)?;
    let start = Instant::now();
    while start.elapsed() < OPENING {
        go_on(Duration::ZERO).map_err(Refusal::Failed)?;
        match tmp.connect(socket, jvm.user) {
            Ok(Some(stream)) => return Ok(stream),
            // The socket is there before the JVM listens.
            Err(e) if e.kind() != ErrorKind::ConnectionRefused => return Err(fail(e)),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    Err(Refusal::Failed(format!(
        "the JVM did not answer within {} s (is -XX:+DisableAttachMechanism set, or is it hanging?)",
        OPENING.as_secs()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_five_parts() {
        assert_eq!(request("VM.flags"), b"1\0jcmd\0VM.flags\0\0\0");
    }

    #[test]
    fn answers_come_in_pieces() {
        let take = |pieces: &[&str]| {
            let mut to = tempfile::tempfile().expect("a file");
            let mut answer = Answer::default();
            for piece in pieces {
                answer.take(piece.as_bytes(), &mut to).expect("kept");
            }
            (answer.result(), to.metadata().expect("a file").len())
        };
        assert_eq!(take(&["0", "\n17", ".0.1\n"]), (Ok(()), 7));
        let refused = take(&["1\nUnknown ", "command"]);
        let why = "attach: result 1: Unknown command".to_owned();
        assert_eq!(refused, (Err(why), 0));
        assert!(take(&[]).0.is_err() && take(&["0"]).0.is_err());
    }
}
