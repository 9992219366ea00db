//! Class dumps as numbers of 64 bits. What else is known of classes follows from them as it did when the dump was read.

use crate::heap::class::{Class, ClassKind, Classes};
use crate::heap::compat::Compat;
use crate::hprof::{
    ClassDump, Container, FieldType, FieldValue, IdSize, InstanceField, StaticField,
};

/// The dump, as far as names of classes are read from it.
pub struct Dump<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its records.
    pub container: &'a Container,
    /// Width of identifiers.
    pub id: IdSize,
}

/// Number of the classes that were dumped and of those that were not, then those classes one after the other.
pub fn keep(classes: &Classes) -> Vec<u64> {
    let dumped: Vec<&Class> = classes.iter().map(|(_, class)| class).collect();
    let (dumped, others): (Vec<&Class>, Vec<&Class>) =
        dumped.into_iter().partition(|class| class.dumped);
    // Classes of arrays of primitive values come first and are made in any case.
    let made =
        |class: &&&Class| class.id == 0 && matches!(class.kind, ClassKind::PrimitiveArray(_));
    let missing: Vec<&&Class> = others.iter().skip_while(made).collect();
    let mut words = vec![dumped.len() as u64, missing.len() as u64];
    for class in dumped {
        keep_dump(&class.dump, &mut words);
    }
    for class in missing {
        words.extend([class.id, u64::from(class.name.ends_with("[]"))]);
    }
    words
}

fn keep_dump(dump: &ClassDump, words: &mut Vec<u64>) {
    words.extend([
        dump.class_id,
        dump.super_id,
        dump.loader_id,
        dump.signers_id,
        dump.protection_domain_id,
        u64::from(dump.instance_size),
        dump.constants.len() as u64,
        dump.statics.len() as u64,
        dump.fields.len() as u64,
    ]);
    words.extend(&dump.constants);
    for field in &dump.statics {
        words.extend([
            field.name_id,
            u64::from(field.kind.code()),
            bits(field.value),
        ]);
    }
    for field in &dump.fields {
        words.extend([field.name_id, u64::from(field.kind.code())]);
    }
}

fn bits(value: FieldValue) -> u64 {
    match value {
        FieldValue::Object(id) => id,
        FieldValue::Float(value) => u64::from(value.to_bits()),
        FieldValue::Double(value) => value.to_bits(),
        other => other.integer().unwrap_or(0) as u64,
    }
}

fn value(kind: FieldType, bits: u64) -> FieldValue {
    match kind {
        FieldType::Object => FieldValue::Object(bits),
        FieldType::Boolean => FieldValue::Boolean(bits != 0),
        FieldType::Char => FieldValue::Char(bits as u16),
        FieldType::Float => FieldValue::Float(f32::from_bits(bits as u32)),
        FieldType::Double => FieldValue::Double(f64::from_bits(bits)),
        FieldType::Byte => FieldValue::Byte(bits as i8),
        FieldType::Short => FieldValue::Short(bits as i16),
        FieldType::Int => FieldValue::Int(bits as i32),
        FieldType::Long => FieldValue::Long(bits as i64),
    }
}

/// The classes of which `words` tells.
pub fn restore(words: &[u64], dump: Dump<'_>, compat: Compat) -> Option<Classes> {
    let mut words = Words(words);
    let (dumped, missing) = (words.next()?, words.next()?);
    // Numbers of classes that there is no room for are found out when the words end.
    let dumps: Option<Vec<ClassDump>> = (0..dumped).map(|_| words.dump()).collect();
    let Dump {
        bytes,
        container,
        id,
    } = dump;
    // What is wrong with them was reported when the dump was read.
    let mut damage = Vec::new();
    let mut classes = Classes::new(bytes, container, dumps?, id.bytes(), compat, &mut damage);
    for _ in 0..missing {
        let (id, is_array) = (words.next()?, words.next()? != 0);
        classes.add_missing(bytes, container, id, is_array);
    }
    words.0.is_empty().then_some(classes)
}

/// Words that are left.
struct Words<'w>(&'w [u64]);

impl Words<'_> {
    fn next(&mut self) -> Option<u64> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// The length of a list; those of a class dump have 16 bits.
    fn length(&mut self) -> Option<u16> {
        u16::try_from(self.next()?).ok()
    }

    fn dump(&mut self) -> Option<ClassDump> {
        let mut dump = ClassDump {
            class_id: self.next()?,
            super_id: self.next()?,
            loader_id: self.next()?,
            signers_id: self.next()?,
            protection_domain_id: self.next()?,
            instance_size: u32::try_from(self.next()?).ok()?,
            constants: Vec::new(),
            statics: Vec::new(),
            fields: Vec::new(),
        };
        let (constants, statics, fields) = (self.length()?, self.length()?, self.length()?);
        let constants = (0..constants).map(|_| self.next());
        dump.constants = constants.collect::<Option<_>>()?;
        let statics = (0..statics).map(|_| {
            let (name_id, kind) = self.field()?;
            Some(StaticField {
                name_id,
                kind,
                value: value(kind, self.next()?),
            })
        });
        dump.statics = statics.collect::<Option<_>>()?;
        let fields = (0..fields).map(|_| {
            let (name_id, kind) = self.field()?;
            Some(InstanceField { name_id, kind })
        });
        dump.fields = fields.collect::<Option<_>>()?;
        Some(dump)
    }

    fn field(&mut self) -> Option<(u64, FieldType)> {
        let name = self.next()?;
        let kind = FieldType::from_code(u8::try_from(self.next()?).ok()?)?;
        Some((name, kind))
    }
}
