//! HotSpot's own attach protocol, for JVMs without a `jcmd` (a JRE) or that `jcmd` does not reach (another container).
//!
//! As HotSpot's `attachListener_posix.cpp` has it: a JVM that gets SIGQUIT while a file `/tmp/.attach_pid<pid>` exists opens the socket
//! `/tmp/.java_pid<pid>` instead of printing its threads; `<pid>` is the PID in the JVM's own namespace. A request is the protocol
//! version, a command and three arguments, each ended by a zero byte; the answer is a line with the result code, 0 for success, and text.

use super::process::Jvm;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
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
    let socket = socket(jvm)?;
    let fail = |e: std::io::Error| format!("attach: {e}");
    let mut stream = UnixStream::connect(&socket).map_err(fail)?;
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

/// The JVM's socket, opened when it is not yet.
fn socket(jvm: &Jvm) -> Result<PathBuf, String> {
    let tmp = jvm.outside(Path::new("/tmp"));
    let socket = tmp.join(format!(".java_pid{}", jvm.inner_pid));
    if is_socket_of(&socket, jvm) {
        return Ok(socket);
    }
    remove_stale(&socket);
    // The JVM looks in its working folder first and in /tmp then.
    let trigger = tmp.join(format!(".attach_pid{}", jvm.inner_pid));
    let file = super::create_private(&trigger)
        .map_err(|e| format!("attach: {}: {e}", trigger.display()))?;
    let opened = open_socket(jvm, &file, &socket);
    let _ = fs::remove_file(&trigger);
    opened.map(|()| socket)
}

/// Removes what an ended JVM of another user with the same PID left: the JVM cannot, in a folder with the sticky bit, and would never
/// answer. A socket at which somebody listens stays.
fn remove_stale(socket: &Path) {
    let refused = |e: std::io::Error| e.kind() == std::io::ErrorKind::ConnectionRefused;
    if UnixStream::connect(socket).is_err_and(refused) {
        // Where that is not allowed, the wait for the answer says that there is none.
        let _ = fs::remove_file(socket);
    }
}

/// Makes the JVM open its socket and waits for it.
fn open_socket(jvm: &Jvm, trigger: &File, socket: &Path) -> Result<(), String> {
    std::os::unix::fs::fchown(trigger, Some(jvm.user), Some(jvm.group))
        .map_err(|e| format!("attach: {e}"))?;
    super::process::send_sigquit(jvm)?;
    let start = Instant::now();
    while start.elapsed() < OPENING {
        if is_socket_of(socket, jvm) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!(
        "the JVM did not answer within {} s (is -XX:+DisableAttachMechanism set, or is it hanging?)",
        OPENING.as_secs()
    ))
}

/// Whether `path` is a socket that the JVM's user owns; anybody may write to /tmp.
fn is_socket_of(path: &Path, jvm: &Jvm) -> bool {
    fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket() && m.uid() == jvm.user)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_request_has_five_parts() {
        assert_eq!(super::request("VM.flags"), b"1\0jcmd\0VM.flags\0\0\0");
    }
}
