//! Basic types of the format and the values of fields and elements.

use super::Obj;
use super::raw::Bytes;

/// A basic type, with the code HPROF gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Object = 2,
    Boolean = 4,
    Char = 5,
    Float = 6,
    Double = 7,
    Byte = 8,
    Short = 9,
    Int = 10,
    Long = 11,
}

impl Kind {
    /// Bytes one value takes in the dump, where references are as wide as identifiers.
    pub fn width_in_dump(self, id_size: usize) -> usize {
        self.width(id_size as u64) as usize
    }

    /// Bytes one value takes where references take `reference` bytes.
    pub fn width(self, reference: u64) -> u64 {
        match self {
            Kind::Object => reference,
            Kind::Boolean | Kind::Byte => 1,
            Kind::Char | Kind::Short => 2,
            Kind::Float | Kind::Int => 4,
            Kind::Double | Kind::Long => 8,
        }
    }

    /// From the letter of a JVM type descriptor (`L` and `[` for references).
    pub fn of_descriptor(letter: char) -> Self {
        match letter {
            'L' | '[' => Kind::Object,
            'Z' => Kind::Boolean,
            'C' => Kind::Char,
            'F' => Kind::Float,
            'D' => Kind::Double,
            'B' => Kind::Byte,
            'S' => Kind::Short,
            'I' => Kind::Int,
            'J' => Kind::Long,
            other => panic!("no type descriptor: {other}"),
        }
    }

    /// Internal name and Java name of the array class of a primitive type.
    pub fn array_names(self) -> (&'static str, &'static str) {
        match self {
            Kind::Object => panic!("not a primitive type"),
            Kind::Boolean => ("[Z", "boolean[]"),
            Kind::Char => ("[C", "char[]"),
            Kind::Float => ("[F", "float[]"),
            Kind::Double => ("[D", "double[]"),
            Kind::Byte => ("[B", "byte[]"),
            Kind::Short => ("[S", "short[]"),
            Kind::Int => ("[I", "int[]"),
            Kind::Long => ("[J", "long[]"),
        }
    }

    /// The value a JVM gives a field that nobody set.
    pub fn zero(self) -> Value {
        match self {
            Kind::Object => Value::Null,
            Kind::Boolean => Value::Boolean(false),
            Kind::Char => Value::Char(0),
            Kind::Float => Value::Float(0.0),
            Kind::Double => Value::Double(0.0),
            Kind::Byte => Value::Byte(0),
            Kind::Short => Value::Short(0),
            Kind::Int => Value::Int(0),
            Kind::Long => Value::Long(0),
        }
    }
}

/// What a field, a static field or an element holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Null,
    Ref(Obj),
    /// A reference to an address as it stands: dangling references.
    Address(u64),
    Boolean(bool),
    Char(u16),
    Float(f32),
    Double(f64),
    Byte(i8),
    Short(i16),
    Int(i32),
    Long(i64),
}

impl Value {
    pub fn kind(self) -> Kind {
        match self {
            Value::Null | Value::Ref(_) | Value::Address(_) => Kind::Object,
            Value::Boolean(_) => Kind::Boolean,
            Value::Char(_) => Kind::Char,
            Value::Float(_) => Kind::Float,
            Value::Double(_) => Kind::Double,
            Value::Byte(_) => Kind::Byte,
            Value::Short(_) => Kind::Short,
            Value::Int(_) => Kind::Int,
            Value::Long(_) => Kind::Long,
        }
    }

    /// Writes the value; `address_of` says where objects lie.
    pub fn write(self, out: &mut Bytes, address_of: impl Fn(Obj) -> u64) {
        match self {
            Value::Null => out.id(0),
            Value::Ref(object) => out.id(address_of(object)),
            Value::Address(address) => out.id(address),
            Value::Boolean(value) => out.u1(u8::from(value)),
            Value::Char(value) => out.u2(value),
            Value::Float(value) => out.u4(value.to_bits()),
            Value::Double(value) => out.u8(value.to_bits()),
            Value::Byte(value) => out.u1(value as u8),
            Value::Short(value) => out.u2(value as u16),
            Value::Int(value) => out.u4(value as u32),
            Value::Long(value) => out.u8(value as u64),
        };
    }
}

impl From<Obj> for Value {
    fn from(object: Obj) -> Self {
        Value::Ref(object)
    }
}

impl From<Option<Obj>> for Value {
    fn from(object: Option<Obj>) -> Self {
        object.map_or(Value::Null, Value::Ref)
    }
}

macro_rules! value_from {
    ($($primitive:ty => $variant:ident),*) => {$(
        impl From<$primitive> for Value {
            fn from(value: $primitive) -> Self {
                Value::$variant(value)
            }
        }
    )*};
}
value_from!(bool => Boolean, u16 => Char, f32 => Float, f64 => Double, i8 => Byte, i16 => Short, i32 => Int, i64 => Long);
