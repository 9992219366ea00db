//! The contents of objects, read from the dump when they are asked for.

use super::address_index::ObjectIndex;
use super::class::ClassIndex;
use super::link::Link;
use super::snapshot::Snapshot;
use crate::graph::Strength;
use crate::hprof::cursor::Cursor;
use crate::hprof::{FieldType, FieldValue, SubRecord, SubRecords};

/// An object as the dump has it.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// A class object.
    Class(ClassIndex),
    /// An instance with its field data.
    Instance {
        /// Its class.
        class: ClassIndex,
        /// Field values: those of its class first, then of the super class, and so on.
        data: &'a [u8],
    },
    /// An array of references.
    ObjectArray {
        /// Its class.
        class: ClassIndex,
        /// Identifiers, one after the other.
        elements: &'a [u8],
    },
    /// An array of primitive values.
    PrimitiveArray {
        /// Type of the elements.
        element: FieldType,
        /// Number of elements.
        length: u32,
        /// The elements, big-endian; empty where the writer left them out.
        data: &'a [u8],
    },
}

/// A field of an instance with its value.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The class that declares it.
    pub declared_by: ClassIndex,
    /// Identifier of its name.
    pub name_id: u64,
    /// Its value.
    pub value: FieldValue,
}

impl<'a> Snapshot<'a> {
    /// Reads `object`. `None` for an object that is not in the dump itself (MAT's made-up boot loader).
    pub fn object(&self, object: ObjectIndex) -> Option<Object<'a>> {
        if let Some(class) = self.as_class(object) {
            return Some(Object::Class(class));
        }
        let address = self.address(object);
        let block = self.blocks.find(object, address)?;
        let mut records = SubRecords::new(
            self.bytes,
            block.start as usize,
            block.end as usize,
            self.header.id_size,
        );
        loop {
            let found = match records.next().ok()?? {
                SubRecord::Instance { id, data, .. } if id == address => Object::Instance {
                    class: self.class_of(object),
                    data,
                },
                SubRecord::ObjectArray { id, elements, .. } if id == address => {
                    Object::ObjectArray {
                        class: self.class_of(object),
                        elements,
                    }
                }
                SubRecord::PrimitiveArray {
                    id,
                    element,
                    length,
                    data,
                } if id == address => Object::PrimitiveArray {
                    element,
                    length,
                    data,
                },
                _ => continue,
            };
            return Some(found);
        }
    }

    /// The fields of an instance of `class` with field data `data`, those of its class first. Stops where the data ends.
    pub fn fields<'s>(
        &'s self,
        class: ClassIndex,
        data: &'s [u8],
    ) -> impl Iterator<Item = Field> + 's {
        let mut cursor = Cursor::new(data, 0, data.len());
        let chain =
            std::iter::successors(Some(class), |&class| self.classes.get(class).fields_above);
        chain
            .flat_map(move |class| {
                self.classes
                    .get(class)
                    .dump
                    .fields
                    .iter()
                    .map(move |field| (class, field))
            })
            .map_while(move |(declared_by, field)| {
                let value = FieldValue::read(&mut cursor, field.kind, self.header.id_size)?;
                Some(Field {
                    declared_by,
                    name_id: field.name_id,
                    value,
                })
            })
    }

    /// The value of field `name` of `object`: the one declared lowest in the class hierarchy.
    pub fn field(&self, object: ObjectIndex, name: &str) -> Option<FieldValue> {
        let Object::Instance { class, data } = self.object(object)? else {
            return None;
        };
        self.fields(class, data)
            .find(|field| self.is_name(field.name_id, name))
            .map(|field| field.value)
    }

    /// The object that field `name` of `object` refers to.
    pub fn field_object(&self, object: ObjectIndex, name: &str) -> Option<ObjectIndex> {
        self.find(self.field(object, name)?.reference()?)
    }

    /// The objects that fields `names` of `object` refer to, read at once; `None` for null, for what is not in the dump and where
    /// there is no such field.
    pub fn field_objects<const N: usize>(
        &self,
        object: ObjectIndex,
        names: [&str; N],
    ) -> [Option<ObjectIndex>; N] {
        let mut values: [Option<FieldValue>; N] = [None; N];
        if let Some(Object::Instance { class, data }) = self.object(object) {
            for field in self.fields(class, data) {
                for (value, name) in values.iter_mut().zip(names) {
                    // The one declared lowest in the class hierarchy comes first.
                    if value.is_none() && self.is_name(field.name_id, name) {
                        *value = Some(field.value);
                    }
                }
            }
        }
        values.map(|value| self.find(value?.reference()?))
    }

    /// The value of integral field `name` of `object`.
    pub fn field_integer(&self, object: ObjectIndex, name: &str) -> Option<i64> {
        self.field(object, name)?.integer()
    }

    /// The value of static field `name` of `class`.
    pub fn static_field(&self, class: ClassIndex, name: &str) -> Option<FieldValue> {
        self.classes
            .get(class)
            .dump
            .statics
            .iter()
            .find(|field| self.is_name(field.name_id, name))
            .map(|field| field.value)
    }

    /// The object that static field `name` of the class named `class` refers to; the first class of that name that has it.
    pub fn static_object(&self, class: &str, name: &str) -> Option<ObjectIndex> {
        self.classes
            .named(class)
            .find_map(|class| self.find(self.static_field(class, name)?.reference()?))
    }

    /// The elements of an array of references, `None` for null and for what is not in the dump.
    pub fn elements(&self, object: ObjectIndex) -> Vec<Option<ObjectIndex>> {
        self.each_element(object).collect()
    }

    /// The same one by one: for whoever only wants the first ones of an array that may have millions.
    pub fn each_element(
        &self,
        object: ObjectIndex,
    ) -> impl Iterator<Item = Option<ObjectIndex>> + '_ {
        let elements = match self.object(object) {
            Some(Object::ObjectArray { elements, .. }) => elements,
            _ => &[],
        };
        self.element_ids(elements)
            .map(|id| self.find(id).filter(|_| id != 0))
    }

    /// Number of elements of an array.
    pub fn array_length(&self, object: ObjectIndex) -> Option<u64> {
        match self.object(object)? {
            Object::ObjectArray { elements, .. } => {
                Some((elements.len() / self.header.id_size.bytes()) as u64)
            }
            Object::PrimitiveArray { length, .. } => Some(u64::from(length)),
            _ => None,
        }
    }

    /// Identifiers in the elements of an array of references.
    pub fn element_ids<'s>(&'s self, elements: &'s [u8]) -> impl Iterator<Item = u64> + 's {
        elements
            .chunks_exact(self.header.id_size.bytes())
            .map(|bytes| self.header.id_size.read(bytes))
    }

    /// The text of a `java.lang.String`, up to `most` UTF-16 units. For names that the JVM itself gives things; texts of
    /// the application are not for reports unless asked for.
    pub fn string(&self, object: ObjectIndex, most: usize) -> Option<String> {
        let value = self.field_object(object, "value")?;
        let slice = |length: usize| match (
            self.field_integer(object, "offset"),
            self.field_integer(object, "count"),
        ) {
            (Some(offset), Some(count)) => {
                let start = (offset.max(0) as usize).min(length);
                (
                    start,
                    start.saturating_add(count.max(0) as usize).min(length),
                )
            }
            _ => (0, length),
        };
        let units: Vec<u16> = match self.object(value)? {
            Object::PrimitiveArray {
                element: FieldType::Char,
                data,
                ..
            } => {
                let (start, end) = slice(data.len() / 2);
                data[2 * start..2 * end]
                    .chunks_exact(2)
                    .take(most)
                    .map(|b| u16::from_be_bytes([b[0], b[1]]))
                    .collect()
            }
            Object::PrimitiveArray {
                element: FieldType::Byte,
                data,
                ..
            } => match self.field_integer(object, "coder") {
                // HotSpot keeps UTF-16 in the byte order of the machine: little-endian wherever dumps are made today.
                Some(1) => data
                    .chunks_exact(2)
                    .take(most)
                    .map(|b| u16::from_le_bytes([b[0], b[1]]))
                    .collect(),
                _ => data.iter().take(most).map(|&b| u16::from(b)).collect(),
            },
            _ => return None,
        };
        Some(
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        )
    }

    /// Everything that `object` refers to, in the order of the dump: (how, identifier). Referents of weak references are
    /// among them; the class of the object is not.
    pub fn outgoing(&self, object: ObjectIndex) -> Vec<(Link, u64)> {
        match self.object(object) {
            Some(Object::Instance { class, data }) => self
                .fields(class, data)
                .filter_map(|field| {
                    Some((
                        Link::Field {
                            declared_by: field.declared_by,
                            name_id: field.name_id,
                        },
                        field.value.reference()?,
                    ))
                })
                .collect(),
            Some(Object::ObjectArray { elements, .. }) => self
                .element_ids(elements)
                .enumerate()
                .filter(|&(_, id)| id != 0)
                .map(|(i, id)| (Link::Element(i as u32), id))
                .collect(),
            Some(Object::Class(class)) => {
                let dump = &self.classes.get(class).dump;
                let statics = dump.statics.iter().filter_map(|field| {
                    Some((
                        Link::Static {
                            class,
                            name_id: field.name_id,
                        },
                        field.value.reference()?,
                    ))
                });
                let own = [(Link::Super, dump.super_id), (Link::Loader, dump.loader_id)];
                let rest = [
                    (Link::Signers, dump.signers_id),
                    (Link::ProtectionDomain, dump.protection_domain_id),
                ];
                let constants = dump.constants.iter().map(|&id| (Link::Constant, id));
                statics
                    .chain(own)
                    .chain(rest)
                    .chain(constants)
                    .filter(|&(_, id)| id != 0)
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// How strongly the reference object `from` holds `to`, its referent, where no other field of it refers to that. The path to an object
    /// that is only weakly reachable leads through it.
    pub fn referent_strength(&self, from: ObjectIndex, to: ObjectIndex) -> Option<Strength> {
        let (_, strength) = self.class(from).referent?;
        let address = self.address(to);
        let Some(Object::Instance { class, data }) = self.object(from) else {
            return None;
        };
        let is_referent = |field: &Field| {
            let class = &self.classes.get(field.declared_by).name;
            class == "java.lang.ref.Reference" && self.is_name(field.name_id, "referent")
        };
        let mut fields = self.fields(class, data);
        let all =
            fields.all(|field| field.value.reference() != Some(address) || is_referent(&field));
        let referent = self.field(from, "referent")?.reference();
        (all && referent == Some(address)).then_some(strength)
    }
}
