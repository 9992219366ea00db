//! Classes that many class loaders define: copies of the classes of one plugin, script or web application.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};
use rustc_hash::FxHashMap;

use crate::heap::{ClassIndex, ClassKind, Classes};

/// From so many copies on it is the loaders that are too many: what each has in its fields belongs to who keeps the loaders. A server
/// may well run a few applications with the same library.
const MANY: usize = 6;

/// What all copies of a class are together.
#[derive(Clone, Copy)]
struct Together {
    /// Loaders that define one.
    loaders: usize,
    /// Bytes that their instances retain.
    retained: u64,
}

/// The classes that several loaders define.
pub struct Copies(FxHashMap<ClassIndex, Together>);

impl Copies {
    /// Collects them. `class_retained` has the retained size of each class, by class number.
    pub fn new(classes: &Classes, class_retained: &[u64]) -> Copies {
        let mut by_name: HashMap<&str, Vec<ClassIndex>> = HashMap::default();
        for (index, class) in classes.iter() {
            if class.dumped && class.kind == ClassKind::Instance {
                by_name.entry(class.name.as_str()).or_default().push(index);
            }
        }
        let mut copies = FxHashMap::default();
        for alike in by_name.into_values().filter(|alike| alike.len() > 1) {
            let loader = |&class: &ClassIndex| classes.get(class).dump.loader_id;
            let retained = |class: &ClassIndex| class_retained.get(class.0 as usize);
            let together = Together {
                loaders: alike.iter().map(loader).collect::<HashSet<_>>().len(),
                retained: alike
                    .iter()
                    .filter_map(retained)
                    .fold(0, |sum, &bytes| sum.saturating_add(bytes)),
            };
            copies.extend(alike.into_iter().map(|class| (class, together)));
        }
        Copies(copies)
    }

    /// Names of classes that several loaders define, each with how many do.
    pub fn by_name<'c>(&self, classes: &'c Classes) -> BTreeMap<&'c str, u64> {
        let several = self.0.iter().filter(|(_, together)| together.loaders > 1);
        several
            .map(|(&class, together)| (classes.get(class).name.as_str(), together.loaders as u64))
            .collect()
    }

    /// Whether `class` is one of many copies.
    pub fn are_many(&self, class: ClassIndex) -> bool {
        let together = self.0.get(&class);
        together.is_some_and(|together| together.loaders >= MANY)
    }

    /// Bytes that the instances of all copies of `class` retain, where there are several.
    pub fn retained(&self, class: ClassIndex) -> Option<u64> {
        self.0.get(&class).map(|together| together.retained)
    }
}
