//! What the damaged, odd and hostile files of the corpus cost: memory and time stay in proportion to the file.
//!
//! `HPROF_SUSPECTS_COST=FILE cargo test --release --test suite broken_cost` writes the figures of every file to `FILE`.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::damage_support::wait;
use crate::support::{corpus, program};
use crate::synth::{ClassDump, Kind, RawDump, SubRecords};

/// Private memory of a run that does nothing: the program itself, its threads, the allocator.
const BASE: u64 = 48 << 20;
/// Bytes of private memory for each byte of the (unpacked) dump. A run that asks for more is refused by the kernel, and
/// aborts: the bound holds at every moment, not only where somebody looked.
const TIMES: u64 = 5;
/// Time of a run that does nothing, on a machine that does other things as well.
const START: Duration = Duration::from_secs(20);
/// Time for each mebibyte of the (unpacked) dump.
const PER_MEBIBYTE: Duration = Duration::from_millis(250);

/// What a run took.
struct Cost {
    name: String,
    /// Bytes of the dump, unpacked.
    bytes: u64,
    /// Largest resident size in bytes; mapped pages of the file count, which the system may take back.
    peak: u64,
    time: Duration,
    status: i32,
}

impl Cost {
    fn complaint(&self) -> Option<String> {
        let longest = START + PER_MEBIBYTE * (self.bytes >> 20) as u32;
        let ended = libc::WIFEXITED(self.status) && libc::WEXITSTATUS(self.status) <= 1;
        (!ended || self.time > longest).then(|| self.row())
    }

    fn row(&self) -> String {
        format!(
            "{}\t{} bytes\tpeak {} KiB\t{:?}\tstatus {:#x}",
            self.name,
            self.bytes,
            self.peak >> 10,
            self.time,
            self.status
        )
    }
}

