//! `explore` without a terminal: keys go in, screens come out of ratatui's test backend.

use std::path::Path;

use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::cli::explore::app::{App, Effect, Question};
use hprof_suspects::cli::explore::ask::Asker;
use hprof_suspects::cli::explore::screen::{Ask, Target};
use hprof_suspects::cli::explore::{answer, draw};
use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::input::{self, OpenOptions};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use unicode_width::UnicodeWidthStr;

use crate::support::{golden, program, project, run, run_command};

/// A session: the interface, who answers, and a terminal to look at.
struct Session<'a> {
    app: App,
    asker: &'a Asker<'a, 'a>,
    terminal: Terminal<TestBackend>,
    copied: Vec<String>,
}

impl Session<'_> {
    fn screen(&mut self) -> String {
        let app = &mut self.app;
        let draw = |frame: &mut ratatui::Frame<'_>| draw::draw(frame, app, "heap.hprof");
        self.terminal.draw(draw).expect("drawn");
        let buffer = self.terminal.backend().buffer();
        let width = usize::from(buffer.area.width);
        let cells: Vec<&str> = buffer.content.iter().map(|cell| cell.symbol()).collect();
        let lines = cells
            .chunks(width)
            .map(|line| line.concat().trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    }

    fn done(&mut self, effect: Effect) -> Effect {
        match effect {
            Effect::Ask(number, question) => {
                let answer = answer(self.asker, question);
                self.app.answered(number, answer);
                Effect::None
            }
            Effect::Copy(text) => {
                self.copied.push(text);
                Effect::None
            }
            other => other,
        }
    }

    fn key(&mut self, code: KeyCode) -> Effect {
        let effect = self.app.key(KeyEvent::new(code, KeyModifiers::NONE));
        let effect = self.done(effect);
        self.screen();
        effect
    }

    fn keys(&mut self, letters: &str) -> String {
        for letter in letters.chars() {
            self.key(match letter {
                '\n' => KeyCode::Enter,
                '→' => KeyCode::Right,
                '←' => KeyCode::Left,
                '↓' => KeyCode::Down,
                '↑' => KeyCode::Up,
                letter => KeyCode::Char(letter),
            });
        }
        self.screen()
    }

    /// Chooses the first row of the screen with this text, as a click does.
    fn click(&mut self, text: &str) -> String {
        let screen = self.screen();
        let row = screen.lines().position(|line| line.contains(text));
        let row = row.unwrap_or_else(|| panic!("{text}: {screen}"));
        for _ in 0..2 {
            let effect = self.app.mouse(MouseEvent {
                kind: MouseEventKind::Down(MouseButton::Left),
                column: 5,
                row: row as u16,
                modifiers: KeyModifiers::NONE,
            });
            self.done(effect);
            let shown = self.screen();
            if shown.lines().next() != screen.lines().next() {
                return shown;
            }
        }
        self.screen()
    }
}

