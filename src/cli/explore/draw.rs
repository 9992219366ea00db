//! The views on a terminal.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use unicode_width::UnicodeWidthStr;

use super::app::App;
use super::screen::{Kind, Row, Screen};
use super::visit::Visit;
use crate::report::neutralise;
use crate::report::units::Units;
use crate::report::wrap::wrap;

/// Narrowest and lowest terminal on which something can be read.
const SMALLEST: (u16, u16) = (40, 8);
/// Deepest indentation of a tree.
const DEEPEST: usize = 20;
/// Lines that one sentence takes at most.
const SENTENCE: usize = 6;

const HELP: &[&str] = &[
    "Enter, click   follow a row             ← h [ Backspace   back        ]   forward",
    "↑ ↓ j k        choose                   PgUp PgDn Space   page        g G  first, last",
    "→ ←            open, close a row of the dominator tree",
    "",
    "o  overview           d  dominator tree      c  classes          t  threads",
    "l  class loaders      D  dominators by class  P  by package       L  by loader",
    "w  waste              p  paths to the object  r  who refers to it",
    "",
    "/  rows that match a regular expression (Esc shows all)",
    "@  an object by its address",
    "> <  sort by the next column, the one before      -  turn the order around",
    "",
    "y  copy the command line that gives the same answer",
    "Y  copy the address of the row",
    "s  save the view as Markdown, HTML, JSON, text or TSV",
    "Esc  give up waiting      Ctrl-Z  suspend      q Ctrl-C  quit",
    "",
    "Any key goes back.",
];

/// Draws what is shown. `subject` is the dump.
pub fn draw(frame: &mut Frame, app: &mut App, subject: &str) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let text = format!("at least {} × {}", SMALLEST.0, SMALLEST.1);
        return frame.render_widget(Paragraph::new(text), area);
    }
    let width = usize::from(area.width);
    let mut lines = vec![title(app, subject, width)];
    let below = area.height - 1;
    if app.help {
        lines.extend(HELP.iter().map(|line| Line::from(fit(line, width))));
        app.drawn = (0, Vec::new());
    } else {
        lines.extend(facts(
            &app.visit().screen,
            width,
            usize::from(area.height) / 3,
        ));
        let has_columns = app
            .visit()
            .screen
            .rows
            .iter()
            .any(|row| row.kind == Kind::Data);
        let top = lines.len() + usize::from(has_columns);
        let room = usize::from(below).saturating_sub(top);
        let at = app.at;
        let shown = rows(&mut app.visits[at], width, room);
        lines.extend(Some(shown.header).filter(|_| has_columns));
        lines.extend(shown.lines);
        app.drawn = (top as u16, shown.places);
    }
    lines.truncate(usize::from(below));
    frame.render_widget(Clear, area);
    frame.render_widget(
        Paragraph::new(lines),
        Rect {
            height: below,
            ..area
        },
    );
    let last = Rect {
        y: area.y + below,
        height: 1,
        ..area
    };
    frame.render_widget(Paragraph::new(status(app, width)), last);
    if let Some((prompt, text)) = &app.prompt {
        let used = format!("{}{text}", prompt.label()).width();
        frame.set_cursor_position((area.x + (used.min(width - 1)) as u16, area.y + below));
    }
}

fn fit(text: &str, width: usize) -> String {
    neutralise::shorten_names(&neutralise::plain(text, true), width, "…")
}

/// The file and the way that led here.
fn title(app: &App, subject: &str, width: usize) -> Line<'static> {
    let way: Vec<&str> = app.visits[..=app.at]
        .iter()
        .map(|visit| visit.screen.title.as_str())
        .collect();
    let whole = format!(" {subject}: {}", way.join(" > "));
    let text = match neutralise::plain(&whole, true) {
        text if text.width() <= width => text,
        // Where one is says more than where one came from.
        _ => format!(" {subject}: … > {}", way.last().unwrap_or(&"")),
    };
    let text = fit(&text, width);
    let padding = " ".repeat(width.saturating_sub(text.width()));
    Line::from(format!("{text}{padding}")).style(Style::new().add_modifier(Modifier::REVERSED))
}

fn status(app: &App, width: usize) -> Line<'static> {
    if let Some((prompt, text)) = &app.prompt {
        let text = neutralise::plain(text, true);
        return Line::from(format!("{}{text}", prompt.label()));
    }
    let text = if app.is_waiting() {
        "working ... (Esc gives up)".to_owned()
    } else if app.said.is_empty() {
        let visit = app.visit();
        let place = match visit.order.len() {
            0 => String::new(),
            all => format!("{}/{all}  ", visit.chosen + 1),
        };
        format!("{place}Enter follows  ← back  / filter  o d c t l views  ? help  q quit")
    } else {
        app.said.clone()
    };
    Line::from(fit(&text, width)).style(Style::new().add_modifier(Modifier::DIM))
}

