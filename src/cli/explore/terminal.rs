//! The terminal: taken over, and given back whatever happens.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};

use super::super::exit::Failure;
pub use crate::platform::signals::end_by;
use crate::platform::{self, signals};

/// How often it is asked whether the terminal is still there.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Time that the interface has to end by itself.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longest text that is put into a clipboard: terminals drop longer ones.
const LONGEST_COPY: usize = 4_096;

/// Takes back that movements of the pointer are reported (1003, 1002), then asks for buttons again (1000): terminals have one of these
/// modes at a time.
const BUTTONS_ONLY: &str = "\x1b[?1003l\x1b[?1002l\x1b[?1000h";

/// Says why this terminal cannot show the interface, if it cannot.
pub fn refuse() -> Result<(), Failure> {
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let name = std::env::var("TERM").unwrap_or_default();
    let why = match (terminal, name.as_str()) {
        (false, _) => "explore needs a terminal: standard input and output are none",
        (true, "" | "dumb") => {
            "explore needs a terminal that can move its cursor, and TERM says that this one cannot"
        }
        (true, _) => return Ok(()),
    };
    Err(Failure::Other(format!(
        "{why}; the commands path, show, dominators, histogram and threads give the same answers as text"
    )))
}

/// Which signals came.
pub struct Signals {
    ending: Arc<AtomicUsize>,
    stopping: Arc<AtomicBool>,
    going_on: Arc<AtomicBool>,
}

impl Signals {
    /// Watches for signals that end or stop a program.
    pub fn watch() -> io::Result<Signals> {
        let watched = Signals {
            ending: Arc::default(),
            stopping: Arc::default(),
            going_on: Arc::default(),
        };
        signals::catch_ending(&watched.ending)?;
        signals::catch_stopping(&watched.stopping, &watched.going_on)?;
        Ok(watched)
    }

    /// Ends the process where the interface does not end by itself: crossterm keeps asking a terminal that is gone for keys, and uses a
    /// whole core for it.
    pub fn end_in_time(&self) {
        let ending = Arc::clone(&self.ending);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(LOOK_AGAIN);
                let signal = match ending.load(Ordering::Relaxed) {
                    0 if signals::is_hung_up() => signals::HANG_UP,
                    0 => continue,
                    signal => signal as i32,
                };
                std::thread::sleep(PATIENCE);
                give_back();
                end_by(signal);
            }
        });
    }

    /// The signal that ends the program, if one came.
    pub fn ending(&self) -> Option<i32> {
        match self.ending.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal as i32),
        }
    }

    /// Whether the program is to stop for a while.
    pub fn stops(&self) -> bool {
        self.stopping.swap(false, Ordering::Relaxed)
    }

    /// Whether it was stopped and goes on.
    pub fn went_on(&self) -> bool {
        self.going_on.swap(false, Ordering::Relaxed)
    }
}

/// The terminal while the interface has it.
pub struct Screen {
    /// What draws.
    pub terminal: Terminal<CrosstermBackend<io::Stdout>>,
}

impl Screen {
    /// Takes the terminal over. A panic gives it back before its message is written.
    pub fn take() -> io::Result<Screen> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        take_over()?;
        Ok(Screen {
            terminal: Terminal::new(CrosstermBackend::new(io::stdout()))?,
        })
    }

    /// Stops the process as the shell expects, and takes the terminal again when it goes on.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signals::stop()?;
        self.again()
    }

    /// Takes the terminal over again and draws everything anew.
    pub fn again(&mut self) -> io::Result<()> {
        take_over()?;
        self.terminal.clear()
    }

    /// Puts `text` into the clipboard of the terminal, over SSH as well (OSC 52).
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let text: String = text.chars().take(LONGEST_COPY).collect();
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{encoded}\x07")?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableMouseCapture,
        cursor::Hide
    )?;
    // Of the pointer only buttons and the wheel are asked for: every place it passes over would be sent through the line.
    if platform::TERMINALS_LIKE_XTERM {
        io::stdout().write_all(BUTTONS_ONLY.as_bytes())?;
    }
    io::stdout().flush()
}

fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(
        io::stdout(),
        DisableMouseCapture,
        LeaveAlternateScreen,
        cursor::Show
    );
}