fn explore(dump: &Path, values: bool, walk: impl FnOnce(&mut Session<'_>)) {
    let input = input::open(dump, &OpenOptions::default(), &|_, _| {}).expect("a dump");
    let mut snapshot = load(input.bytes(), LoadOptions::default(), &Unobserved).expect("a heap");
    if values {
        snapshot.show_values();
    }
    let options = Options {
        waste: true,
        ..Options::default()
    };
    let report = analyze(&snapshot, &FileFacts::of(&input), &options, &Unobserved).report;
    let asker = Asker::new(&snapshot, &report, "heap.hprof");
    let first = Ask::first(Target::Overview);
    let screen = asker.answer(&first);
    let mut session = Session {
        app: App::new(first, screen),
        asker: &asker,
        terminal: Terminal::new(TestBackend::new(80, 24)).expect("a terminal"),
        copied: Vec::new(),
    };
    session.screen();
    walk(&mut session);
}

fn expect(name: &str, screen: &str) {
    let file = project().join(format!("tests/suite/expected/explore/{name}.txt"));
    let screen = format!("{screen}\n");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(&file, &screen).expect("written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(screen, expected, "{name}: UPDATE_EXPECTED=1 writes it anew");
}

#[test]
fn screens_as_committed() {
    explore(&golden("sample"), false, |session| {
        expect("overview", &session.screen());
        let suspect = session.keys("\n");
        expect("suspect", &suspect);
        expect("tree", &session.keys("d"));
        expect("tree-open", &session.keys("→→→"));
        expect("classes", &session.keys("c"));
        expect("threads", &session.keys("t"));
        expect("loaders", &session.keys("l"));
        expect("waste", &session.keys("w"));
        expect("packages", &session.keys("P"));
        expect("help", &session.keys("?"));
        session.keys("x");
        session.resize(132, 40);
        expect("wide", &session.keys("o"));
    });
}

/// From the suspect to one of the objects that leak, what refers to it, the path, and all the way back.
#[test]
fn a_walk_to_the_leak_and_back() {
    explore(&golden("sample"), false, |session| {
        let overview = session.screen();
        let suspect = session.keys("\n");
        assert!(
            suspect.contains("Suspect 1") && suspect.contains("com.acme.shop.CacheLeak.PRODUCTS"),
            "{suspect}"
        );
        let map = session.click("static PRODUCTS");
        assert!(
            map.contains("java.util.HashMap") && map.contains("Fields"),
            "{map}"
        );
        let table = session.click("table  ");
        assert!(table.contains("HashMap$Node[]"), "{table}");
        let referrers = session.keys("r");
        assert!(referrers.contains("1 object refers"), "{referrers}");
        let paths = session.keys("p");
        assert!(paths.contains("Path 1, from: "), "{paths}");
        for _ in 0..10 {
            session.keys("h");
        }
        assert_eq!(session.screen(), overview);
        // Forward again, to the end.
        for _ in 0..10 {
            session.keys("]");
        }
        assert!(session.screen().contains("Path 1, from: "));
    });
}

#[test]
fn instances_by_class_filter_address_and_sort() {
    explore(&golden("sample"), false, |session| {
        session.keys("c/");
        session.keys("Cache.*Product$");
        let found = session.keys("\n");
        assert!(
            found.contains("1 of ") && found.contains("com.acme.shop.CacheLeak$Product"),
            "{found}"
        );
        let objects = session.keys("\n");
        assert!(
            objects.contains("8,000 objects of com.acme.shop.CacheLeak$Product"),
            "{objects}"
        );
        // 100 rows, then the next ones in their place.
        let end = session.keys("G");
        assert!(end.contains("7,900 more: Enter shows the next"), "{end}");
        assert!(
            session.keys("\nG").contains("7,000 more"),
            "{}",
            session.screen()
        );
        session.keys("gg\n");
        let object = session.screen();
        let address = object
            .split_whitespace()
            .find(|word| word.starts_with("0x"))
            .expect("an address")
            .to_owned();
        let again = session.keys(&format!("o@{}\n", address.trim_start_matches("0x")));
        assert_eq!(object.lines().nth(1), again.lines().nth(1));
        let missing = session.keys("@1234567\n");
        assert!(missing.contains("no object at 0x1234567"), "{missing}");
        // A column of numbers begins with the largest, `-` turns it around.
        session.keys("c>>");
        let largest = session.screen();
        assert!(largest.contains("sorted by Shallow"), "{largest}");
        session.keys(">g");
        let by_objects = session.screen();
        let first = |screen: &str| screen.lines().nth(3).unwrap_or_default().to_owned();
        session.keys("-g");
        assert_ne!(first(&by_objects), first(&session.screen()));
    });
}

#[test]
fn rows_of_the_tree_open_and_close() {
    explore(&golden("sample"), false, |session| {
        let closed = session.keys("d");
        let open = session.keys("→");
        assert!(open.contains('▾') && open != closed, "{open}");
        let deeper = session.keys("↓→");
        assert_eq!(deeper.matches('▾').count(), 2, "{deeper}");
        // Left closes; on a closed row it goes to the one above, at last back.
        session.keys("←←");
        assert_eq!(
            session.keys("←").matches('▾').count(),
            0,
            "{}",
            session.screen()
        );
        assert!(
            session.keys("←").contains("Overview"),
            "{}",
            session.screen()
        );
        // By class: Enter shows the objects of the group.
        session.keys("D");
        let group = session.keys("\n");
        assert!(
            group.contains("on this level of the dominator tree"),
            "{group}"
        );
    });
}

/// Each view says the command that gives the same answer, and the command is one that the program takes.
#[test]
fn commands_that_are_copied_work() {
    let dump = golden("sample");
    explore(&dump, false, |session| {
        for keys in [
            "oy", "dy", "Dy", "cy", "ty", "ly", "wy", "o\ny", "c\n\ny", "ry", "hpy",
        ] {
            session.keys(keys);
        }
        assert_eq!(session.copied.len(), 11, "{:?}", session.copied);
        for command in &session.copied {
            let words = command
                .strip_prefix("hprof-suspects ")
                .expect("a command")
                .split_whitespace();
            let words = words.map(|word| match word {
                "heap.hprof" => dump.display().to_string(),
                other => other.to_owned(),
            });
            run(words).succeeded();
        }
        // The address of a row.
        session.keys("c\nY");
        assert!(
            session
                .copied
                .last()
                .is_some_and(|text| text.starts_with("0x")),
            "{:?}",
            session.copied
        );
    });
}

/// The answers are those of the commands.
#[test]
fn an_object_is_told_as_show_tells_it() {
    let dump = golden("sample");
    explore(&dump, false, |session| {
        session.keys("\n");
        let screen = session.click("static PRODUCTS");
        let address = screen
            .split_whitespace()
            .find(|word| word.starts_with("0x"))
            .expect("an address");
        let shown = run([
            "show".as_ref(),
            dump.as_os_str(),
            address.as_ref(),
            "-f".as_ref(),
            "json".as_ref(),
        ])
        .succeeded()
        .json();
        for field in shown["fields"].as_array().expect("fields") {
            let name = field["name"].as_str().expect("a name");
            session.resize(120, 60);
            assert!(
                session.screen().contains(&format!("  {name} ")),
                "{name}: {}",
                session.screen()
            );
        }
    });
}

#[test]
fn every_size_of_terminal_is_drawn() {
    explore(&golden("thread-locals"), false, |session| {
        for (width, height) in [(10, 3), (40, 8), (60, 15), (80, 24), (200, 60)] {
            session.resize(width, height);
            for keys in [
                "o", "\n", "d", "→", "c", "t", "\n", "l", "w", "?", "x", "G", "g",
            ] {
                let screen = session.keys(keys);
                for line in screen.lines() {
                    assert!(line.width() <= usize::from(width), "{width}: {line}");
                }
                // The chosen row is on the screen.
                let (_, drawn) = &session.app.drawn;
                let chosen = session.app.visit().chosen;
                let is_shown = drawn.contains(&chosen) || session.app.help || width < 40;
                assert!(
                    is_shown || session.app.visit().order.is_empty(),
                    "{width}: {keys}: {screen}"
                );
            }
        }
    });
}

/// No name of a dump steers the terminal, and no content is shown unasked.
#[test]
fn names_are_harmless_and_contents_hidden() {
    let secrets = golden("planted-secrets");
    let walk = |session: &mut Session<'_>| {
        let mut seen = String::new();
        session.resize(200, 60);
        for keys in [
            "o",
            "\n",
            "d",
            "→↓→↓→",
            "c",
            "\n",
            "\n",
            "t",
            "\n",
            "l",
            "w",
            "P",
            "L",
        ] {
            seen.push_str(&session.keys(keys));
        }
        assert!(!seen.contains('\u{1b}'), "{seen}");
        seen + &session.keys("c/^java.lang.String$\n\n\n")
    };
    explore(&secrets, false, |session| {
        let seen = walk(session);
        assert!(!seen.contains("value \""), "{seen}");
    });
    explore(&secrets, true, |session| {
        let seen = walk(session);
        assert!(
            seen.contains("value \"") && seen.contains("CONTAINS VALUES"),
            "{seen}"
        );
    });
}

#[test]
fn what_is_not_waited_for_is_dropped() {
    explore(&golden("sample"), false, |session| {
        let effect = session
            .app
            .key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE));
        let Effect::Ask(number, question) = effect else {
            panic!("{effect:?}");
        };
        assert_eq!(question, Question::View(Ask::first(Target::Classes)));
        assert!(session.screen().contains("working"), "{}", session.screen());
        session.key(KeyCode::Esc);
        let answer = answer(session.asker, question);
        session.app.answered(number, answer);
        assert!(
            session.screen().contains("Overview"),
            "{}",
            session.screen()
        );
        let suspend = session
            .app
            .key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL));
        assert_eq!(suspend, Effect::Suspend);
        // A name that was typed goes at once.
        session.keys("s");
        let all = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert_eq!(session.app.key(all), Effect::None);
        session.keys("v.tsv");
        let saved = Effect::Save("v.tsv".into());
        assert_eq!(session.app.key(KeyEvent::from(KeyCode::Enter)), saved);
        assert_eq!(session.key(KeyCode::Char('q')), Effect::Quit);
    });
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let dump = golden("sample");
    let mut command = program();
    let refused = run_command(command.arg("explore").arg(&dump).env("TERM", "xterm"));
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("needs a terminal") && refused.stderr.contains("histogram"),
        "{}",
        refused.stderr
    );
}