/// The lines above the table; what does not fit is said to be left out.
fn facts(screen: &Screen, width: usize, most: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line> = Vec::new();
    for (number, fact) in screen.facts.iter().enumerate() {
        let style = match number {
            0 => Style::new().add_modifier(Modifier::BOLD),
            _ => Style::new(),
        };
        let wrapped = wrap(&neutralise::plain(fact, true), width);
        lines.extend(
            wrapped
                .into_iter()
                .map(|line| Line::from(line).style(style)),
        );
    }
    if lines.len() > most.max(2) {
        lines.truncate(most.max(2) - 1);
        lines.push(Line::from("… s saves all of it"));
    }
    lines
}

/// What is drawn of the rows.
struct Shown {
    /// The names of the columns.
    header: Line<'static>,
    /// Lines of rows.
    lines: Vec<Line<'static>>,
    /// The place of each line's row.
    places: Vec<usize>,
}

/// Cells in columns: the header first. The widths are those of all rows of the view, up to a number that costs no time.
fn table_lines(screen: &Screen, shown: &[&Row], width: usize) -> Vec<String> {
    let mut table = screen.table();
    for row in shown {
        table.cells(cells(row));
    }
    let measured = screen.rows.iter().filter(|row| row.kind == Kind::Data);
    for row in measured.take(MEASURED) {
        table.cells(cells(row));
    }
    let mut lines = table.lines(width, true);
    lines.truncate(1 + shown.len());
    lines
}

/// Rows whose cells decide the widths of columns.
const MEASURED: usize = 300;

fn cells(row: &Row) -> Vec<String> {
    let units = Units::default();
    let mut cells: Vec<String> = row.cells.iter().map(|cell| cell.shown(units)).collect();
    let mark = match (row.opens.is_some(), row.is_open) {
        (true, true) => "▾ ",
        (true, false) => "▸ ",
        (false, _) if row.depth > 0 => "  ",
        (false, _) => "",
    };
    if let Some(last) = cells.last_mut() {
        *last = format!("{}{mark}{last}", "  ".repeat(row.depth.min(DEEPEST)));
    }
    cells
}

/// As many rows as there is room for, from the first to be shown. Scrolls until the chosen row is there.
fn rows(visit: &mut Visit, width: usize, room: usize) -> Shown {
    visit.first = visit.first.min(visit.chosen);
    // A chosen row that is far below: begin near it instead of trying every row in between.
    visit.first = visit.first.max(visit.chosen.saturating_sub(room.max(1)));
    loop {
        let shown = from_first(visit, width, room);
        if shown.places.contains(&visit.chosen) || visit.first >= visit.chosen {
            return shown;
        }
        visit.first += 1;
    }
}

fn from_first(visit: &Visit, width: usize, room: usize) -> Shown {
    let order = visit.order.iter().enumerate().skip(visit.first).take(room);
    let window: Vec<(usize, &Row)> = order
        .filter_map(|(at, &place)| Some((at, visit.screen.rows.get(place)?)))
        .collect();
    let data: Vec<&Row> = window
        .iter()
        .map(|(_, row)| *row)
        .filter(|row| row.kind == Kind::Data)
        .collect();
    let mut laid_out = table_lines(&visit.screen, &data, width).into_iter();
    let underlined = Style::new().add_modifier(Modifier::UNDERLINED);
    let mut shown = Shown {
        header: Line::from(laid_out.next().unwrap_or_default()).style(underlined),
        lines: Vec::new(),
        places: Vec::new(),
    };
    for (at, row) in window {
        let mut drawn = match row.kind {
            Kind::Data => vec![laid_out.next().unwrap_or_default()],
            _ => sentence(row, width),
        };
        if shown.lines.len() + drawn.len() > room && !shown.lines.is_empty() {
            break;
        }
        drawn.truncate(room);
        let style = style(row, at == visit.chosen);
        for text in drawn {
            let padding = match at == visit.chosen {
                true => width.saturating_sub(text.width()),
                false => 0,
            };
            let text = format!("{text}{}", " ".repeat(padding));
            shown.lines.push(Line::from(Span::styled(text, style)));
            shown.places.push(at);
        }
    }
    shown
}

fn sentence(row: &Row, width: usize) -> Vec<String> {
    let text = neutralise::plain(&row.says(), true);
    let lead = match (row.kind, row.target.is_some()) {
        (Kind::Heading, _) => "",
        (_, true) => "→ ",
        (_, false) => "  ",
    };
    let indent = "  ".repeat(row.depth.min(DEEPEST));
    let used = lead.chars().count() + indent.len();
    let mut lines = wrap(&text, width.saturating_sub(used).max(10));
    lines.truncate(SENTENCE);
    let first = |number: usize| if number == 0 { lead } else { "  " };
    let lines = lines.into_iter().enumerate();
    lines
        .map(|(number, line)| format!("{indent}{}{line}", first(number)))
        .collect()
}

fn style(row: &Row, is_chosen: bool) -> Style {
    let style = match row.kind {
        Kind::Heading => Style::new().add_modifier(Modifier::BOLD),
        _ => Style::new(),
    };
    match is_chosen {
        true => style.add_modifier(Modifier::REVERSED),
        false => style,
    }
}
