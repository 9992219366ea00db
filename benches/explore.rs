//! How long each step of `explore` takes on a dump: `cargo bench --bench explore -- heap.hprof`. Nothing is asserted; the goal is 100 ms for
//! every step once the slow views are prepared.

use std::time::Instant;

use hprof_suspects::analyze::explore::dominators::By;
use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::cli::explore::ask::Asker;
use hprof_suspects::cli::explore::screen::{Ask, Target};
use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::input::{self, OpenOptions};

fn main() {
    let Some(dump) = std::env::args().skip(1).find(|word| !word.starts_with('-')) else {
        return println!("usage: cargo bench --bench explore -- heap.hprof");
    };
    let input = input::open(dump.as_ref(), &OpenOptions::default(), &|_, _| {}).expect("a dump");
    let snapshot = load(input.bytes(), LoadOptions::default(), &Unobserved)
        .expect("a heap")
        .with_pages(&input);
    let options = Options::default();
    let report = analyze(&snapshot, &FileFacts::of(&input), &options, &Unobserved).report;
    let asker = Asker::new(&snapshot, &report, &dump);
    let largest = snapshot
        .children(None)
        .max_by_key(|&object| snapshot.retained(object))
        .expect("an object");
    let tree = |under, by| Target::Tree { under, by };
    let class = snapshot.class(largest).name.clone();
    let below = snapshot.children(Some(largest));
    let inner = below.max_by_key(|&object| snapshot.retained(object));
    let inner = inner.unwrap_or(largest);
    // What many refer to: the class of the strings, and the deepest of the largest.
    let deepest = std::iter::successors(Some(largest), |&at| {
        let below = snapshot.children(Some(at));
        below.max_by_key(|&object| snapshot.retained(object))
    });
    let deepest = deepest.take(1000).last().unwrap_or(largest);
    let group = |by, name: &str| Target::Group {
        under: None,
        by,
        name: name.to_owned(),
    };
    let steps = [
        ("overview", Target::Overview),
        ("suspect", Target::Suspect(0)),
        ("dominator tree", tree(None, By::Object)),
        ("dominators by class", tree(None, By::Class)),
        ("dominators by package", tree(None, By::Package)),
        ("dominators by loader", tree(None, By::Loader)),
        ("a class of them", group(By::Class, "java.lang.Module")),
        ("a package of them", group(By::Package, "java.lang")),
        ("below the largest", tree(Some(largest), By::Object)),
        ("the same by class", tree(Some(largest), By::Class)),
        ("below the next", tree(Some(inner), By::Object)),
        ("classes", Target::Classes),
        ("classes again", Target::Classes),
        ("objects of a class", Target::Instances(class)),
        ("strings", Target::Instances("java.lang.String".to_owned())),
        ("object", Target::Object(largest)),
        ("object below", Target::Object(inner)),
        ("deepest object", Target::Object(deepest)),
        ("path", Target::Paths(largest)),
        ("path to the deepest", Target::Paths(deepest)),
        ("threads", Target::Threads),
        ("a thread", Target::Thread(0)),
        ("loaders", Target::Loaders),
        ("waste", Target::Waste),
        ("referrers", Target::Referrers(largest)),
        ("referrers below", Target::Referrers(inner)),
        ("referrers of the deepest", Target::Referrers(deepest)),
    ];
    println!("{} objects", snapshot.len());
    let began = Instant::now();
    asker.prepare(|| false);
    let millis = began.elapsed().as_secs_f64() * 1e3;
    println!("{:>26} {millis:>9.1} ms", "prepared, while one reads");
    for (name, target) in steps {
        let began = Instant::now();
        let rows = asker.answer(&Ask::first(target)).rows.len();
        let millis = began.elapsed().as_secs_f64() * 1e3;
        println!("{name:>26} {millis:>9.1} ms  {rows} rows");
    }
    for (name, object) in [("paths", largest), ("paths to the deepest", deepest)] {
        let began = Instant::now();
        let ask = Ask {
            target: Target::Paths(object),
            top: Ask::FIRST + 1,
        };
        let rows = asker.answer(&ask).rows.len();
        let millis = began.elapsed().as_secs_f64() * 1e3;
        println!("{name:>26} {millis:>9.1} ms  {rows} rows");
    }
}
