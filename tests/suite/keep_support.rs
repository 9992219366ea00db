//! A dump in a folder of its own, its index, and what is in that.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use twox_hash::XxHash3_64;

use crate::support::{Run, program, run_command};
use crate::synth::{Heap, Kind, Root};

/// Bytes before the list of columns: magic, length, checksum.
const HEAD: usize = 16 + 4 + 8;

/// A heap of some hundred objects with everything that an index has columns for.
pub fn small() -> Vec<u8> {
    let mut heap = Heap::new();
    let node = heap
        .class("com.acme.Node")
        .app()
        .field("next", Kind::Object)
        .field("data", Kind::Object)
        .field("tag", Kind::Object)
        .done();
    // What several others refer to.
    let tags = [heap.bytes(&[1; 16]), heap.bytes(&[2; 24])];
    let mut last = None;
    for number in 0..100u8 {
        let (here, data) = (heap.instance(node), heap.bytes(&[number; 40]));
        heap.set(here, "data", data);
        heap.set(here, "tag", tags[usize::from(number % 7 == 0)]);
        if let Some(last) = last {
            heap.set(here, "next", last);
        }
        last = (number % 10 != 9).then_some(here);
        if last.is_none() {
            heap.root(Root::JniGlobal, here);
        }
    }
    heap.string("a text");
    heap.write().bytes
}

/// A folder with a dump, and a cache folder elsewhere.
pub struct Scene {
    folder: TempDir,
    cache: TempDir,
    dump: PathBuf,
}

impl Scene {
    /// With a dump of these bytes.
    pub fn of(bytes: &[u8]) -> Scene {
        let scene = Scene::named("heap.hprof");
        fs::write(&scene.dump, bytes).expect("room");
        scene
    }

    /// With a copy of `dump`.
    pub fn with(dump: &Path) -> Scene {
        let name = dump.file_name().expect("a name").to_string_lossy();
        let scene = Scene::named(&name);
        fs::copy(dump, &scene.dump).expect("a copy");
        scene
    }

    fn named(name: &str) -> Scene {
        let folder = || tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let (folder, cache) = (folder(), folder());
        Scene {
            dump: folder.path().join(name),
            folder,
            cache,
        }
    }

    pub fn dump(&self) -> &Path {
        &self.dump
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// Where the index lies beside the dump.
    pub fn index(&self) -> PathBuf {
        let name = self.dump.file_name().expect("a name").to_string_lossy();
        self.folder().join(format!("{name}.kept"))
    }

    /// The names of all files beside the dump, itself among them.
    pub fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).expect("the folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("a file"))).collect();
        names.sort();
        names
    }

    /// The program with this cache folder.
    pub fn program(&self) -> Command {
        let mut command = program();
        command.env("XDG_CACHE_HOME", self.cache());
        command
    }

    /// Runs `line`, in which words stand for the dump and an address.
    pub fn run(&self, line: &str, address: &str, more: &[&str]) -> Run {
        let mut command = self.program();
        for word in line.split_whitespace() {
            match word {
                "DUMP" => command.arg(&self.dump),
                "ADDRESS" => command.arg(address),
                word => command.arg(word),
            };
        }
        run_command(command.args(more))
    }

    /// Writes the index.
    pub fn keep(&self, more: &[&str]) {
        let kept = self.run("histogram DUMP --keep", "", more);
        assert!(self.index().exists(), "{}", kept.stderr);
    }

    /// The address of the smallest array of bytes: in [`small`], many objects refer to it.
    pub fn shared(&self) -> String {
        let text = self.run("objects DUMP --no-keep", "", &[]).text();
        let rows = text
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let arrays = rows.filter(|row| row[1] == "byte[]");
        let size = |row: &Vec<&str>| row[2].parse::<u64>().expect("a size");
        let smallest = arrays.min_by_key(size).expect("an array");
        smallest[0].to_owned()
    }

    /// The address of an object that others hold.
    pub fn address(&self, more: &[&str]) -> String {
        let run = self.run("dominators DUMP --depth 3 -f json", "", more);
        let text = run.text();
        let last = text.rmatches("\"object_id\": \"").count();
        assert!(last > 0, "{text}");
        let at = text.rfind("\"object_id\": \"").expect("an object");
        let rest = &text[at + "\"object_id\": \"".len()..];
        rest.split('"').next().expect("an address").to_owned()
    }

    /// The index, taken apart.
    pub fn parsed(&self) -> Index {
        let bytes = fs::read(self.index()).expect("the index");
        let length = u32::from_le_bytes(bytes[16..20].try_into().expect("four bytes"));
        let (head, columns) = bytes.split_at(HEAD + length as usize);
        Index {
            list: serde_json::from_slice(&head[HEAD..]).expect("a list"),
            columns: columns.to_vec(),
        }
    }
}

/// An index whose columns are short enough to have one checksum each.
#[derive(Clone)]
pub struct Index {
    pub list: Value,
    pub columns: Vec<u8>,
}

impl Index {
    /// Name, place and width of every column.
    pub fn places(&self) -> Vec<(String, std::ops::Range<usize>, usize)> {
        let number = |entry: &Value, name: &str| entry[name].as_u64().expect("a number") as usize;
        let entries = self.list["columns"].as_array().expect("columns").iter();
        entries
            .map(|entry| {
                let start = number(entry, "start");
                let name = entry["name"].as_str().expect("a name").to_owned();
                let width = number(entry, "width");
                (name, start..start + number(entry, "bytes"), width)
            })
            .collect()
    }

    /// Writes it with the right checksums.
    pub fn write(mut self, scene: &Scene) {
        for (number, (_, place, _)) in self.places().into_iter().enumerate() {
            let piece = XxHash3_64::oneshot(&self.columns[place.clone()]);
            let pieces = if place.is_empty() {
                Vec::new()
            } else {
                piece.to_ne_bytes().to_vec()
            };
            self.list["columns"][number]["sum"] = XxHash3_64::oneshot(&pieces).into();
        }
        let list = serde_json::to_vec(&self.list).expect("JSON");
        let mut bytes = b"hprof-suspects 1".to_vec();
        bytes.extend((list.len() as u32).to_le_bytes());
        bytes.extend(XxHash3_64::oneshot(&list).to_le_bytes());
        bytes.extend(list);
        bytes.extend(self.columns);
        fs::write(scene.index(), bytes).expect("room");
    }
}
