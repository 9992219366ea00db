//! Names as values of tables: each made once, and a copy of its own for each thread, so that threads do not count the same uses.

use foldhash::HashMap;
use parquet::data_type::ByteArray;

use super::table::text;
use crate::analyze::loader_label;
use crate::heap::{ClassIndex, ClassKind, Snapshot};
use crate::report::neutralise;

/// A name as every format has it: what would act is visible, and no name is endless.
pub(super) fn name(name: &str) -> ByteArray {
    let short = neutralise::limit(name);
    text(&neutralise::plain(short.as_deref().unwrap_or(name), true))
}

/// What the objects of a class are.
pub(super) fn kind(kind: ClassKind) -> &'static str {
    match kind {
        ClassKind::Instance => "instance",
        ClassKind::ObjectArray => "object array",
        ClassKind::PrimitiveArray(_) => "primitive array",
    }
}

/// The name of a class and that of its loader.
#[derive(Clone)]
pub(super) struct ClassNames {
    /// Its name.
    pub class: ByteArray,
    /// Its loader's.
    pub loader: Option<ByteArray>,
}

/// The loaders of all classes, by class number: finding what one is called reads the dump.
pub(super) struct Loaders(Vec<Option<String>>);

impl Loaders {
    pub fn new(snapshot: &Snapshot<'_>) -> Loaders {
        let mut by_id: HashMap<u64, Option<String>> = HashMap::default();
        let labels = snapshot.classes().iter().map(|(index, class)| {
            if !class.dumped {
                return None;
            }
            let label = by_id.entry(class.dump.loader_id);
            label
                .or_insert_with(|| loader_label(snapshot, index))
                .clone()
        });
        Loaders(labels.collect())
    }

    /// What the loader of `class` is called.
    pub fn of(&self, class: ClassIndex) -> Option<&str> {
        self.0.get(class.0 as usize)?.as_deref()
    }
}

/// The names that one thread needs.
pub(super) struct Names<'s, 'd> {
    snapshot: &'s Snapshot<'d>,
    loaders: &'s Loaders,
    classes: Vec<Option<ClassNames>>,
    fields: HashMap<u64, ByteArray>,
}

impl<'s, 'd> Names<'s, 'd> {
    pub fn new(snapshot: &'s Snapshot<'d>, loaders: &'s Loaders) -> Names<'s, 'd> {
        Names {
            snapshot,
            loaders,
            classes: vec![None; snapshot.classes().len()],
            fields: HashMap::default(),
        }
    }

    /// The names of `class`.
    pub fn class(&mut self, class: ClassIndex) -> ClassNames {
        let (snapshot, loaders) = (self.snapshot, self.loaders);
        let make = || ClassNames {
            class: name(&snapshot.classes().get(class).name),
            loader: loaders.of(class).map(name),
        };
        match self.classes.get_mut(class.0 as usize) {
            Some(known) => known.get_or_insert_with(make).clone(),
            None => make(),
        }
    }

    /// The name with identifier `id`.
    pub fn field(&mut self, id: u64) -> ByteArray {
        let snapshot = self.snapshot;
        let known = self.fields.entry(id);
        known.or_insert_with(|| name(&snapshot.name(id))).clone()
    }
}
