//! The tables `objects`, `classes` and `roots`.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::data_type::ByteArray;

use super::names::{ClassNames, Loaders, Names, kind, name};
use super::schema::{CLASSES, OBJECTS, ROOTS};
use super::table::{ExportError, Part, Value, text, text_or_null, write};
use crate::graph::Strength;
use crate::heap::{ClassIndex, ClassKind, Object, ObjectIndex, Snapshot};

/// The words that columns of `objects` have.
struct Words {
    strengths: [ByteArray; 6],
    instance: ByteArray,
    object_array: ByteArray,
    primitive_array: ByteArray,
    class: ByteArray,
}

impl Words {
    fn new() -> Words {
        let word = |strength: Strength| match strength {
            Strength::NoPath => text("none"),
            strength => text(strength.as_str()),
        };
        Words {
            strengths: Strength::ALL.map(word),
            instance: text(kind(ClassKind::Instance)),
            object_array: text(kind(ClassKind::ObjectArray)),
            primitive_array: text("primitive array"),
            class: text("class"),
        }
    }

    fn strength(&self, strength: Strength) -> Value<'_> {
        Value::Text(&self.strengths[strength as usize])
    }
}

/// Objects and bytes of each class, counted while `objects` is written: by several threads at once.
pub(super) struct Counts(Vec<[AtomicU64; 2]>);

impl Counts {
    pub fn new(snapshot: &Snapshot<'_>) -> Counts {
        let classes = snapshot.classes().len();
        Counts((0..classes).map(|_| Default::default()).collect())
    }

    /// Counts all objects.
    pub fn count(&self, snapshot: &Snapshot<'_>) {
        use rayon::prelude::*;
        (0..snapshot.len() as u32)
            .into_par_iter()
            .with_min_len(1 << 16)
            .for_each(|object| {
                if snapshot.contains(object) {
                    let class = snapshot.class_of(object);
                    let [objects, bytes] = &self.0[class.0 as usize];
                    objects.fetch_add(1, Ordering::Relaxed);
                    bytes.fetch_add(snapshot.shallow_of(object, class), Ordering::Relaxed);
                }
            });
    }

    fn of(&self, class: ClassIndex) -> [u64; 2] {
        let [objects, bytes] = &self.0[class.0 as usize];
        [
            objects.load(Ordering::Relaxed),
            bytes.load(Ordering::Relaxed),
        ]
    }
}

/// Writes `objects`: those in the file part by part, then the class objects.
pub(super) fn objects(
    snapshot: &Snapshot<'_>,
    loaders: &Loaders,
    path: &Path,
) -> Result<u64, ExportError> {
    let parts = snapshot.parts();
    write(&OBJECTS, path, parts + 1, &|number, part| {
        let words = Words::new();
        let mut names = Names::new(snapshot, loaders);
        if number == parts {
            class_objects(snapshot, &words, &mut names, part);
            return;
        }
        snapshot.each_object_of(number, &mut |address, object| {
            let Some(index) = snapshot.find(address) else {
                return;
            };
            let class = snapshot.class_of(index);
            let named = names.class(class);
            let (kind, length) = match object {
                Object::ObjectArray { elements, .. } => {
                    let width = snapshot.header().id_size.bytes();
                    (&words.object_array, Some((elements.len() / width) as u64))
                }
                Object::PrimitiveArray { length, .. } => {
                    (&words.primitive_array, Some(u64::from(length)))
                }
                _ => (&words.instance, None),
            };
            row(
                snapshot,
                &words,
                part,
                (index, address, class),
                (&named, kind, length),
            );
        });
    })
}

fn class_objects(
    snapshot: &Snapshot<'_>,
    words: &Words,
    names: &mut Names<'_, '_>,
    part: &mut Part<'_>,
) {
    for (class, _) in snapshot.classes().iter() {
        if let Some(index) = snapshot.class_object(class) {
            let named = names.class(class);
            let object = (index, snapshot.address(index), snapshot.class_of(index));
            row(snapshot, words, part, object, (&named, &words.class, None));
        }
    }
}

fn row(
    snapshot: &Snapshot<'_>,
    words: &Words,
    part: &mut Part<'_>,
    (index, address, class): (ObjectIndex, u64, ClassIndex),
    (named, kind, length): (&ClassNames, &ByteArray, Option<u64>),
) {
    // MAT's rules leave out what has no path.
    if !snapshot.contains(index) {
        return;
    }
    let strength = snapshot.strength(index);
    let dominator = snapshot.dominator(index);
    part.row([
        Value::address(address),
        Value::Integer(i64::from(class.0)),
        Value::Text(&named.class),
        text_or_null(&named.loader),
        Value::Text(kind),
        Value::count(snapshot.shallow_of(index, class)),
        Value::count(snapshot.retained(index)),
        Value::count(snapshot.retained_objects(index)),
        Value::address_or_null(dominator.map(|above| snapshot.address(above))),
        words.strength(strength),
        Value::count_or_null(length),
        Value::Flag(dominator.is_none() && strength != Strength::NoPath),
    ]);
}

/// Writes `classes`.
pub(super) fn classes(
    snapshot: &Snapshot<'_>,
    loaders: &Loaders,
    path: &Path,
) -> Result<u64, ExportError> {
    let counts = Counts::new(snapshot);
    counts.count(snapshot);
    let retained = snapshot.retained_by_class();
    write(&CLASSES, path, 1, &|_, part| {
        for (class, described) in snapshot.classes().iter() {
            let super_class = described.super_class;
            let super_name = super_class.map(|above| name(&snapshot.classes().get(above).name));
            let loader = loaders.of(class).map(name);
            let loader_id = Some(described.dump.loader_id).filter(|id| *id != 0);
            let [objects, bytes] = counts.of(class);
            part.row([
                Value::Integer(i64::from(class.0)),
                Value::address_or_null(
                    snapshot
                        .class_object(class)
                        .map(|object| snapshot.address(object)),
                ),
                Value::Text(&name(&described.name)),
                Value::Text(&text(kind(described.kind))),
                text_or_null(&loader),
                Value::address_or_null(loader_id),
                text_or_null(&super_name),
                super_class.map_or(Value::Null, |above| Value::Integer(i64::from(above.0))),
                Value::count(objects),
                Value::count(bytes),
                Value::count(retained.get(class.0 as usize).copied().unwrap_or(0)),
            ]);
        }
    })
}

/// Writes `roots`: by object, then what hangs on threads.
pub(super) fn roots(snapshot: &Snapshot<'_>, path: &Path) -> Result<u64, ExportError> {
    let roots = snapshot.roots();
    write(&ROOTS, path, 1, &|_, part| {
        let class = |object: ObjectIndex| {
            let class = snapshot
                .as_class(object)
                .unwrap_or_else(|| snapshot.class_of(object));
            name(&snapshot.classes().get(class).name)
        };
        for &object in &roots.objects {
            let named = class(object);
            for kind in roots.kinds.get(&object).into_iter().flatten() {
                let address = Value::address(snapshot.address(object));
                let kind = text(kind.label());
                part.row([
                    address,
                    Value::Text(&named),
                    Value::Text(&kind),
                    Value::Null,
                    Value::Null,
                ]);
            }
        }
        for local in &roots.locals {
            let frame = Some(u64::from(local.frame)).filter(|_| local.frame != u32::MAX);
            part.row([
                Value::address(snapshot.address(local.object)),
                Value::Text(&class(local.object)),
                Value::Text(&text(local.kind.label())),
                Value::address(snapshot.address(local.thread)),
                Value::count_or_null(frame),
            ]);
        }
    })
}
