//! From a question to a view, one file for each kind. The answers are those of the commands: `analyze::explore` and the report.

mod objects;
mod overview;
mod paths;
mod suspect;
mod tables;

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::screen::{Ask, Row, Screen, Target};
use crate::analyze::explore::dominators::By;
use crate::analyze::explore::histogram::{Histogram, Order, histogram};
use crate::analyze::explore::object::Shown;
use crate::analyze::explore::objects::LargestByClass;
use crate::heap::{ObjectIndex, Snapshot};
use crate::report::Report;
use crate::report::units::Units;

/// An answer that took so long is kept: whoever comes back to it waits no more.
const LONG: Duration = Duration::from_millis(20);
/// Answers that are kept.
const KEPT: usize = 64;

/// Answers questions about one dump.
pub struct Asker<'s, 'd> {
    snapshot: &'s Snapshot<'d>,
    report: &'s Report,
    /// The dump as it was named on the command line, quoted for a shell.
    dump: String,
    units: Units,
    /// The histogram of all classes, once somebody asked for it.
    classes: OnceLock<Histogram>,
    /// The largest objects of every class, likewise.
    largest: OnceLock<LargestByClass>,
    /// Answers that took long, the last one at the end.
    kept: Mutex<Vec<(Ask, Screen)>>,
}

impl<'s, 'd> Asker<'s, 'd> {
    /// About `snapshot`, whose `report` is made; `dump` is what the user named.
    pub fn new(snapshot: &'s Snapshot<'d>, report: &'s Report, dump: &str) -> Asker<'s, 'd> {
        Asker {
            snapshot,
            report,
            dump: quoted(dump),
            units: Units::default(),
            classes: OnceLock::new(),
            largest: OnceLock::new(),
            kept: Mutex::default(),
        }
    }

    /// Works out what takes long before anybody asks for it, until `is_over`.
    pub fn prepare(&self, is_over: impl Fn() -> bool) {
        let views = [By::Object, By::Class, By::Package, By::Loader];
        let views = views.map(|by| Target::Tree { under: None, by });
        for target in views.into_iter().chain([Target::Classes]) {
            if is_over() {
                return;
            }
            let ask = Ask::first(target);
            let screen = self.find_out(&ask);
            self.keep(&ask, &screen);
        }
        if !is_over() {
            self.largest();
            self.snapshot.know_referrers(&is_over);
        }
    }

    fn largest(&self) -> &LargestByClass {
        let all = || LargestByClass::new(self.snapshot, Ask::FIRST);
        self.largest.get_or_init(all)
    }

    /// What is said of a question that who refers to an object answers.
    fn cost_of_referrers(&self) -> &'static str {
        match self.snapshot.knows_referrers() {
            true => "",
            false => " (reads the dump once)",
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Ask, Screen)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to `ask`, if it is known already.
    pub fn known(&self, ask: &Ask) -> Option<Screen> {
        let kept = self.kept();
        let known = kept.iter().find(|(known, _)| known == ask);
        known.map(|(_, screen)| screen.clone())
    }

    fn keep(&self, ask: &Ask, screen: &Screen) {
        let mut kept = self.kept();
        if kept.iter().any(|(known, _)| known == ask) {
            return;
        }
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((ask.clone(), screen.clone()));
    }

    /// The view that was asked for.
    pub fn answer(&self, ask: &Ask) -> Screen {
        if let Some(screen) = self.known(ask) {
            return screen;
        }
        let began = Instant::now();
        let screen = self.find_out(ask);
        if began.elapsed() >= LONG {
            self.keep(ask, &screen);
        }
        screen
    }

    fn find_out(&self, ask: &Ask) -> Screen {
        let top = ask.top;
        match &ask.target {
            Target::Overview => self.overview(),
            Target::Suspect(place) => self.suspect(*place),
            Target::Tree { under, by } => self.tree(*under, *by, ask),
            Target::Group { under, by, name } => self.group(*under, (*by, name), ask),
            Target::Classes => self.classes(),
            Target::Instances(class) => self.instances(class, ask),
            Target::Object(object) => self.object(*object, ask),
            Target::Referrers(object) => self.referrers(*object, ask),
            Target::Paths(object) => self.paths(*object, top),
            Target::Threads => self.threads(),
            Target::Thread(place) => self.thread(*place),
            Target::Loaders => self.loaders(),
            Target::Waste => self.waste(),
        }
    }

    /// The rows below one object of a dominator tree.
    pub fn children(&self, object: ObjectIndex, depth: usize, top: usize) -> Vec<Row> {
        self.tree_rows(Some(object), depth, top)
    }

    /// The object at an address, as it was typed.
    pub fn find(&self, address: &str) -> Result<ObjectIndex, String> {
        let address = super::super::commands::address(address.trim())?;
        super::super::open::find(self.snapshot, address).map_err(|failure| failure.to_string())
    }

    /// The object at an address of the report.
    fn at(&self, address: &str) -> Option<ObjectIndex> {
        let digits = address.strip_prefix("0x")?;
        let object = self.snapshot.find(u64::from_str_radix(digits, 16).ok()?)?;
        self.snapshot.contains(object).then_some(object)
    }

    fn shown(&self, top: usize) -> Shown {
        Shown {
            top,
            values: self.snapshot.values_shown(),
        }
    }

    fn histogram(&self) -> &Histogram {
        let all = || histogram(self.snapshot, |_| true, Order::Retained, 0);
        self.classes.get_or_init(all)
    }

    fn command(&self, command: &str, rest: &str) -> Option<String> {
        let words = ["hprof-suspects", command, &self.dump, rest];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        Some(words.join(" "))
    }

    /// The option that an answer with contents takes.
    fn values_option(&self) -> &'static str {
        match self.snapshot.values_shown() {
            true => " --show-values",
            false => "",
        }
    }

    fn address(&self, object: ObjectIndex) -> String {
        format!("{:#x}", self.snapshot.address(object))
    }
}

/// `word` as one word of a shell. Names out of a dump never get here.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Whether a class can stand between single quotes of a shell and means nothing there.
fn is_harmless(class: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "._$[]-+/".contains(c);
    class.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::{is_harmless, quoted};

    #[test]
    fn commands_are_safe_to_paste() {
        assert_eq!(quoted("/tmp/heap.hprof"), "/tmp/heap.hprof");
        assert_eq!(quoted("my heap's.hprof"), r"'my heap'\''s.hprof'");
        assert!(is_harmless("com.acme.A$B[]"));
        assert!(!is_harmless("a'; rm -rf /;'") && !is_harmless("a\nb"));
    }
}