/// Runs the program on `file`, an (unpacked) dump of `bytes` bytes, with private memory for `holds` bytes of dump.
#[allow(unsafe_code)]
fn cost(file: &Path, bytes: u64, holds: u64) -> Cost {
    let started = Instant::now();
    let mut program = program();
    let most = BASE + TIMES * holds;
    // SAFETY: setrlimit may be called between fork and exec, and gets a valid structure.
    unsafe {
        program.pre_exec(move || {
            let limit = libc::rlimit {
                rlim_cur: most,
                rlim_max: most,
            };
            match libc::setrlimit(libc::RLIMIT_DATA, &limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
    let child = program
        .args(["--format", "json", "--threads", "2"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let (status, peak) = wait(child);
    Cost {
        name: file.display().to_string(),
        bytes,
        peak: (peak as u64) << 10,
        time: started.elapsed(),
        status,
    }
}

fn assert_affordable(costs: &[Cost]) {
    if let Some(file) = std::env::var_os("HPROF_SUSPECTS_COST") {
        let rows: String = costs.iter().map(|cost| cost.row() + "\n").collect();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(file);
        let file = file.as_mut().expect("a file for the figures");
        file.write_all(rows.as_bytes()).expect("room");
    }
    let wrong: Vec<String> = costs.iter().filter_map(Cost::complaint).collect();
    assert!(wrong.is_empty(), "out of proportion:\n{}", wrong.join("\n"));
}

/// Bytes of what is in the file: gzip says so at its end, of the other containers the dump inside is known.
fn unpacked(file: &Path) -> u64 {
    let packed = fs::metadata(file).expect("a file").len();
    let bytes = fs::read(file).expect("a file");
    match bytes.as_slice() {
        [0x1F, 0x8B, ..] => {
            let mut out = std::io::sink();
            let mut gzip = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            // What follows damage does not count; a file that is all damage is as large as it is.
            let inside = std::io::copy(&mut gzip, &mut out);
            inside.unwrap_or(0).max(10 * packed)
        }
        [0xFD, b'7', ..] | [b'P', b'K', ..] | [b'B', b'Z', ..] => 1_473_774,
        _ => packed,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| fs::symlink_metadata(path).is_ok_and(|data| data.is_file()))
        .filter(|path| path.extension().is_none_or(|extension| extension != "json"))
        .collect();
    files.sort();
    files
}

#[test]
fn damaged_files_take_memory_and_time_in_proportion() {
    let Some(corpus) = corpus() else { return };
    let mut all = files(&corpus.join("broken"));
    all.extend(files(&corpus.join("broken/real")));
    assert!(all.len() > 130, "{} files", all.len());
    let run = |file: &PathBuf| {
        let bytes = unpacked(file);
        cost(file, bytes, bytes)
    };
    let costs: Vec<Cost> = all.iter().map(run).collect();
    assert_affordable(&costs);
}

/// A file that takes up next to nothing: `head`, a hole, `tail`.
fn sparse(head: &[u8], hole: u64, tail: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new()
        .suffix(".hprof")
        .tempfile()
        .expect("a temporary file");
    let size = head.len() as u64 + hole + tail.len() as u64;
    file.write_all(head).expect("room");
    file.as_file().set_len(size).expect("a hole");
    file.seek(SeekFrom::End(-(tail.len() as i64)))
        .expect("the end");
    file.write_all(tail).expect("room");
    file
}

/// The two sparse files that the corpus only describes: neither may be read into memory.
#[test]
fn sparse_files_of_gigabytes_take_next_to_no_memory() {
    let header = RawDump::new(8).into_bytes();
    let zeros = sparse(&header, 3 << 30, &[]);
    let mut costs = vec![cost(zeros.path(), 3 << 30, 0)];
    costs[0].name = format!("d08, {}", costs[0].name);
    // Zeros that were searched in vain are given back, so that they are not charged to the container that the program runs in.
    assert!(costs[0].peak < 256 << 20, "{}", costs[0].row());
    // A heap dump of 4.6 GB whose length wrapped at 4 GiB: a hole for an array of bytes, and thirty objects after it.
    let count: u32 = 2_250_000_000;
    let class = ClassDump {
        id: 0x1000,
        ..ClassDump::default()
    };
    let (mut first, mut second, mut last) =
        (SubRecords::new(8), SubRecords::new(8), SubRecords::new(8));
    first.class_dump(&class).root_sticky_class(class.id);
    first.prim_array_dump_claiming(0x2000, Kind::Byte as u8, count, &[]);
    second.prim_array_dump_claiming(0x9000_0000, Kind::Byte as u8, count, &[]);
    for i in 0..31u64 {
        last.instance_dump(0x2_0000_0000 + 16 * i, class.id, &[]);
    }
    let hole = u64::from(count);
    let length = first.len() as u64 + second.len() as u64 + last.len() as u64 + 2 * hole;
    assert!(length > 4 << 30);
    let mut head = RawDump::with_header("JAVA PROFILE 1.0.1", 8, 8);
    head.string(1, b"com/acme/A").load_class(1, class.id, 0, 1);
    head.record_claiming(0x0C, length as u32, first.as_slice());
    let head = head.into_bytes();
    let wrapped = sparse(&head, 2 * hole + second.len() as u64, last.as_slice());
    let mut file = wrapped.reopen().expect("the file");
    file.seek(SeekFrom::Start(head.len() as u64 + hole))
        .expect("the hole");
    file.write_all(second.as_slice()).expect("room");
    costs.push(cost(wrapped.path(), length, 0));
    assert!(
        libc::WEXITSTATUS(costs[1].status) == 0,
        "{}",
        costs[1].row()
    );
    costs[1].name = format!("a63, {}", costs[1].name);
    let json = crate::support::report(wrapped.path());
    assert_eq!(
        json["warnings"][0]["code"], "bad_length",
        "{}",
        json["warnings"]
    );
    assert_affordable(&costs);
}

/// The bound is one: a dump that is read right within it is not within next to nothing.
#[test]
fn the_bound_on_memory_can_fail() {
    let mut content = SubRecords::new(8);
    for i in 0..2_000_000u64 {
        content.instance_dump(i.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 8, 0x1000, &[]);
    }
    let mut dump = RawDump::new(8);
    dump.heap_dump_segment(&content).heap_dump_end();
    let bytes = dump.into_bytes();
    let file = crate::support::temporary(".hprof", &bytes);
    let size = bytes.len() as u64;
    let fits = cost(&file, size, 8 * size);
    assert_eq!(fits.complaint(), None);
    let refused = cost(&file, size, 0);
    assert!(refused.complaint().is_some(), "{}", refused.row());
}
