//! `explore`: the questions after the report, answered in the terminal. The dump is read once.

pub mod app;
pub mod ask;
pub mod draw;
mod save;
pub mod screen;
mod terminal;
mod visit;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event};

use self::app::{Answer, App, CHILDREN, Effect, Question};
use self::ask::Asker;
use self::screen::{Ask, Target};
use self::terminal::{Screen, Signals};
use super::commands::ExploreArgs;
use super::exit::{Exit, Failure};
use super::{open, report};

/// How long keys are waited for before signals are looked at again.
const IDLE: Duration = Duration::from_millis(200);
/// The same while an answer is being made.
const WORKING: Duration = Duration::from_millis(10);
/// How long an answer is waited for before anything is drawn, or a further key is looked at: whoever types ahead means the view that
/// comes, and a screen that says "working" for so short a time is only bytes on a slow line.
const SOON: Duration = Duration::from_millis(100);
/// Time between two screens: keys that come faster, as those of a key that is held, share one.
const FRAME: Duration = Duration::from_millis(40);
/// Keys that share a screen at most.
const AT_ONCE: usize = 200;

/// Reads the dump, makes its report, and lets the user walk.
pub fn run(args: &ExploreArgs) -> Result<Exit, Failure> {
    terminal::refuse()?;
    let (mut incident, options) = report::explored(args)?;
    let input = open::open_file(&incident.dump, &args.reading)?;
    let how = (&args.reading, args.show_values);
    let warnings = std::mem::take(&mut incident.warnings);
    let (snapshot, analysis) = open::analyze_input(&input, how, &options, warnings)?;
    let report = analysis.report;
    let named = args
        .dumps
        .last()
        .map(PathBuf::as_path)
        .unwrap_or(&incident.dump);
    let asker = Asker::new(&snapshot, &report, &named.display().to_string());
    let ended = walk(&asker, input.file_name(), &incident.dump)?;
    if let Some(signal) = ended {
        terminal::end_by(signal);
    }
    std::mem::forget(snapshot);
    Ok(Exit::Analysed)
}

/// Runs the interface; the signal that ended it, if one did. Questions are answered by a thread of their own, so that keys are heard meanwhile.
fn walk(asker: &Asker<'_, '_>, subject: &str, dump: &Path) -> Result<Option<i32>, Failure> {
    let first = Ask::first(Target::Overview);
    let mut app = App::new(first.clone(), asker.answer(&first));
    let failed = |error: std::io::Error| Failure::Other(format!("the terminal: {error}"));
    let signals = Signals::watch().map_err(failed)?;
    signals.end_in_time();
    let (questions, asked) = channel();
    let (answers, answered) = channel();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(move || answer_all(asker, &asked, &answers));
        scope.spawn(|| asker.prepare(|| is_over.load(Relaxed)));
        let channels = (questions, answered);
        let ended = Screen::take().and_then(|mut screen| {
            watch(&mut app, &mut screen, &signals, channels, (subject, dump))
        });
        is_over.store(true, Relaxed);
        ended.map_err(failed)
    })
}

/// Answers questions until nobody asks any more. Of several that wait only the last one counts.
fn answer_all(
    asker: &Asker<'_, '_>,
    asked: &Receiver<(u64, Question)>,
    answers: &Sender<(u64, Answer)>,
) {
    while let Ok(mut question) = asked.recv() {
        while let Ok(later) = asked.try_recv() {
            question = later;
        }
        let (number, question) = question;
        if answers.send((number, answer(asker, question))).is_err() {
            return;
        }
    }
}

/// Answers one question.
pub fn answer(asker: &Asker<'_, '_>, question: Question) -> Answer {
    let view = |ask: Ask| {
        let screen = Box::new(asker.answer(&ask));
        Answer::View(ask, screen)
    };
    match question {
        Question::View(ask) => view(ask),
        Question::Children(object, depth) => {
            Answer::Children(asker.children(object, depth, CHILDREN))
        }
        Question::Address(address) => match asker.find(&address) {
            Ok(object) => view(Ask::first(Target::Object(object))),
            Err(why) => Answer::Failed(why),
        },
    }
}

