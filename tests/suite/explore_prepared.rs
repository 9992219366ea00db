//! What `explore` works out before anybody asks, and what it does not work out again.

use std::collections::BTreeSet;

use hprof_suspects::analyze::explore::dominators::By;
use hprof_suspects::analyze::explore::objects::{LargestByClass, objects};
use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::cli::explore::ask::Asker;
use hprof_suspects::cli::explore::screen::{Ask, Screen, Target};
use hprof_suspects::heap::{LoadOptions, ObjectIndex, Snapshot, Unobserved, load};
use hprof_suspects::input::{self, OpenOptions};
use hprof_suspects::report::Report;

use crate::support::golden;

fn with_dump(name: &str, check: impl FnOnce(&Snapshot<'_>, &Report)) {
    let dump = golden(name);
    let input = input::open(&dump, &OpenOptions::default(), &|_, _| {}).expect("a dump");
    let snapshot = load(input.bytes(), LoadOptions::default(), &Unobserved).expect("a heap");
    let options = Options::default();
    let report = analyze(&snapshot, &FileFacts::of(&input), &options, &Unobserved).report;
    check(&snapshot, &report);
}

/// The views that take longest are known once they are prepared, and are those that would be found out.
#[test]
fn slow_views_are_known_before_somebody_asks() {
    with_dump("references", |snapshot, report| {
        let (fresh, prepared) = (
            Asker::new(snapshot, report, "heap.hprof"),
            Asker::new(snapshot, report, "heap.hprof"),
        );
        prepared.prepare(|| false);
        for by in [By::Object, By::Class, By::Package, By::Loader] {
            let ask = Ask::first(Target::Tree { under: None, by });
            assert_eq!(fresh.known(&ask), None, "nobody asked");
            let known = prepared.known(&ask).expect("it is known");
            assert_eq!(known, fresh.answer(&ask), "{by:?}");
        }
        assert!(prepared.known(&Ask::first(Target::Classes)).is_some());
        // Whoever leaves at once waits for nothing.
        let left = Asker::new(snapshot, report, "heap.hprof");
        left.prepare(|| true);
        assert_eq!(left.known(&Ask::first(Target::Classes)), None);
    });
}

/// Who refers to an object is known, too, and is what a reading of the dump tells.
#[test]
fn referrers_are_known_before_somebody_asks() {
    with_dump("references", |snapshot, report| {
        let asker = Asker::new(snapshot, report, "heap.hprof");
        let objects: Vec<ObjectIndex> = snapshot.children(None).take(40).collect();
        let views = || -> Vec<Screen> {
            let ask = |&object: &ObjectIndex| {
                let more = Ask {
                    target: Target::Paths(object),
                    top: Ask::FIRST + 1,
                };
                let asks = [Ask::first(Target::Referrers(object)), more];
                asks.map(|ask| Asker::new(snapshot, report, "heap.hprof").answer(&ask))
            };
            objects.iter().flat_map(ask).collect()
        };
        let object = Ask::first(Target::Object(objects[0]));
        let cost = |screen: &Screen| {
            let said = screen.rows.iter().map(|row| row.says());
            said.filter(|text| text.contains("reads the dump")).count()
        };
        assert_eq!(cost(&asker.answer(&object)), 1);
        let read = views();
        asker.prepare(|| false);
        assert!(snapshot.knows_referrers());
        assert_eq!(cost(&asker.answer(&object)), 0);
        assert!(views() == read);
    });
}

/// The largest objects of every class, found in one pass, are those that a pass for each class finds.
#[test]
fn one_pass_finds_the_largest_objects_of_every_class() {
    for name in ["references", "class-loaders"] {
        with_dump(name, |snapshot, _| {
            let classes = snapshot.classes().iter();
            let names: BTreeSet<&str> = classes.map(|(_, class)| class.name.as_str()).collect();
            for top in [1, 3, 100] {
                let largest = LargestByClass::new(snapshot, top);
                for name in &names {
                    let wanted = objects(snapshot, name, top);
                    assert_eq!(
                        largest.of(snapshot, name, top),
                        Some(wanted),
                        "{top} of {name}"
                    );
                }
                assert_eq!(largest.of(snapshot, "java.lang.String", top + 1), None);
            }
        });
    }
}
