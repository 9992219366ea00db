//! What stands around a piece of output and belongs to it: the command, the file, the process, the time.

use super::command;
use super::document::{Document, Line};
use super::paste::is_preface;
use super::reading::{Evidence, Quantity, Resident, Subject};
use super::time::Time;
use crate::verdict::clean_name;

/// What is known of the lines that follow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    /// The command whose output it is.
    pub command: Option<String>,
    /// The files whose content it is, in order.
    pub names: Vec<String>,
    /// Whose it is.
    pub subject: Subject,
    /// When it was.
    pub time: Option<Time>,
    /// It is the answer of `jcmd`, which puts the PID before it.
    pub is_jcmd: bool,
}

/// A run of lines with one context.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// The lines; what tools say before their output is blank.
    pub lines: Vec<Line<'a>>,
    /// What is known of them.
    pub context: Context,
}

impl Context {
    /// What a path says: `/proc/17/status` is of process 17.
    pub fn take_path(&mut self, path: &str) {
        if let Some((_, rest)) = path.split_once("/proc/")
            && let Some((pid, _)) = rest.split_once('/')
            && !pid.is_empty()
            && pid.bytes().all(|b| b.is_ascii_digit())
        {
            self.subject.pid = Some(pid.to_owned());
        }
    }

    /// Whether the command contains all of `words`.
    pub fn command_has(&self, words: &[&str]) -> bool {
        self.command
            .as_ref()
            .is_some_and(|command| words.iter().all(|word| command.contains(word)))
    }

    /// Whether the command ends with one of `ends`.
    pub fn command_ends_with(&self, ends: &[&str]) -> bool {
        self.command
            .as_ref()
            .is_some_and(|command| ends.iter().any(|end| command.trim_end().ends_with(end)))
    }

    /// Takes what `line` says of the lines behind it; whether it is no more than that.
    pub fn takes(&mut self, line: &str) -> bool {
        let line = line.trim();
        if let Some(pid) = pid_line(line) {
            self.subject.pid = Some(pid.to_owned());
            self.is_jcmd = line.ends_with(':');
            return true;
        }
        if let Some(rest) = line.strip_prefix("Defaulted container \"") {
            let name = rest.split('"').next().unwrap_or("");
            self.subject.container = Some(clean_name(name));
            return true;
        }
        let time = Time::line(line);
        if time.is_some() {
            self.time = time;
            return true;
        }
        is_preface(line)
    }

    /// Adds to `fact` what it does not say itself.
    pub fn complete(&self, fact: &mut Evidence) {
        let subject = &mut fact.subject;
        let fill = |to: &mut Option<String>, from: &Option<String>| {
            if to.is_none() {
                to.clone_from(from);
            }
        };
        // A row that names its pod or container needs no help.
        if subject.pod.is_none() && subject.container.is_none() {
            fill(&mut subject.pod, &self.subject.pod);
            fill(&mut subject.container, &self.subject.container);
        }
        fill(&mut subject.namespace, &self.subject.namespace);
        let is_of_process = !fact.quantity.is_of_container()
            || matches!(fact.quantity, Quantity::Resident(Resident::Process));
        if is_of_process {
            fill(&mut subject.pid, &self.subject.pid);
        }
        fact.time = fact.time.or(self.time);
    }
}

/// `17:` of `jcmd`; `Attaching to process ID 17, please wait...` of `jmap` and `jinfo`.
fn pid_line(line: &str) -> Option<&str> {
    let pid = match line.strip_prefix("Attaching to process ID ") {
        Some(rest) => rest.split(',').next()?,
        None => line.strip_suffix(':')?,
    };
    let is_pid = !pid.is_empty() && pid.len() <= 10 && pid.bytes().all(|b| b.is_ascii_digit());
    is_pid.then_some(pid)
}

/// `==> /sys/fs/cgroup/memory.max <==` of `head` and `tail`, `--- memory.max ---` of people.
fn file_heading(line: &str) -> Option<&str> {
    let line = line.trim();
    let inner = line
        .strip_prefix("==> ")
        .and_then(|l| l.strip_suffix(" <=="));
    let by_hand = || {
        let inner = line.trim_matches(['-', '=', '#', '*', ':', ' ']);
        let is_heading = line.starts_with(['-', '=', '#', '*', ':']) && !inner.contains(' ');
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

/// The parts of `document`: cut where a command or the name of a file stands.
pub(crate) fn parts(document: &Document) -> Vec<Part<'_>> {
    let mut context = Context {
        names: vec![document.name.clone()],
        ..Context::default()
    };
    let mut parts = Vec::new();
    let mut lines = Vec::new();
    let mut said = Said::default();
    for line in document.lines() {
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
        let part = Part {
            lines: std::mem::take(&mut lines),
            context: std::mem::replace(&mut context, next),
        };
        parts.push(part);
    }
    parts.push(Part { lines, context });
    if let Some((pod, container)) = document.pod() {
        for part in &mut parts {
            let subject = &mut part.context.subject;
            let clean = |name: &String| clean_name(name);
            subject.pod.get_or_insert_with(|| clean(pod));
            subject.container.get_or_insert_with(|| clean(container));
        }
    }
    parts
}

impl Context {
    /// The context below the heading with a file's name: the command above it stays.
    fn of_file(&self, name: &str) -> Context {
        let mut context = Context {
            names: vec![name.to_owned()],
            ..self.clone()
        };
        context.take_path(name);
        context
    }
}
