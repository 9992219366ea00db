//! The difference of two inputs as a profile: pprof with negative samples of the base, folded stacks with two columns, a differential
//! flame graph.

use std::path::Path;

use hprof_suspects::report::pprof::Profile;
use prost::Message;

use crate::growth_support::{compared, dump, growth, saved, store};

fn three() -> [tempfile::TempPath; 3] {
    [3_000, 12_000, 24_000].map(|n| dump(&store(7, n), n as u64))
}

/// The profile of a comparison.
fn profile<P: AsRef<Path>>(inputs: &[P]) -> Profile {
    let packed = compared(inputs, &["--format", "pprof"]).succeeded().stdout;
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(&packed[..]);
    std::io::Read::read_to_end(&mut reader, &mut bytes).expect("gzip");
    Profile::decode(&bytes[..]).expect("a profile")
}

/// Stack from the outermost owner in, value, whether it is of the base.
fn samples(profile: &Profile) -> Vec<(String, i64, bool)> {
    let text = |index: i64| profile.string_table[index as usize].as_str();
    let name = |id: u64| {
        let function = profile
            .function
            .iter()
            .find(|it| it.id == id)
            .expect("a function");
        text(function.name)
    };
    let row = |sample: &hprof_suspects::report::pprof::Sample| {
        let names: Vec<&str> = sample
            .location_id
            .iter()
            .rev()
            .map(|&id| name(id))
            .collect();
        let base = sample
            .label
            .iter()
            .any(|label| text(label.key) == "pprof::base" && text(label.str) == "true");
        (names.join(";"), sample.value[0], base)
    };
    profile.sample.iter().map(row).collect()
}

/// What `pprof -diff_base` makes: later samples as they are, earlier ones negative and labelled; sums are those of the heaps.
#[test]
fn pprof_has_the_earlier_samples_negative_and_labelled() {
    let dumps = three();
    let told = growth(&dumps);
    let samples = samples(&profile(&dumps));
    let sum = |base: bool| -> i64 {
        let of = samples.iter().filter(|(_, _, is_base)| *is_base == base);
        of.map(|(_, value, _)| value).sum()
    };
    assert_eq!(Some(sum(false)), told["live_bytes"][2].as_i64());
    assert_eq!(Some(-sum(true)), told["live_bytes"][0].as_i64());
    let orders: i64 = samples
        .iter()
        .filter(|(stack, _, _)| stack.starts_with("com.acme.Store.ORDERS"))
        .map(|(_, value, _)| *value)
        .sum();
    let grew = told["holders"][0]["grew_bytes"].as_i64();
    assert_eq!(Some(orders), grew, "{samples:?}");
    assert!(
        samples.iter().all(|(_, value, base)| (*value < 0) == *base),
        "{samples:?}"
    );
}

#[test]
fn folded_stacks_have_a_column_for_each_time() {
    let dumps = three();
    let told = growth(&dumps);
    let text = compared(&dumps, &["--format", "folded"]).succeeded().text();
    let mut sums = [0u64; 2];
    let mut orders = [0; 2];
    for line in text.lines() {
        let mut words = line.rsplitn(3, ' ');
        let mut number = || {
            words
                .next()
                .expect("a column")
                .parse::<u64>()
                .expect("a number")
        };
        let (after, before) = (number(), number());
        sums[0] += before;
        sums[1] += after;
        if words
            .next()
            .is_some_and(|stack| stack.starts_with("com.acme.Store.ORDERS"))
        {
            orders = [orders[0] + before, orders[1] + after];
        }
    }
    let live = |i: usize| told["live_bytes"][i].as_u64().expect("bytes");
    assert_eq!(sums, [live(0), live(2)], "{text}");
    let row = &told["holders"][0]["retained_bytes"];
    let expected = [0, 2].map(|i: usize| row[i].as_u64().expect("bytes"));
    assert_eq!(orders, expected, "{text}");
}

#[test]
fn the_flame_graph_tells_what_grew_and_what_shrank() {
    let dumps = three();
    let svg = compared(&dumps, &["--format", "svg"]).succeeded().text();
    assert!(svg.contains("red grew, blue shrank"), "{svg}");
    let titles: Vec<&str> = svg
        .split("<title>")
        .skip(1)
        .filter_map(|rest| rest.split("</title>").next())
        .collect();
    let of = |name: &str| titles.iter().find(|title| title.starts_with(name)).copied();
    let orders = of("com.acme.Store.ORDERS").unwrap_or_else(|| panic!("{titles:?}"));
    assert!(orders.contains("; +"), "{orders}");
    let rates = of("com.acme.Table.RATES").unwrap_or_else(|| panic!("{titles:?}"));
    assert!(rates.contains("; 0.00%"), "{rates}");
}

/// Reports in the place of dumps, and a report that is rendered again, give the same profile. One dump alone keeps its dominator tree.
#[test]
fn profiles_need_no_dump() {
    let dumps = three();
    let reports: Vec<_> = dumps.iter().map(|dump| saved(dump)).collect();
    assert_eq!(samples(&profile(&dumps)), samples(&profile(&reports)));
    let one = compared(&dumps[2..], &["--format", "folded"])
        .succeeded()
        .text();
    assert!(
        one.lines().all(|line| line
            .rsplit(' ')
            .nth(1)
            .is_some_and(|word| word.parse::<u64>().is_err())),
        "{one}"
    );
}
