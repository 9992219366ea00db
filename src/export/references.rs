//! The table `references`.

use std::path::Path;

use parquet::data_type::ByteArray;

use super::names::{Loaders, Names};
use super::schema::REFERENCES;
use super::table::{ExportError, Part, Value, text, write};
use crate::graph::Strength;
use crate::heap::{ClassIndex, Link, Object, Snapshot};

/// The class whose field `referent` holds weakly, softly, ...
const REFERENCE: &str = "java.lang.ref.Reference";

/// The words that columns have.
struct Words {
    field: ByteArray,
    element: ByteArray,
    local: ByteArray,
    strengths: [ByteArray; 6],
}

impl Words {
    fn new() -> Words {
        Words {
            field: text("field"),
            element: text("element"),
            local: text("local"),
            strengths: Strength::ALL.map(|strength| text(strength.as_str())),
        }
    }

    fn strong(&self) -> Value<'_> {
        Value::Text(&self.strengths[Strength::Strong as usize])
    }
}

/// Writes it: fields and elements part by part, then what class objects refer to and local variables.
pub(super) fn references(
    snapshot: &Snapshot<'_>,
    loaders: &Loaders,
    path: &Path,
) -> Result<u64, ExportError> {
    let parts = snapshot.parts();
    let declaring: Vec<ClassIndex> = snapshot.classes().named(REFERENCE).collect();
    write(&REFERENCES, path, parts + 1, &|number, part| {
        let words = Words::new();
        let mut names = Names::new(snapshot, loaders);
        if number == parts {
            of_classes(snapshot, &words, &mut names, part);
            locals(snapshot, &words, part);
            return;
        }
        snapshot.each_object_of(number, &mut |address, object| match object {
            Object::Instance { class, data } => {
                for field in snapshot.fields(class, data) {
                    let Some(to) = field.value.reference() else {
                        continue;
                    };
                    let is_referent = declaring.contains(&field.declared_by)
                        && snapshot.is_name(field.name_id, "referent");
                    let referent = is_referent
                        .then(|| snapshot.classes().get(class).referent)
                        .flatten();
                    let strength = referent.map_or(Strength::Strong, |(_, strength)| strength);
                    part.row([
                        Value::address(address),
                        Value::address(to),
                        Value::Text(&words.field),
                        Value::Text(&names.field(field.name_id)),
                        Value::Text(&names.class(field.declared_by).class),
                        Value::Null,
                        Value::Flag(strength == Strength::Strong),
                        Value::Text(&words.strengths[strength as usize]),
                    ]);
                }
            }
            Object::ObjectArray { elements, .. } => {
                for (i, to) in snapshot
                    .element_ids(elements)
                    .enumerate()
                    .filter(|(_, to)| *to != 0)
                {
                    part.row([
                        Value::address(address),
                        Value::address(to),
                        Value::Text(&words.element),
                        Value::Null,
                        Value::Null,
                        Value::count(i as u64),
                        Value::Flag(true),
                        words.strong(),
                    ]);
                }
            }
            _ => {}
        });
    })
}

fn of_classes(
    snapshot: &Snapshot<'_>,
    words: &Words,
    names: &mut Names<'_, '_>,
    part: &mut Part<'_>,
) {
    for (class, _) in snapshot.classes().iter() {
        let Some(object) = snapshot.class_object(class) else {
            continue;
        };
        for (link, to) in snapshot.outgoing(object) {
            let (via, field) = match link {
                Link::Static { name_id, .. } => ("static", Some(names.field(name_id))),
                Link::Super => ("super", None),
                Link::Loader => ("loader", None),
                Link::Signers => ("signers", None),
                Link::ProtectionDomain => ("protection domain", None),
                _ => ("constant", None),
            };
            let declared_by = field.as_ref().map(|_| names.class(class).class);
            part.row([
                Value::address(snapshot.address(object)),
                Value::address(to),
                Value::Text(&text(via)),
                super::table::text_or_null(&field),
                super::table::text_or_null(&declared_by),
                Value::Null,
                Value::Flag(true),
                words.strong(),
            ]);
        }
    }
}

fn locals(snapshot: &Snapshot<'_>, words: &Words, part: &mut Part<'_>) {
    for local in &snapshot.roots().locals {
        let frame = Some(u64::from(local.frame)).filter(|_| local.frame != u32::MAX);
        part.row([
            Value::address(snapshot.address(local.thread)),
            Value::address(snapshot.address(local.object)),
            Value::Text(&words.local),
            Value::Null,
            Value::Null,
            Value::count_or_null(frame),
            Value::Flag(true),
            words.strong(),
        ]);
    }
}
