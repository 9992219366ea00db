//! Everything about one object.

use serde::Serialize;

use super::super::tables::loader_label;
use super::{Listed, ObjectRow, cheap_reference, largest, row, short};
use crate::heap::{ClassIndex, Object, ObjectIndex, Snapshot};
use crate::hprof::{FieldType, FieldValue};

/// Longest text that is shown of a string or an array, in characters.
const LONGEST_TEXT: usize = 500;

/// One object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectDetails {
    /// Address, class, sizes.
    pub object: ObjectRow,
    /// Label of the loader of its class.
    pub loader: Option<String>,
    /// How strongly it is reachable.
    pub strength: String,
    /// The GC roots that refer to it.
    pub gc_roots: Vec<String>,
    /// Its immediate dominator; `None` when only GC roots dominate it.
    pub dominator: Option<ObjectRow>,
    /// Elements of an array.
    pub length: Option<u64>,
    /// Text of a string or values of an array, if asked for.
    pub value: Option<String>,
    /// Fields of an instance, static fields of a class object.
    pub fields: Vec<FieldRow>,
    /// First elements of an array of references.
    pub elements: Vec<FieldRow>,
    /// Objects that refer to it. That every object refers to its class is left out.
    pub referrers: Listed,
    /// Objects that it immediately dominates.
    pub dominated: Listed,
}

/// A field or an element.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldRow {
    /// Name; `[17]` for an element.
    pub name: String,
    /// The class that declares it, where that is not the object's own.
    pub declared_by: Option<String>,
    /// Number or truth value, `null`; texts and characters if asked for.
    pub value: Option<String>,
    /// The object it refers to.
    pub object: Option<ObjectRow>,
}

/// What to show.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Rows of each list; 0 for all.
    pub top: usize,
    /// Whether texts and contents of arrays are shown.
    pub values: bool,
}

/// Describes `object`; reads the dump once for its referrers.
pub fn object(snapshot: &Snapshot<'_>, object: ObjectIndex, shown: Shown) -> ObjectDetails {
    ObjectDetails {
        referrers: referrers(snapshot, object, shown),
        ..without_referrers(snapshot, object, shown)
    }
}

/// The objects that refer to `object`; reads the dump once.
pub fn referrers(snapshot: &Snapshot<'_>, object: ObjectIndex, shown: Shown) -> Listed {
    listed(snapshot, snapshot.referrers(object), shown, |from| {
        cheap_reference(snapshot, from, object)
    })
}

/// Describes `object` from the tables and its own bytes alone: no referrers.
pub fn without_referrers(
    snapshot: &Snapshot<'_>,
    object: ObjectIndex,
    shown: Shown,
) -> ObjectDetails {
    let (mut fields, mut elements, mut value) = (Vec::new(), Vec::new(), None);
    match snapshot.object(object) {
        Some(Object::Instance { class, data }) => {
            let field = |field: crate::heap::fields::Field| {
                let declared = (field.declared_by != class)
                    .then(|| short(snapshot.classes().get(field.declared_by).name.clone()));
                field_row(
                    snapshot,
                    snapshot.name(field.name_id),
                    declared,
                    field.value,
                    shown,
                )
            };
            fields = snapshot.fields(class, data).map(field).collect();
            value = text(snapshot, object, shown);
        }
        Some(Object::Class(class)) => fields = statics(snapshot, class, shown),
        Some(Object::ObjectArray { elements: ids, .. }) => {
            let most = if shown.top == 0 {
                usize::MAX
            } else {
                shown.top
            };
            elements = snapshot
                .element_ids(ids)
                .enumerate()
                .filter(|&(_, id)| id != 0)
                .take(most)
                .map(|(i, id)| {
                    let value = FieldValue::Object(id);
                    field_row(snapshot, format!("[{i}]"), None, value, shown)
                })
                .collect();
        }
        Some(Object::PrimitiveArray { element, data, .. }) if shown.values => {
            value = Some(primitives(element, data));
        }
        _ => {}
    }
    let roots = snapshot.roots().kinds.get(&object);
    let class = snapshot
        .as_class(object)
        .unwrap_or(snapshot.class_of(object));
    ObjectDetails {
        object: row(snapshot, object, None),
        loader: loader_label(snapshot, class).map(short),
        strength: snapshot.strength(object).as_str().to_owned(),
        gc_roots: roots
            .into_iter()
            .flatten()
            .map(|kind| kind.label().to_owned())
            .collect(),
        dominator: snapshot
            .dominator(object)
            .map(|above| row(snapshot, above, None)),
        length: snapshot.array_length(object),
        value,
        fields,
        elements,
        referrers: Listed::default(),
        dominated: listed(
            snapshot,
            snapshot.children(Some(object)).collect(),
            shown,
            |to| cheap_reference(snapshot, object, to),
        ),
    }
}

