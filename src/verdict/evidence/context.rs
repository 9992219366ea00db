//! What stands around a piece of output and belongs to it: the command, the file, the process, the time.

use super::letters::Letters;
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
    pub fn takes(&mut self, line: &str, letters: Letters) -> bool {
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
        // Cheap: a time has numbers with colons between them.
        let may_be_time = letters.have(Letters::of("0:"));
        let time = may_be_time.then(|| Time::line(line)).flatten();
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

impl Context {
    /// The context below the heading with a file's name: the command above it stays.
    pub fn of_file(&self, name: &str) -> Context {
        let mut context = Context {
            names: vec![name.to_owned()],
            ..self.clone()
        };
        context.take_path(name);
        context
    }
}
