//! What is done with a dump: its report in every format, every question about it, keys in `explore`, comparisons, saved reports, the
//! lines of a fleet. Random heaps go through it in the tests, heaps that a fuzzer chooses in `fuzz/`.

use std::path::{Path, PathBuf};

use hprof_suspects::analyze::explore::dominators::{By, Query, dominators};
use hprof_suspects::analyze::explore::histogram::{Order, histogram};
use hprof_suspects::analyze::explore::object::{Shown, object};
use hprof_suspects::analyze::explore::objects::objects;
use hprof_suspects::analyze::explore::{paths::paths, threads::threads};
use hprof_suspects::analyze::{FileFacts, Options, analyze, growth};
use hprof_suspects::cli::explore::answer;
use hprof_suspects::cli::explore::app::{App, Effect};
use hprof_suspects::cli::explore::ask::Asker;
use hprof_suspects::cli::explore::draw::draw;
use hprof_suspects::cli::explore::screen::{Ask, Target};
use hprof_suspects::fleet;
use hprof_suspects::growth::{InputKind, histogram as class_histogram};
use hprof_suspects::heap::{LoadOptions, Snapshot, Unobserved, load};
use hprof_suspects::report::blocks::Block;
use hprof_suspects::report::units::Units;
use hprof_suspects::report::{Detail, Format, RenderOptions, Report, json, markdown, render};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::random_heap::Choices;

const BYS: [By; 4] = [By::Object, By::Class, By::Loader, By::Package];
/// Keys that are pressed in one session.
const KEYS: usize = 60;

/// The heap of `dump`, which is whole.
pub fn snapshot(dump: &[u8]) -> Snapshot<'_> {
    load(dump, LoadOptions::default(), &Unobserved).expect("a dump")
}

/// The report of `snapshot`, with waste.
pub fn report(snapshot: &Snapshot<'_>, options: Options) -> Report {
    let options = Options {
        waste: true,
        ..options
    };
    analyze(snapshot, &FileFacts::default(), &options, &Unobserved).report
}

/// `report` in every format, short and with everything.
pub fn written(report: &Report) {
    for format in Format::all() {
        for (detail, top) in [(Detail::Default, 20), (Detail::Full, 0)] {
            let options = RenderOptions {
                detail,
                top,
                ..RenderOptions::default()
            };
            render(report, format, &options).expect("every report can be written");
        }
    }
}

/// Every question of the command line, about the whole and about some objects.
pub fn questions(snapshot: &Snapshot<'_>) {
    let some: Vec<u32> = (0..snapshot.len() as u32).step_by(17).collect();
    for by in BYS {
        for under in some
            .iter()
            .step_by(5)
            .map(|&object| Some(object))
            .chain([None])
        {
            let (depth, top) = (6, 0);
            dominators(
                snapshot,
                Query {
                    under,
                    depth,
                    top,
                    by,
                },
            );
        }
    }
    for order in [Order::Retained, Order::Shallow, Order::Objects] {
        histogram(snapshot, |name| name.contains('a'), order, 0);
    }
    for all in [false, true] {
        threads(snapshot, all);
    }
    for &number in &some {
        paths(snapshot, number, 3);
        let shown = Shown {
            top: 0,
            values: true,
        };
        let details = object(snapshot, number, shown);
        objects(snapshot, &details.object.class, 10);
    }
}

/// Every view of `explore`, with the columns and the lines that it saves.
pub fn views(asker: &Asker<'_, '_>, snapshot: &Snapshot<'_>) {
    let mut targets = vec![Target::Overview, Target::Classes, Target::Threads];
    targets.extend([Target::Loaders, Target::Waste]);
    targets.extend((0..4).flat_map(|place| [Target::Suspect(place), Target::Thread(place)]));
    let some = (0..snapshot.len() as u32).step_by(41);
    for under in some.clone().map(Some).chain([None]) {
        targets.extend(BYS.map(|by| Target::Tree { under, by }));
    }
    targets.extend(some.flat_map(|one| {
        [
            Target::Object(one),
            Target::Referrers(one),
            Target::Paths(one),
        ]
    }));
    for target in targets {
        let screen = asker.answer(&Ask::first(target));
        let order: Vec<usize> = (0..screen.rows.len()).collect();
        screen.json("heap.hprof", &order).expect("JSON");
        let blocks: Vec<Block> = screen.blocks("heap.hprof", &order, Units::default());
        markdown::blocks(&blocks);
    }
}

