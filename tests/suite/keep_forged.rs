//! An index that somebody made, with the right checksums: it may answer wrongly, as a forged dump may, and no more.

use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::keep_support::{Index, Scene, small};

/// Far longer than any of these takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `line` to its end, whatever it says.
#[track_caller]
fn ends(scene: &Scene, line: &str, what: &str) {
    static SHARED: OnceLock<String> = OnceLock::new();
    let address = SHARED.get_or_init(|| scene.shared());
    let mut command = scene.program();
    for word in line.split_whitespace() {
        match word {
            "DUMP" => command.arg(scene.dump()),
            "ADDRESS" => command.arg(address),
            word => command.arg(word),
        };
    }
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let began = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().expect("a status") {
            break status.code();
        }
        if began.elapsed() > PATIENCE {
            child.kill().expect("it can be ended");
            panic!("{what}: {line} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut said = String::new();
    let mut stderr = child.stderr.take().expect("its messages");
    std::io::Read::read_to_string(&mut stderr, &mut said).expect("text");
    assert!(
        matches!(code, Some(0 | 1)),
        "{what}: {line}: {code:?} {said}"
    );
    assert!(!said.contains("panicked"), "{what}: {line}: {said}");
}

/// Commands that look at every column between them.
const LINES: [&str; 5] = [
    "DUMP -f json --waste --detail full",
    "objects DUMP",
    "dominators DUMP --depth 9 --top 0",
    "path DUMP ADDRESS --paths 9",
    "show DUMP ADDRESS",
];

fn try_all(scene: &Scene, forged: Index, what: &str) {
    forged.write(scene);
    for line in LINES {
        ends(scene, line, what);
    }
}

/// Numbers that are beyond all others, in their middle, or nothing, in places all over every column.
#[test]
fn forged_numbers_do_no_harm() {
    let scene = Scene::of(&small());
    scene.keep(&[]);
    let index = scene.parsed();
    let mut seed = 7u64;
    for (name, place, width) in index.places() {
        if place.is_empty() || name == "facts" {
            continue;
        }
        // A block has several numbers.
        let width = width.min(8);
        let numbers = place.len() / width;
        for value in [u64::MAX, 0, 1 << 31] {
            let mut forged = index.clone();
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            // One number, then a third of them.
            let at = place.start + (seed >> 33) as usize % numbers * width;
            forged.columns[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            if value != 0 {
                for number in (0..numbers).step_by(3) {
                    let at = place.start + number * width;
                    forged.columns[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
                }
            }
            try_all(&scene, forged, &format!("{name} {value:#x}"));
        }
    }
}

/// Columns that are missing, shorter, or those of others.
#[test]
fn forged_lists_do_no_harm() {
    let scene = Scene::of(&small());
    scene.keep(&[]);
    let index = scene.parsed();
    for number in 0..index.places().len() {
        let mut without = index.clone();
        without.list["columns"][number]["name"] = "another".into();
        try_all(&scene, without, &format!("without column {number}"));
        let mut shorter = index.clone();
        let bytes = shorter.list["columns"][number]["bytes"]
            .as_u64()
            .expect("bytes");
        shorter.list["columns"][number]["bytes"] = (bytes / 2).into();
        try_all(&scene, shorter, &format!("half of column {number}"));
    }
}

/// Facts beside the columns.
#[test]
fn forged_facts_do_no_harm() {
    let scene = Scene::of(&small());
    scene.keep(&[]);
    let index = scene.parsed();
    let place = index
        .places()
        .into_iter()
        .find(|(name, ..)| name == "facts");
    let (_, place, _) = place.expect("facts");
    let text = std::str::from_utf8(&index.columns[place.clone()]).expect("JSON");
    let digits: Vec<usize> = text
        .char_indices()
        .filter(|(_, letter)| letter.is_ascii_digit())
        .map(|(at, _)| at)
        .collect();
    for at in digits {
        let mut forged = index.clone();
        forged.columns[place.start + at] = if at % 2 == 0 { b'9' } else { b'0' };
        forged.write(&scene);
        ends(&scene, LINES[0], &format!("digit {at}"));
    }
    for (yes, no) in [("true", "null"), ("false", "true ")] {
        let mut forged = index.clone();
        let changed = text.replace(yes, &format!("{no:<width$}", width = yes.len()));
        forged.columns[place.clone()].copy_from_slice(changed.as_bytes());
        try_all(&scene, forged, &format!("{yes} for {no}"));
    }
}
