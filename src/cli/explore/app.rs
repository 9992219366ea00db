//! What keys and the mouse do: the views that were visited, the one that is shown, what is being typed.

use std::path::PathBuf;

use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use regex_lite::Regex;

use super::screen::{Ask, Screen, Target};
use super::visit::Visit;
use crate::analyze::explore::dominators::By;
use crate::heap::ObjectIndex;

/// Rows that a turn of the mouse wheel moves.
const WHEEL: isize = 3;
/// Views that are kept to go back to.
const MOST_VISITS: usize = 50;
/// Rows that are opened below a row of a tree at once.
pub const CHILDREN: usize = 50;

/// What is to be done outside of the views.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Answer this; the answer goes to [`App::answered`] with the number.
    Ask(u64, Question),
    /// Put this into the clipboard.
    Copy(String),
    /// Save the view into this file.
    Save(PathBuf),
    /// End.
    Quit,
    /// Stop the process until the shell lets it go on.
    Suspend,
}

/// A question to whoever has the dump.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// A view.
    View(Ask),
    /// The rows below an object of a tree, on this level.
    Children(ObjectIndex, usize),
    /// The object at this address.
    Address(String),
}

/// An answer.
pub enum Answer {
    /// A view.
    View(Ask, Box<Screen>),
    /// Rows of a tree.
    Children(Vec<super::screen::Row>),
    /// There is none, and why.
    Failed(String),
}

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// A regular expression that rows must match.
    Filter,
    /// An address.
    Address,
    /// A name of a file.
    Save,
}

impl Prompt {
    /// What is asked for.
    pub fn label(self) -> &'static str {
        match self {
            Prompt::Filter => "rows that match (regular expression): ",
            Prompt::Address => "address: ",
            Prompt::Save => "save as (.md .html .json .txt .tsv): ",
        }
    }
}

/// Whether [`App::mouse`] does anything with it.
pub fn acts(mouse: MouseEventKind) -> bool {
    let button = MouseEventKind::Down(MouseButton::Left);
    let kinds = [MouseEventKind::ScrollDown, MouseEventKind::ScrollUp, button];
    kinds.contains(&mouse)
}

/// The state of the interface.
pub struct App {
    /// The views, oldest first.
    pub visits: Vec<Visit>,
    /// The one that is shown.
    pub at: usize,
    /// What is being typed, and the text so far.
    pub prompt: Option<(Prompt, String)>,
    /// The last line: what was done.
    pub said: String,
    /// Whether the help is shown.
    pub help: bool,
    /// Which rows the terminal shows where: the first line, and the place of each line's row.
    pub drawn: (u16, Vec<usize>),
    /// The question that is being answered, and the place of the row below which the answer goes.
    pending: Option<(u64, Option<usize>)>,
    asked: u64,
}

impl App {
    /// Begins at `screen`.
    pub fn new(ask: Ask, screen: Screen) -> App {
        App {
            visits: vec![Visit::new(ask, screen)],
            at: 0,
            prompt: None,
            said: String::new(),
            help: false,
            drawn: (0, Vec::new()),
            pending: None,
            asked: 0,
        }
    }

    /// The view that is shown.
    pub fn visit(&self) -> &Visit {
        &self.visits[self.at]
    }

    fn visit_mut(&mut self) -> &mut Visit {
        &mut self.visits[self.at]
    }

    /// Whether an answer is waited for.
    pub fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    fn ask(&mut self, question: Question, below: Option<usize>) -> Effect {
        self.asked += 1;
        self.pending = Some((self.asked, below));
        self.said.clear();
        Effect::Ask(self.asked, question)
    }

    fn view(&mut self, ask: Ask) -> Effect {
        self.ask(Question::View(ask), None)
    }

    /// Takes the answer to question `number`; one that nobody waits for any more is dropped.
    pub fn answered(&mut self, number: u64, answer: Answer) {
        let Some((_, below)) = self.pending.take_if(|(pending, _)| *pending == number) else {
            return;
        };
        match (answer, below) {
            (Answer::View(ask, screen), _) => self.show(ask, *screen),
            (Answer::Children(rows), Some(place)) => self.visit_mut().open(place, rows),
            (Answer::Children(_), None) => {}
            (Answer::Failed(why), _) => self.said = why,
        }
    }