/// A session of `explore` with keys that `choices` choose; each screen is drawn.
pub fn session(asker: &Asker<'_, '_>, choices: &mut impl Choices) {
    let first = Ask::first(Target::Overview);
    let screen = asker.answer(&first);
    let mut app = App::new(first, screen);
    let size = [(80, 24), (20, 4), (200, 60)][choices.below(3)];
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
    let codes = [KeyCode::Enter, KeyCode::Down, KeyCode::Right, KeyCode::Left];
    let others = [KeyCode::Up, KeyCode::PageDown, KeyCode::End, KeyCode::Esc];
    for _ in 0..KEYS {
        let code = match choices.below(4) {
            0 => KeyCode::Char((b' ' + choices.below(95) as u8).into()),
            1 => others[choices.below(others.len())],
            _ => codes[choices.below(codes.len())],
        };
        match app.key(KeyEvent::new(code, KeyModifiers::NONE)) {
            Effect::Ask(number, question) => app.answered(number, answer(asker, question)),
            Effect::Quit => return,
            _ => {}
        }
        let drawn = terminal.draw(|frame| draw(frame, &mut app, "heap.hprof"));
        drawn.expect("drawn");
    }
}

/// Two dumps of one process compared, in every format, also by way of their saved reports.
pub fn comparison(dumps: [&[u8]; 2]) -> [Report; 2] {
    let heaps = dumps.map(snapshot);
    let file = FileFacts::default();
    let earlier = growth::earlier(&heaps[0], &file, &[], &Options::default(), &Unobserved);
    let compared = Options {
        earlier: vec![earlier],
        ..Options::default()
    };
    let [before, now] = [
        report(&heaps[0], Options::default()),
        report(&heaps[1], compared),
    ];
    written(&now);
    let mut again = saved(&now);
    written(&again);
    let earlier = growth::input(&saved(&before), InputKind::Report);
    growth::compare(
        &mut again,
        InputKind::Report,
        &[earlier],
        &Options::default().thresholds,
    );
    written(&again);
    [before, now]
}

/// What is read back of `report`, which is the same.
fn saved(report: &Report) -> Report {
    let text = json::render(report).expect("JSON");
    let read = json::parse(text.as_bytes()).expect("a report");
    let again = json::render(&read).expect("JSON");
    assert!(text == again, "a saved report is read as it was written");
    read
}

/// A saved report with some of its bytes changed as `choices` choose: it is read or refused, and what is read can be used.
pub fn changed(report: &Report, choices: &mut impl Choices) -> Vec<u8> {
    let mut text = json::render(report).expect("JSON").into_bytes();
    // Signs of the format, digits, letters: what may still be a report.
    let signs = b"0123456789-.eE\"{}[],:ntfu\\\0\xff";
    for _ in 0..choices.below(12) {
        let (at, more) = (choices.below(1 << 15), choices.below(1 << 15));
        let at = (at << 15 | more) % text.len();
        text[at] = signs[choices.below(signs.len())];
    }
    if let Ok(read) = json::parse(&text) {
        written(&read);
        let mut before = report.clone();
        let earlier = growth::input(&read, InputKind::Report);
        let limits = Options::default().thresholds;
        growth::compare(&mut before, InputKind::Report, &[earlier], &limits);
        written(&before);
    }
    text
}

/// Saved reports in a folder, as a fleet and against one that has only the first of them.
pub fn fleets(folder: &Path, reports: &[&[u8]]) {
    let mut paths: Vec<PathBuf> = Vec::new();
    for (number, text) in reports.iter().enumerate() {
        paths.push(folder.join(format!("{number}.json")));
        std::fs::write(&paths[number], text).expect("room for a report");
    }
    let all = |paths: &[PathBuf]| {
        let found = fleet::find(paths).expect("files that were named");
        fleet::gather(&found, &|_, _| {})
    };
    let mut now = fleet::summarise(&all(&paths), 0);
    let before = fleet::summarise(&all(&paths[..1]), 0);
    now.baseline = Some(fleet::compare(&before, &now));
    let view = fleet::View {
        width: 100,
        ..fleet::View::default()
    };
    for format in fleet::FleetFormat::all().filter(|&it| it != fleet::FleetFormat::Parquet) {
        fleet::render(&now, format, &view).expect("every fleet can be written");
    }
}

/// The classes of `snapshot` as the JVM's histogram prints them, read and compared with a later report.
pub fn histograms(snapshot: &Snapshot<'_>, later: &mut Report) {
    let classes = histogram(snapshot, |_| true, Order::Shallow, 0);
    let mut text = " num     #instances         #bytes  class name (module)\n-------\n".to_owned();
    for (number, row) in classes.rows.iter().enumerate() {
        let (objects, bytes) = (row.objects, row.shallow_bytes);
        text += &format!("{:4}: {objects:12} {bytes:12}  {}\n", number + 1, row.class);
    }
    text += &format!(
        "Total {:12} {:12}\n",
        classes.objects, classes.shallow_bytes
    );
    let earlier = class_histogram::read(&text, "histogram.txt");
    let limits = Options::default().thresholds;
    growth::compare(later, InputKind::Report, &[earlier], &limits);
    written(later);
}
