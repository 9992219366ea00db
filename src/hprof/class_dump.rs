//! The CLASS_DUMP sub-record.

use super::cursor::{Cursor, IdSize};
use super::tag::FieldType;

/// A primitive value or a reference, as it lies in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue {
    /// A reference: an identifier, 0 for null.
    Object(u64),
    /// `boolean`.
    Boolean(bool),
    /// `char`.
    Char(u16),
    /// `float`.
    Float(f32),
    /// `double`.
    Double(f64),
    /// `byte`.
    Byte(i8),
    /// `short`.
    Short(i16),
    /// `int`.
    Int(i32),
    /// `long`.
    Long(i64),
}

impl FieldValue {
    /// Reads a value of `kind`; `None` when the bytes end.
    pub fn read(cursor: &mut Cursor<'_>, kind: FieldType, id: IdSize) -> Option<FieldValue> {
        Some(match kind {
            FieldType::Object => FieldValue::Object(cursor.id(id)?),
            FieldType::Boolean => FieldValue::Boolean(cursor.u1()? != 0),
            FieldType::Char => FieldValue::Char(cursor.u2()?),
            FieldType::Float => FieldValue::Float(f32::from_bits(cursor.u4()?)),
            FieldType::Double => FieldValue::Double(f64::from_bits(cursor.u8()?)),
            FieldType::Byte => FieldValue::Byte(cursor.u1()? as i8),
            FieldType::Short => FieldValue::Short(cursor.u2()? as i16),
            FieldType::Int => FieldValue::Int(cursor.u4()? as i32),
            FieldType::Long => FieldValue::Long(cursor.u8()? as i64),
        })
    }

    /// The identifier of a reference that is not null.
    pub fn reference(self) -> Option<u64> {
        match self {
            FieldValue::Object(id) if id != 0 => Some(id),
            _ => None,
        }
    }

    /// The value of an integral field, sign extended.
    pub fn integer(self) -> Option<i64> {
        match self {
            FieldValue::Boolean(v) => Some(i64::from(v)),
            FieldValue::Char(v) => Some(i64::from(v)),
            FieldValue::Byte(v) => Some(i64::from(v)),
            FieldValue::Short(v) => Some(i64::from(v)),
            FieldValue::Int(v) => Some(i64::from(v)),
            FieldValue::Long(v) => Some(v),
            _ => None,
        }
    }
}

/// A static field with its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaticField {
    /// Identifier of the name.
    pub name_id: u64,
    /// Declared type.
    pub kind: FieldType,
    /// The value.
    pub value: FieldValue,
}

/// An instance field that the class itself declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceField {
    /// Identifier of the name.
    pub name_id: u64,
    /// Declared type.
    pub kind: FieldType,
}

/// A class as dumped.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassDump {
    /// Identifier of the class object.
    pub class_id: u64,
    /// Identifier of the super class, 0 for none.
    pub super_id: u64,
    /// Identifier of the class loader, 0 for the boot loader.
    pub loader_id: u64,
    /// Signers, 0 for none.
    pub signers_id: u64,
    /// Protection domain, 0 for none.
    pub protection_domain_id: u64,
    /// What the writer says an instance takes; HotSpot: the sum of the dumped field widths, not a size in memory.
    pub instance_size: u32,
    /// References of the constant pool (old hprof agent only).
    pub constants: Vec<u64>,
    /// Static fields, HotSpot's `<resolved_references>` and `<init_lock>` among them.
    pub statics: Vec<StaticField>,
    /// Instance fields that the class itself declares, in file order.
    pub fields: Vec<InstanceField>,
}

impl ClassDump {
    /// Reads the body after the tag. `None` when the bytes end or a field has an impossible type.
    pub fn read(cursor: &mut Cursor<'_>, id: IdSize) -> Option<ClassDump> {
        let class_id = cursor.id(id)?;
        cursor.u4()?;
        let super_id = cursor.id(id)?;
        let loader_id = cursor.id(id)?;
        let signers_id = cursor.id(id)?;
        let protection_domain_id = cursor.id(id)?;
        cursor.take(2 * id.bytes())?;
        let instance_size = cursor.u4()?;
        let mut constants = Vec::new();
        for _ in 0..cursor.u2()? {
            cursor.u2()?;
            let kind = FieldType::from_code(cursor.u1()?)?;
            constants.extend(FieldValue::read(cursor, kind, id)?.reference());
        }
        let mut statics = Vec::new();
        for _ in 0..cursor.u2()? {
            let name_id = cursor.id(id)?;
            let kind = FieldType::from_code(cursor.u1()?)?;
            statics.push(StaticField {
                name_id,
                kind,
                value: FieldValue::read(cursor, kind, id)?,
            });
        }
        let mut fields = Vec::new();
        for _ in 0..cursor.u2()? {
            let name_id = cursor.id(id)?;
            fields.push(InstanceField {
                name_id,
                kind: FieldType::from_code(cursor.u1()?)?,
            });
        }
        Some(ClassDump {
            class_id,
            super_id,
            loader_id,
            signers_id,
            protection_domain_id,
            instance_size,
            constants,
            statics,
            fields,
        })
    }

    /// Steps over a body without keeping it; gives the class object's identifier.
    pub fn skip(cursor: &mut Cursor<'_>, id: IdSize) -> Option<u64> {
        let class_id = cursor.id(id)?;
        cursor.take(4 + 6 * id.bytes() + 4)?;
        for _ in 0..cursor.u2()? {
            cursor.u2()?;
            let kind = FieldType::from_code(cursor.u1()?)?;
            cursor.take(kind.width(id.bytes()))?;
        }
        for _ in 0..cursor.u2()? {
            cursor.id(id)?;
            let kind = FieldType::from_code(cursor.u1()?)?;
            cursor.take(kind.width(id.bytes()))?;
        }
        for _ in 0..cursor.u2()? {
            cursor.id(id)?;
            FieldType::from_code(cursor.u1()?)?;
        }
        Some(class_id)
    }
}
