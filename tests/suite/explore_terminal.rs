//! `explore` in a real terminal (tmux): what it shows, and that the terminal is as before whatever ends it.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{golden, skipped};

/// A server of its own, so that nobody's sessions are touched.
struct Tmux {
    socket: String,
}

impl Tmux {
    /// A shell in a terminal of 80 columns and 24 rows; `None` where there is no tmux.
    fn new(name: &str) -> Option<Tmux> {
        let socket = format!("explore-{name}-{}", std::process::id());
        let tmux = Tmux { socket };
        let shell = "PS1='$ ' LC_ALL=C.UTF-8 bash --norc --noprofile";
        let made = tmux.command(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "24",
            shell,
        ]);
        made.is_some().then_some(tmux)
    }

    fn command(&self, arguments: &[&str]) -> Option<String> {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", &self.socket])
            .args(arguments)
            .env_remove("TMUX");
        let output = tmux
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn screen(&self) -> String {
        self.command(&["capture-pane", "-p"]).unwrap_or_default()
    }

    fn keys(&self, keys: &[&str]) {
        let arguments = [&["send-keys"], keys].concat();
        self.command(&arguments).expect("keys are sent");
    }

    /// Types a command and starts it.
    fn start(&self, command: &str) {
        self.keys(&["-l", command]);
        self.keys(&["Enter"]);
    }

    /// The process number of the shell.
    fn shell(&self) -> String {
        let shell = self.command(&["display-message", "-p", "#{pane_pid}"]);
        shell.expect("the shell").trim().to_owned()
    }

    /// The process number of what the shell started.
    fn child(&self, shell: &str) -> String {
        let children = format!("/proc/{shell}/task/{shell}/children");
        let child = std::fs::read_to_string(children).expect("children");
        child.trim().to_owned()
    }

    /// Waits until the screen is what it should be.
    #[track_caller]
    fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "{what}:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether the terminal echoes, and is not in its second screen: what a shell needs.
    #[track_caller]
    fn is_restored(&self, what: &str) {
        self.until(what, |screen| screen.trim_end().ends_with('$'));
        self.start("stty -a | grep -ow -e -echo -e -icanon; echo done-$((20+3))");
        let screen = self.until(what, |screen| screen.contains("done-23"));
        let after = screen.rsplit("done-$").next().unwrap_or_default();
        assert!(
            !after.contains("\n-echo") && !after.contains("\n-icanon"),
            "{what}: {screen}"
        );
        let modes = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}";
        let modes = self
            .command(&["display-message", "-p", modes])
            .unwrap_or_default();
        assert_eq!(modes.trim(), "0 0 1", "{what}: {screen}");
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.command(&["kill-server"]);
    }
}

fn explore() -> String {
    let program = env!("CARGO_BIN_EXE_hprof-suspects");
    format!(
        "clear; '{program}' explore '{}'",
        golden("sample").display()
    )
}

#[test]
fn a_session_in_tmux() {
    let Some(tmux) = Tmux::new("session") else {
        return skipped("needs tmux");
    };
    tmux.start(&explore());
    let overview = tmux.until("the overview", |screen| screen.contains("Look around"));
    assert!(
        overview.contains("Java heap INCONCLUSIVE") && overview.contains("q quit"),
        "{overview}"
    );
    // Buttons and the wheel are asked for, not every place that the pointer passes over.
    let modes = "#{mouse_standard_flag} #{mouse_button_flag} #{mouse_all_flag}";
    let modes = tmux.command(&["display-message", "-p", modes]);
    assert_eq!(modes.as_deref().map(str::trim), Some("1 0 0"));
    tmux.keys(&["Enter"]);
    let suspect = tmux.until("the suspect", |screen| screen.contains("Suspect 1"));
    assert!(
        suspect.contains("com.acme.shop.CacheLeak.PRODUCTS"),
        "{suspect}"
    );
    // To the map that leaks, and back.
    tmux.keys(&["-l", "/"]);
    tmux.keys(&["-l", "static PRODUCTS"]);
    tmux.keys(&["Enter"]);
    tmux.until("one row", |screen| screen.contains("1 of "));
    tmux.keys(&["Enter"]);
    tmux.until("the map", |screen| {
        screen.contains("java.util.HashMap") && screen.contains("Fields")
    });
    tmux.keys(&["BSpace"]);
    tmux.until("back", |screen| {
        screen
            .lines()
            .next()
            .is_some_and(|title| title.trim_end().ends_with("Suspect 1"))
    });
    tmux.command(&["resize-window", "-x", "110", "-y", "30"])
        .expect("resized");
    tmux.until("the new size", |screen| {
        screen.lines().count() >= 29 && screen.contains("Suspect 1")
    });
    tmux.keys(&["-l", "q"]);
    tmux.is_restored("quit");
}

