//! The tables with contents of the heap: `strings` and `fields`. They are written where values were asked for.

use std::path::Path;

use parquet::data_type::ByteArray;

use super::names::{Loaders, Names};
use super::schema::{FIELDS, STRINGS};
use super::table::{ExportError, Part, Value, text, write};
use crate::heap::{ClassIndex, Object, Snapshot};
use crate::hprof::FieldValue;

/// Longest text that is written, in UTF-16 units.
const LONGEST: usize = 1_000_000;

/// Writes `strings`.
pub(super) fn strings(snapshot: &Snapshot<'_>, path: &Path) -> Result<u64, ExportError> {
    let strings: Vec<ClassIndex> = snapshot.classes().named("java.lang.String").collect();
    write(&STRINGS, path, snapshot.parts(), &|number, part| {
        snapshot.each_object_of(number, &mut |address, object| {
            let Object::Instance { class, .. } = object else {
                return;
            };
            let index = snapshot
                .find(address)
                .filter(|index| strings.contains(&class) && snapshot.contains(*index));
            let Some(index) = index else {
                return;
            };
            // A string whose array the dump lacks has no text.
            let Some(value) = snapshot.string(index, LONGEST) else {
                return;
            };
            let array = snapshot.field_object(index, "value");
            part.row([
                Value::address(address),
                Value::address_or_null(array.map(|array| snapshot.address(array))),
                Value::count(value.encode_utf16().count() as u64),
                Value::Text(&text(&value)),
                Value::count(snapshot.retained(index)),
            ]);
        });
    })
}

/// The words of the column `type`.
struct Types([ByteArray; 8]);

impl Types {
    fn new() -> Types {
        Types(
            [
                "boolean", "char", "float", "double", "byte", "short", "int", "long",
            ]
            .map(text),
        )
    }

    /// Type and value; nothing of a reference.
    fn of(&self, value: FieldValue) -> Option<(&ByteArray, Value<'static>, Value<'static>)> {
        let number = match value {
            FieldValue::Object(_) => return None,
            FieldValue::Boolean(_) => 0,
            FieldValue::Char(_) => 1,
            FieldValue::Float(_) => 2,
            FieldValue::Double(_) => 3,
            FieldValue::Byte(_) => 4,
            FieldValue::Short(_) => 5,
            FieldValue::Int(_) => 6,
            FieldValue::Long(_) => 7,
        };
        let integer = value.integer().map_or(Value::Null, Value::Integer);
        let float = match value {
            FieldValue::Float(number) => Value::Number(f64::from(number)),
            FieldValue::Double(number) => Value::Number(number),
            _ => Value::Null,
        };
        Some((&self.0[number], integer, float))
    }
}

/// Writes `fields`: those of instances part by part, then the static ones.
pub(super) fn fields(
    snapshot: &Snapshot<'_>,
    loaders: &Loaders,
    path: &Path,
) -> Result<u64, ExportError> {
    let parts = snapshot.parts();
    write(&FIELDS, path, parts + 1, &|number, part| {
        let types = Types::new();
        let mut names = Names::new(snapshot, loaders);
        if number == parts {
            statics(snapshot, &types, &mut names, part);
            return;
        }
        snapshot.each_object_of(number, &mut |address, object| {
            let Object::Instance { class, data } = object else {
                return;
            };
            for field in snapshot.fields(class, data) {
                if let Some((kind, integer, float)) = types.of(field.value) {
                    part.row([
                        Value::address(address),
                        Value::Text(&names.class(field.declared_by).class),
                        Value::Text(&names.field(field.name_id)),
                        Value::Text(kind),
                        Value::Flag(false),
                        integer,
                        float,
                    ]);
                }
            }
        });
    })
}

fn statics(snapshot: &Snapshot<'_>, types: &Types, names: &mut Names<'_, '_>, part: &mut Part<'_>) {
    for (class, described) in snapshot.classes().iter() {
        for field in &described.dump.statics {
            if let Some((kind, integer, float)) = types.of(field.value) {
                part.row([
                    Value::address(described.id),
                    Value::Text(&names.class(class).class),
                    Value::Text(&names.field(field.name_id)),
                    Value::Text(kind),
                    Value::Flag(true),
                    integer,
                    float,
                ]);
            }
        }
    }
}
