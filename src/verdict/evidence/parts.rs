//! The parts of a document: runs of lines that one command wrote, or that one file has.

use super::command;
use super::context::Context;
use super::document::{Document, Line};
use super::time::Time;
use crate::verdict::clean_name;

/// A run of lines with one context.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// The lines; what tools say before their output is blank.
    pub lines: Vec<Line<'a>>,
    /// What is known of them.
    pub context: Context,
}

/// `==> /sys/fs/cgroup/memory.max <==` of `head` and `tail`, `--- memory.max ---` of people.
fn file_heading(line: &str) -> Option<&str> {
    let line = line.trim();
    let inner = line
        .strip_prefix("==> ")
        .and_then(|l| l.strip_suffix(" <=="));
    let by_hand = || {
        if !line.starts_with(['-', '=', '#', '*', ':']) {
            return None;
        }
        let inner = line.trim_matches(['-', '=', '#', '*', ':', ' ']);
        let is_heading = !inner.contains(' ');
        (is_heading && (inner.contains("memory.") || inner.contains("/proc/"))).then_some(inner)
    };
    inner.or_else(by_hand)
}

/// What the lines since the last command say of the time: `date` alone is of the command behind it.
struct Said {
    time: Option<Time>,
    /// Nothing but a time was said.
    is_alone: bool,
}

impl Default for Said {
    fn default() -> Said {
        Said {
            time: None,
            is_alone: true,
        }
    }
}

impl Said {
    fn line(&mut self, text: &str) {
        // The longest line that is nothing but a time, with ornaments.
        const LONGEST: usize = 80;
        if text.trim().is_empty() {
            return;
        }
        let may_be =
            text.len() <= LONGEST && text.contains(':') && (self.is_alone || self.time.is_none());
        match may_be.then(|| Time::line(text.trim())).flatten() {
            Some(time) => self.time = Some(time),
            None => self.is_alone = false,
        }
    }
}

/// Lines of a file that are read: more have no room in memory beside their text, and no tool writes them.
pub(crate) const MOST_LINES: usize = 8_000_000;

/// Gives the parts of `document` to `read`, until that says no: cut where a command or the name of a file stands.
pub(crate) fn each_part<'a>(document: &'a Document, mut read: impl FnMut(&Part<'a>) -> bool) {
    let mut context = Context {
        names: vec![document.name.clone()],
        ..Context::default()
    };
    let mut whole = |lines: Vec<Line<'a>>, context: Context| {
        let mut part = Part { lines, context };
        if let Some((pod, container)) = document.pod() {
            let subject = &mut part.context.subject;
            subject.pod.get_or_insert_with(|| clean_name(pod));
            subject
                .container
                .get_or_insert_with(|| clean_name(container));
        }
        read(&part)
    };
    let mut lines = Vec::new();
    let mut said = Said::default();
    for line in document.lines().take(MOST_LINES) {
        let next = match file_heading(line.text) {
            // The files of one command were read at one time.
            Some(name) => Some(Context {
                time: said.time.or(context.time),
                ..context.of_file(name)
            }),
            None => command::command_of(line.text).map(|c| {
                let before = Context {
                    time: said.time.filter(|_| said.is_alone),
                    ..Context::default()
                };
                command::context_of(c, &before)
            }),
        };
        let Some(next) = next else {
            said.line(line.text);
            lines.push(line);
            continue;
        };
        said = Said::default();
        let context = std::mem::replace(&mut context, next);
        if !whole(std::mem::take(&mut lines), context) {
            return;
        }
    }
    whole(lines, context);
}
