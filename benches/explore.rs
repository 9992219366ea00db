//! How long each step of `explore` takes on a dump: `cargo bench --bench explore -- heap.hprof`. Nothing is asserted; the goal is 100 ms for
//! every step that takes no pass over the dump.

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
    let steps = [
        ("overview", Target::Overview),
        ("suspect", Target::Suspect(0)),
        ("dominator tree", tree(None, By::Object)),
        ("dominators by class", tree(None, By::Class)),
        ("dominators by package", tree(None, By::Package)),
        ("below the largest", tree(Some(largest), By::Object)),
        ("classes", Target::Classes),
        ("classes again", Target::Classes),
        ("objects of a class", Target::Instances(class)),
        ("strings", Target::Instances("java.lang.String".to_owned())),
        ("object", Target::Object(largest)),
        ("path", Target::Paths(largest)),
        ("threads", Target::Threads),
        ("referrers (a pass)", Target::Referrers(largest)),
    ];
    println!("{} objects", snapshot.len());
    let began = Instant::now();
    asker.prepare(|| false);
    let millis = began.elapsed().as_secs_f64() * 1e3;
    println!("{:>24} {millis:>9.1} ms", "prepared, while one reads");
    for (name, target) in steps {
        let began = Instant::now();
        let rows = asker.answer(&Ask::first(target)).rows.len();
        let millis = began.elapsed().as_secs_f64() * 1e3;
        println!("{name:>24} {millis:>9.1} ms  {rows} rows");
    }
}