    /// Shows an answer: more rows of the same list in its place, another view after this one.
    fn show(&mut self, ask: Ask, screen: Screen) {
        if self.visit().ask.target == ask.target {
            let visit = self.visit_mut();
            visit.ask = ask;
            visit.screen = screen;
            visit.arrange();
            return;
        }
        self.visits.truncate(self.at + 1);
        self.visits.push(Visit::new(ask, screen));
        if self.visits.len() > MOST_VISITS {
            self.visits.remove(1);
        }
        self.at = self.visits.len() - 1;
    }

    /// What a key does.
    pub fn key(&mut self, key: KeyEvent) -> Effect {
        if key.kind == KeyEventKind::Release {
            return Effect::None;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c' | 'd') => Effect::Quit,
                KeyCode::Char('z') => Effect::Suspend,
                KeyCode::Char('u') => {
                    // As in a shell: what was typed goes.
                    if let Some((_, text)) = &mut self.prompt {
                        text.clear();
                    }
                    Effect::None
                }
                _ => Effect::None,
            };
        }
        if self.help {
            self.help = false;
            return Effect::None;
        }
        if self.prompt.is_some() {
            return self.typed(key.code);
        }
        match key.code {
            KeyCode::Char(letter) => self.letter(letter),
            code => self.moved(code),
        }
    }

    fn moved(&mut self, code: KeyCode) -> Effect {
        let page = self.drawn.1.len().max(1) as isize;
        match code {
            KeyCode::Down => self.visit_mut().choose(1),
            KeyCode::Up => self.visit_mut().choose(-1),
            KeyCode::PageDown => self.visit_mut().choose(page),
            KeyCode::PageUp => self.visit_mut().choose(-page),
            KeyCode::Home => self.visit_mut().choose(isize::MIN + 1),
            KeyCode::End => self.visit_mut().choose(isize::MAX),
            KeyCode::Enter => return self.follow(),
            KeyCode::Right => return self.open(),
            KeyCode::Left => self.close_or_back(),
            KeyCode::Backspace => self.back(),
            KeyCode::Esc => self.give_up(),
            _ => {}
        }
        Effect::None
    }

    fn close_or_back(&mut self) {
        if !self.visit_mut().close() {
            self.back();
        }
    }

    fn letter(&mut self, letter: char) -> Effect {
        let tree = |by| Ask::first(Target::Tree { under: None, by });
        match letter {
            'q' => return Effect::Quit,
            'j' => return self.moved(KeyCode::Down),
            'k' => return self.moved(KeyCode::Up),
            ' ' => return self.moved(KeyCode::PageDown),
            'g' => return self.moved(KeyCode::Home),
            'G' => return self.moved(KeyCode::End),
            'h' | '[' => self.back(),
            ']' => self.forward(),
            'o' => return self.view(Ask::first(Target::Overview)),
            'd' => return self.view(tree(By::Object)),
            'D' => return self.view(tree(By::Class)),
            'P' => return self.view(tree(By::Package)),
            'L' => return self.view(tree(By::Loader)),
            'c' => return self.view(Ask::first(Target::Classes)),
            't' => return self.view(Ask::first(Target::Threads)),
            'l' => return self.view(Ask::first(Target::Loaders)),
            'w' => return self.view(Ask::first(Target::Waste)),
            'r' | 'p' => return self.about_object(letter),
            '>' => self.sort(|visit| visit.sort_by_next(true)),
            '<' => self.sort(|visit| visit.sort_by_next(false)),
            '-' => self.sort(Visit::reverse),
            '/' => self.prompt = Some((Prompt::Filter, String::new())),
            '@' => self.prompt = Some((Prompt::Address, "0x".to_owned())),
            's' => self.prompt = Some((Prompt::Save, "view.md".to_owned())),
            'y' => return self.copy_command(),
            'Y' => return self.copy_row(),
            '?' => self.help = true,
            _ => {}
        }
        Effect::None
    }

    fn sort(&mut self, how: impl FnOnce(&mut Visit)) {
        if !self.visit().can_sort() {
            self.said = "sections and trees are not sorted".to_owned();
            return;
        }
        how(self.visit_mut());
        let visit = self.visit();
        let column = visit
            .sort
            .and_then(|(column, _)| visit.screen.columns.get(column));
        self.said = column.map_or(String::new(), |(name, _)| format!("sorted by {name}"));
    }

    /// Paths or referrers of the object that the chosen row, or this view, is about.
    fn about_object(&mut self, letter: char) -> Effect {
        let of = |target: &Target| match target {
            Target::Object(object) | Target::Paths(object) | Target::Referrers(object) => {
                Some(*object)
            }
            _ => None,
        };
        let row = self.visit().row().and_then(|row| row.target.as_ref());
        let object = row.and_then(|ask| of(&ask.target));
        let Some(object) = object.or_else(|| of(&self.visit().ask.target)) else {
            self.said = "choose a row that is an object".to_owned();
            return Effect::None;
        };
        self.view(Ask::first(match letter {
            'p' => Target::Paths(object),
            _ => Target::Referrers(object),
        }))
    }

    /// Goes to where the chosen row leads.
    fn follow(&mut self) -> Effect {
        let target = self.visit().row().and_then(|row| row.target.clone());
        match target {
            Some(ask) => self.view(ask),
            None => Effect::None,
        }
    }

    /// Opens the chosen row of a tree; follows any other.
    fn open(&mut self) -> Effect {
        let visit = self.visit();
        let Some(row) = visit.row() else {
            return Effect::None;
        };
        match row.opens {
            Some(object) if !row.is_open => {
                let (depth, place) = (row.depth + 1, visit.order[visit.chosen]);
                self.ask(Question::Children(object, depth), Some(place))
            }
            Some(_) => self.moved(KeyCode::Down),
            None => self.follow(),
        }
    }

    fn back(&mut self) {
        self.pending = None;
        self.at = self.at.saturating_sub(1);
        self.said.clear();
    }

    fn forward(&mut self) {
        self.at = (self.at + 1).min(self.visits.len() - 1);
    }

    /// Escape: an answer that is waited for, the filter, this view.
    fn give_up(&mut self) {
        if self.pending.take().is_some() {
            self.said = "given up".to_owned();
        } else if self.visit_mut().filter.take().is_some() {
            self.visit_mut().arrange();
        } else {
            self.back();
        }
    }

    fn copy_command(&mut self) -> Effect {
        match self.visit().screen.command.clone() {
            Some(command) => {
                self.said = command.clone();
                Effect::Copy(command)
            }
            None => {
                self.said = "no command gives this answer".to_owned();
                Effect::None
            }
        }
    }

    /// The address of the chosen row, else its text.
    fn copy_row(&mut self) -> Effect {
        let Some(row) = self.visit().row() else {
            return Effect::None;
        };
        let said = row.says();
        let address = said.split_whitespace().find(|word| word.starts_with("0x"));
        let text = crate::report::neutralise::plain(address.unwrap_or(&said), true);
        self.said = format!("copied {text}");
        Effect::Copy(text)
    }

    fn typed(&mut self, code: KeyCode) -> Effect {
        let Some((prompt, text)) = &mut self.prompt else {
            return Effect::None;
        };
        match code {
            KeyCode::Char(letter) => text.push(letter),
            KeyCode::Backspace => drop(text.pop()),
            KeyCode::Esc => self.prompt = None,
            KeyCode::Enter => {
                let (prompt, text) = (*prompt, std::mem::take(text));
                self.prompt = None;
                return self.entered(prompt, &text);
            }
            _ => {}
        }
        Effect::None
    }

    fn entered(&mut self, prompt: Prompt, text: &str) -> Effect {
        match prompt {
            Prompt::Address => return self.ask(Question::Address(text.to_owned()), None),
            Prompt::Save if text.is_empty() => {}
            Prompt::Save => return Effect::Save(PathBuf::from(text)),
            Prompt::Filter => match Regex::new(text) {
                Ok(regex) => {
                    let visit = self.visit_mut();
                    visit.filter = (!text.is_empty()).then_some(regex);
                    (visit.chosen, visit.first) = (0, 0);
                    visit.arrange();
                    let (shown, all) = (visit.order.len(), visit.screen.rows.len());
                    self.said = format!("{shown} of {all} rows");
                }
                Err(error) => self.said = format!("no regular expression: {error}"),
            },
        }
        Effect::None
    }

    /// What the mouse does: a click chooses a row, a click on the chosen one follows it, the wheel moves.
    pub fn mouse(&mut self, mouse: MouseEvent) -> Effect {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.visit_mut().choose(WHEEL),
            MouseEventKind::ScrollUp => self.visit_mut().choose(-WHEEL),
            MouseEventKind::Down(MouseButton::Left) if !self.help => {
                let (top, rows) = &self.drawn;
                let line = mouse.row.checked_sub(*top).map(usize::from);
                let Some(&row) = line.and_then(|line| rows.get(line)) else {
                    return Effect::None;
                };
                if self.visit().chosen == row {
                    return self.follow();
                }
                self.visit_mut().chosen = row;
            }
            _ => {}
        }
        Effect::None
    }
}
