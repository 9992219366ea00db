//! Synthetic dumps cut at every byte and with every byte flipped.

use crate::damage_support::{codes, objects, read};
use crate::synth::{Heap, Kind, Options};
use hprof_suspects::hprof::DamageCode;

/// A heap with every kind of record in a few kilobytes.
fn small() -> Heap {
    let mut heap = Heap::new();
    let user = heap
        .class("com.acme.User")
        .app()
        .field("name", Kind::Object)
        .field("age", Kind::Int)
        .done();
    let name = heap.string("Ada");
    let object = heap.instance(user);
    heap.set(object, "name", name);
    let list = heap.array_list(&[object]);
    heap.class("com.acme.Cache")
        .app()
        .static_field("CACHE", list)
        .done();
    let main = heap.thread("main");
    let frame = heap.frame(main, user, "run", Some("User.java"), 1);
    heap.local(main, frame, object);
    heap
}

#[test]
fn every_cut_is_read_up_to_the_cut_and_said() {
    for options in [Options::default(), Options::jdk8(), Options::jdk25()] {
        let whole = small().write_with(&options).bytes;
        let all = objects(&read(&whole).expect("a whole dump"));
        let mut most = 0;
        for cut in 0..whole.len() {
            // JDK 8 writes one record and nothing after it; only there a cut at the end of the heap would not show.
            let Ok(snapshot) = read(&whole[..cut]) else {
                assert_eq!(most, 0, "cut at {cut}: fewer bytes could be read");
                continue;
            };
            assert!(!snapshot.is_complete(), "cut at {cut} of {}", whole.len());
            assert!(!snapshot.damage().is_empty(), "cut at {cut} without a word");
            let here = objects(&snapshot);
            assert!(here <= all && here >= most, "cut at {cut}: {here} objects");
            most = here;
        }
        assert_eq!(most, all, "the last cuts lose no object");
    }
}

#[test]
fn every_flipped_byte_is_survived() {
    let whole = small().write_with(&Options::default()).bytes;
    let all = read(&whole).expect("a whole dump").len();
    let mut lost_most = 0;
    for at in 0..whole.len() {
        for mask in [0xFF, 0x80, 0x01] {
            let mut wrong = whole.clone();
            wrong[at] ^= mask;
            if let Ok(snapshot) = read(&wrong) {
                lost_most += usize::from(snapshot.len() * 2 < all);
            }
        }
    }
    // One byte costs the rest of its segment at the worst, and this dump is one segment.
    assert!(
        lost_most < whole.len() * 3 / 2,
        "{lost_most} of {} flips lost more than half of the objects",
        whole.len() * 3
    );
}

#[test]
fn a_flipped_byte_costs_one_segment_at_most() {
    use crate::synth::Framing;
    let options = Options {
        framing: Framing::Segments(400),
        ..Options::default()
    };
    let whole = small().write_with(&options).bytes;
    let all = read(&whole).expect("a whole dump").len();
    let first = read(&whole).expect("a whole dump").container().segments[0].0;
    let worst = (first..whole.len())
        .step_by(7)
        .map(|at| {
            let mut wrong = whole.clone();
            wrong[at] = 0x7E;
            read(&wrong).map_or(all, |snapshot| all - snapshot.len())
        })
        .max()
        .expect("a byte");
    // Some 400 bytes hold at most 400 / 17 objects; a wrong length may cost its neighbour as well.
    assert!(worst <= 2 * 400 / 17, "{worst} of {all} objects lost");
}

#[test]
fn a_missing_end_record_makes_the_dump_incomplete() {
    let whole = small().write_with(&Options::default()).bytes;
    let snapshot = read(&whole[..whole.len() - 9]).expect("a dump");
    assert_eq!(codes(&snapshot), [DamageCode::NoEndRecord]);
    assert!(!snapshot.is_complete());
}