fn listed(
    snapshot: &Snapshot<'_>,
    mut objects: Vec<ObjectIndex>,
    shown: Shown,
    reference: impl Fn(ObjectIndex) -> Option<String>,
) -> Listed {
    let total = objects.len() as u64;
    largest(snapshot, &mut objects, shown.top);
    let row = |&object: &ObjectIndex| row(snapshot, object, reference(object));
    Listed {
        total,
        rows: objects.iter().map(row).collect(),
    }
}

fn statics(snapshot: &Snapshot<'_>, class: ClassIndex, shown: Shown) -> Vec<FieldRow> {
    let statics = snapshot.classes().get(class).dump.statics.iter();
    statics
        .map(|field| {
            let name = format!("static {}", snapshot.name(field.name_id));
            field_row(snapshot, name, None, field.value, shown)
        })
        .collect()
}

fn field_row(
    snapshot: &Snapshot<'_>,
    name: String,
    declared_by: Option<String>,
    value: FieldValue,
    shown: Shown,
) -> FieldRow {
    let target = value.reference().and_then(|id| snapshot.find(id));
    let value = match (value, target) {
        (FieldValue::Object(0), _) => Some("null".to_owned()),
        (FieldValue::Object(id), None) => Some(format!("{id:#x} (not in the dump)")),
        (FieldValue::Object(_), Some(target)) => text(snapshot, target, shown),
        // A character is text, and fields of them are a word.
        (FieldValue::Char(_), _) if !shown.values => None,
        (primitive, _) => Some(primitive_text(primitive)),
    };
    FieldRow {
        name: short(name),
        declared_by,
        value,
        object: target.map(|target| row(snapshot, target, None)),
    }
}

/// The text of a string, if values are shown.
fn text(snapshot: &Snapshot<'_>, object: ObjectIndex, shown: Shown) -> Option<String> {
    let string = shown.values && snapshot.class(object).name == "java.lang.String";
    let text = string
        .then(|| snapshot.string(object, LONGEST_TEXT))
        .flatten()?;
    Some(format!("{text:?}"))
}

fn primitive_text(value: FieldValue) -> String {
    match value {
        FieldValue::Object(id) => format!("{id:#x}"),
        FieldValue::Boolean(v) => v.to_string(),
        FieldValue::Char(v) => format!("{:?}", char::from_u32(u32::from(v)).unwrap_or('\u{fffd}')),
        FieldValue::Float(v) => v.to_string(),
        FieldValue::Double(v) => v.to_string(),
        FieldValue::Byte(v) => v.to_string(),
        FieldValue::Short(v) => v.to_string(),
        FieldValue::Int(v) => v.to_string(),
        FieldValue::Long(v) => v.to_string(),
    }
}

/// The first values of an array of primitive values; `None` for other objects.
pub fn contents(snapshot: &Snapshot<'_>, object: ObjectIndex) -> Option<String> {
    match snapshot.object(object)? {
        Object::PrimitiveArray { element, data, .. } => Some(primitives(element, data)),
        _ => None,
    }
}

/// The first values of an array; characters and bytes that are text, as text.
fn primitives(element: FieldType, data: &[u8]) -> String {
    let width = element.width(8).max(1);
    let cells = || data.chunks_exact(width).take(LONGEST_TEXT);
    let chars = |units: Vec<u16>| format!("{:?}", String::from_utf16_lossy(&units));
    let integer = |cell: &[u8]| {
        let sign = if cell[0] & 0x80 != 0 { -1i64 } else { 0 };
        cell.iter()
            .fold(sign, |value, &byte| value << 8 | i64::from(byte))
    };
    let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match element {
        FieldType::Char => chars(cells().map(|c| u16::from_be_bytes([c[0], c[1]])).collect()),
        FieldType::Byte if data.iter().take(LONGEST_TEXT).all(printable) => {
            chars(cells().map(|c| u16::from(c[0])).collect())
        }
        FieldType::Float => list(cells().map(|c| f32::from_bits(integer(c) as u32).to_string())),
        FieldType::Double => list(cells().map(|c| f64::from_bits(integer(c) as u64).to_string())),
        _ => list(cells().map(|cell| integer(cell).to_string())),
    }
}

fn list(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" ")
}
