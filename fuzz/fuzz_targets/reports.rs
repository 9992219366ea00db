//! Bytes of a dump to every output format, with names shown and not shown.
#![no_main]

use hprof_suspects::analyze::{FileFacts, Options, analyze};
use hprof_suspects::heap::{LoadOptions, Unobserved, load};
use hprof_suspects::report::{Detail, Format, RenderOptions, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(mut snapshot) = load(data, LoadOptions::default(), &Unobserved) else {
        return;
    };
    for show_values in [false, true] {
        if show_values {
            snapshot.show_values();
        }
        let options = Options {
            waste: show_values,
            ..Options::default()
        };
        let analysis = analyze(&snapshot, &FileFacts::default(), &options, &Unobserved);
        for format in Format::all() {
            let options = RenderOptions {
                detail: Detail::Full,
                ..RenderOptions::default()
            };
            let out =
                render(&analysis.report, format, &options).expect("every report can be written");
            if !format.is_binary() {
                let text = std::str::from_utf8(&out).expect("text formats are UTF-8");
                assert!(
                    !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'),
                    "a control character in {}",
                    format.name()
                );
            }
        }
    }
});
