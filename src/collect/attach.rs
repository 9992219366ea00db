//! HotSpot's own attach protocol, for JVMs without a `jcmd` (a JRE) or that `jcmd` does not reach (another container).
//!
//! As HotSpot's `attachListener_posix.cpp` has it: a JVM that gets SIGQUIT while a file `/tmp/.attach_pid<pid>` exists opens the socket
//! `/tmp/.java_pid<pid>` instead of printing its threads; `<pid>` is the PID in the JVM's own namespace. A request is the protocol
//! version, a command and three arguments, each ended by a zero byte; the answer is a line with the result code, 0 for success, and text.

use super::folder::Folder;
use super::process::Jvm;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long the JVM may take to open its socket: it must come to a safepoint.
const OPENING: Duration = Duration::from_secs(15);

/// The longest answer that is kept, in bytes.
const MAX_ANSWER: u64 = 64 << 20;

/// Has the JVM do the diagnostic command `command` (`GC.heap_info`, ...) and writes its answer to `to`.
///
/// `patience` bounds every wait for the answer.
pub(super) fn ask(
    jvm: &Jvm,
    command: &str,
    to: &mut File,
    patience: Option<Duration>,
) -> Result<(), String> {
    if !jvm.is_hotspot {
        return Err("not a HotSpot JVM: only its own jcmd can ask it".to_owned());
    }
    let mut stream = connect(jvm)?;
    let fail = |e: std::io::Error| format!("attach: {e}");
    stream.set_read_timeout(patience).map_err(fail)?;
    stream.write_all(&request(command)).map_err(fail)?;
    let mut answer = BufReader::new(stream.take(MAX_ANSWER));
    let mut code = String::new();
    answer.read_line(&mut code).map_err(fail)?;
    if code.trim() == "0" {
        std::io::copy(&mut answer, to).map_err(fail)?;
        return Ok(());
    }
    let mut said = String::new();
    // The text only explains the code; without it the code must do.
    let _ = answer.take(1000).read_to_string(&mut said);
    Err(format!(
        "attach: result {}: {}",
        crate::verdict::clean_name(code.trim()),
        crate::verdict::clean_name(said.trim())
    ))
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
fn connect(jvm: &Jvm) -> Result<UnixStream, String> {
    let tmp = jvm.tmp().map_err(|e| format!("the JVM's /tmp: {e}"))?;
    let socket = format!(".java_pid{}", jvm.inner_pid);
    match tmp.connect(&socket, jvm.user) {
        Ok(Some(stream)) => return Ok(stream),
        // What an ended JVM with the same PID left. The new one cannot replace it in a folder with the sticky bit, and would never
        // answer. Where it may not be removed, the wait for the answer says that there is none.
        Err(e) if e.kind() == ErrorKind::ConnectionRefused => drop(tmp.remove(&socket)),
        _ => {}
    }
    // The JVM looks in its working folder first and in /tmp then.
    let trigger = format!(".attach_pid{}", jvm.inner_pid);
    let file = tmp.create(&trigger);
    let file = file.map_err(|e| format!("attach: {}: {e}", tmp.path.join(&trigger).display()))?;
    let opened = open_socket(jvm, &file, &tmp, &socket);
    let _ = tmp.remove(&trigger);
    opened
}

/// Makes the JVM open its socket, waits for it and connects.
fn open_socket(
    jvm: &Jvm,
    trigger: &File,
    tmp: &Folder,
    socket: &str,
) -> Result<UnixStream, String> {
    let fail = |e: std::io::Error| format!("attach: {e}");
    std::os::unix::fs::fchown(trigger, Some(jvm.user), Some(jvm.group)).map_err(fail)?;
    super::process::send_sigquit(jvm)?;
    let start = Instant::now();
    while start.elapsed() < OPENING {
        match tmp.connect(socket, jvm.user) {
            Ok(Some(stream)) => return Ok(stream),
            // The socket is there before the JVM listens.
            Err(e) if e.kind() != ErrorKind::ConnectionRefused => return Err(fail(e)),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    Err(format!(
        "the JVM did not answer within {} s (is -XX:+DisableAttachMechanism set, or is it hanging?)",
        OPENING.as_secs()
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_request_has_five_parts() {
        assert_eq!(super::request("VM.flags"), b"1\0jcmd\0VM.flags\0\0\0");
    }
}