/// Keys that come faster than a line can take screens share one.
#[test]
fn a_held_key_sends_few_screens() {
    let Some(tmux) = Tmux::new("held") else {
        return skipped("needs tmux");
    };
    tmux.start(&explore());
    tmux.until("the overview", |screen| screen.contains("Look around"));
    tmux.keys(&["-l", "c"]);
    tmux.until("the classes", |screen| screen.contains("> Classes"));
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = folder.path().join("drawn");
    let pipe = format!("cat > '{}'", drawn.display());
    tmux.command(&["pipe-pane", &pipe]).expect("a pipe");
    tmux.keys(&["-N", "60", "Down"]);
    tmux.until("the row", |screen| screen.contains("\n61/"));
    tmux.command(&["pipe-pane"]).expect("the end of the pipe");
    // Every screen hides the cursor.
    let began = Instant::now();
    let screens = loop {
        let bytes = std::fs::read(&drawn).unwrap_or_default();
        match String::from_utf8_lossy(&bytes).matches("\x1b[?25l").count() {
            0 if began.elapsed() < Duration::from_secs(20) => {
                std::thread::sleep(Duration::from_millis(50));
            }
            screens => break screens,
        }
    };
    assert!((1..40).contains(&screens), "{screens} screens for 60 keys");
}

#[test]
fn the_terminal_is_given_back() {
    let Some(tmux) = Tmux::new("back") else {
        return skipped("needs tmux");
    };
    // The process number, so that no other process is hit.
    let begin = |tmux: &Tmux| {
        tmux.start(&explore());
        tmux.until("the overview", |screen| screen.contains("Look around"));
        tmux.child(&tmux.shell())
    };
    let kill = |signal: &str, process: &str| {
        let sent = Command::new("kill").args([signal, process]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "{signal} {process}"
        );
    };
    for signal in ["-INT", "-TERM", "-HUP"] {
        let process = begin(&tmux);
        kill(signal, &process);
        tmux.is_restored(signal);
    }
    // Suspended by a key and by a signal; `fg` draws everything again.
    begin(&tmux);
    tmux.keys(&["C-z"]);
    tmux.is_restored("suspended");
    tmux.start("clear; fg");
    tmux.until("drawn again", |screen| screen.contains("Look around"));
    tmux.keys(&["-l", "q"]);
    tmux.is_restored("after fg");
    let process = begin(&tmux);
    kill("-TSTP", &process);
    tmux.is_restored("stopped");
    tmux.start("clear; fg");
    tmux.until("drawn again", |screen| screen.contains("Look around"));
    tmux.keys(&["C-c"]);
    tmux.is_restored("interrupted");
    tmux.start(&format!(
        "clear; TERM=dumb {}",
        explore().trim_start_matches("clear; ")
    ));
    tmux.until("refused", |screen| screen.contains("and TERM says"));
}

/// A lost connection, or a terminal that is closed: the program must not go on, and least of all busily.
#[test]
fn a_terminal_that_is_gone_ends_the_program() {
    let Some(tmux) = Tmux::new("gone") else {
        return skipped("needs tmux");
    };
    tmux.start(&explore());
    tmux.until("the overview", |screen| screen.contains("Look around"));
    let shell = tmux.shell();
    let process = std::path::Path::new("/proc").join(tmux.child(&shell));
    // The shell cannot pass on that the terminal is gone.
    let killed = Command::new("kill").args(["-KILL", &shell]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    tmux.command(&["kill-server"]);
    let began = Instant::now();
    while process.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "it goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
}