type Channels = (Sender<(u64, Question)>, Receiver<(u64, Answer)>);

/// Draws, hears keys and signals, hands questions on.
fn watch(
    app: &mut App,
    screen: &mut Screen,
    signals: &Signals,
    (questions, answers): Channels,
    (subject, dump): (&str, &Path),
) -> std::io::Result<Option<i32>> {
    let mut is_old = true;
    let mut drawn = Instant::now();
    loop {
        if let Some(signal) = signals.ending() {
            return Ok(Some(signal));
        }
        if signals.stops() {
            screen.suspend()?;
            is_old = true;
        }
        if signals.went_on() {
            screen.again()?;
            is_old = true;
        }
        while let Ok((number, answer)) = answers.try_recv() {
            app.answered(number, answer);
            is_old = true;
        }
        if is_old {
            screen
                .terminal
                .draw(|frame| draw::draw(frame, app, subject))?;
            is_old = false;
            drawn = Instant::now();
        }
        let patience = if app.is_waiting() { WORKING } else { IDLE };
        if !event::poll(patience)? {
            continue;
        }
        for _ in 0..AT_ONCE {
            if !event::poll(FRAME.saturating_sub(drawn.elapsed()))? {
                break;
            }
            let effect = match event::read()? {
                Event::Key(key) => app.key(key),
                // A pointer that only moves changes nothing.
                Event::Mouse(mouse) if !app::acts(mouse.kind) => continue,
                Event::Mouse(mouse) => app.mouse(mouse),
                _ => Effect::None,
            };
            is_old = true;
            match effect {
                Effect::None => {}
                Effect::Ask(number, question) => {
                    // The thread that answers is gone only when it panicked; that was said.
                    if questions.send((number, question)).is_err() {
                        return Ok(None);
                    }
                    wait_for_answer(app, &answers);
                }
                Effect::Copy(text) => screen.copy(&text)?,
                Effect::Save(file) => app.said = save::save(app.visit(), subject, &file, dump),
                Effect::Quit => return Ok(None),
                Effect::Suspend => screen.suspend()?,
            }
        }
    }
}

/// Takes the answer to the question that was just asked, where it comes soon.
fn wait_for_answer(app: &mut App, answers: &Receiver<(u64, Answer)>) {
    let began = Instant::now();
    while app.is_waiting() {
        let left = SOON.saturating_sub(began.elapsed());
        match answers.recv_timeout(left) {
            Ok((number, answer)) => app.answered(number, answer),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer that comes soon is there before the next key is looked at; one that does not is not waited for.
    #[test]
    fn what_is_typed_ahead_is_for_the_view_that_comes() {
        let view = |title: &str| screen::Screen {
            title: title.to_owned(),
            facts: Vec::new(),
            columns: Vec::new(),
            optional: &[],
            rows: Vec::new(),
            command: None,
        };
        let mut app = App::new(Ask::first(Target::Overview), view("Overview"));
        let classes = event::KeyEvent::from(event::KeyCode::Char('c'));
        let (answers, answered) = channel();
        let Effect::Ask(number, Question::View(ask)) = app.key(classes) else {
            panic!("a question");
        };
        let screen = Box::new(view("Classes"));
        answers
            .send((number, Answer::View(ask, screen)))
            .expect("sent");
        wait_for_answer(&mut app, &answered);
        assert_eq!(app.visit().screen.title, "Classes");
        app.key(event::KeyEvent::from(event::KeyCode::Char('t')));
        let began = Instant::now();
        wait_for_answer(&mut app, &answered);
        assert!(app.is_waiting() && began.elapsed() >= SOON);
    }
}
