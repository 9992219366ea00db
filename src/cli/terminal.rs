//! The terminal: its size, and what it can show.

use std::io::IsTerminal;

/// Columns of a report that does not go to a terminal.
pub const WIDTH: usize = 100;
/// Rows of a terminal that does not say how many it has.
const USUAL_ROWS: usize = 24;

/// Columns of the terminal, if standard output is one.
pub fn terminal_width() -> Option<usize> {
    terminal_size_of_output().map(|(width, _)| usize::from(width.0))
}

/// Rows of the terminal, if standard output is one; those of the usual one where it does not say.
pub fn terminal_rows() -> Option<usize> {
    let terminal = std::io::stdout().is_terminal();
    let rows = terminal_size_of_output().map_or(0, |(_, height)| usize::from(height.0));
    terminal.then_some(if rows == 0 { USUAL_ROWS } else { rows })
}

fn terminal_size_of_output() -> Option<(terminal_size::Width, terminal_size::Height)> {
    let terminal = std::io::stdout().is_terminal();
    terminal.then(terminal_size::terminal_size).flatten()
}

/// Columns by the variable `COLUMNS`, which shells keep to themselves: who exports it means it.
pub fn wanted_width() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.trim().parse().ok()
}

/// Whether the locale is a UTF-8 one, by the variables that decide it.
pub fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_uppercase();
        locale.contains("UTF-8") || locale.contains("UTF8")
    })
}
