//! The tags of the HPROF format, in one place. Names are those of the JDK's `heapDumper.cpp` and, for Android, of ART's
//! `hprof.cc`.

/// Tags of top-level records.
pub mod record {
    /// A string in modified UTF-8 with its identifier.
    pub const UTF8: u8 = 0x01;
    /// A class was loaded: serial, class object identifier, name.
    pub const LOAD_CLASS: u8 = 0x02;
    /// A class was unloaded.
    pub const UNLOAD_CLASS: u8 = 0x03;
    /// A stack frame.
    pub const FRAME: u8 = 0x04;
    /// A stack trace: a thread and its frames.
    pub const TRACE: u8 = 0x05;
    /// Allocation sites (old hprof agent).
    pub const ALLOC_SITES: u8 = 0x06;
    /// Totals of the heap (old hprof agent).
    pub const HEAP_SUMMARY: u8 = 0x07;
    /// A thread started (old hprof agent).
    pub const START_THREAD: u8 = 0x0A;
    /// A thread ended (old hprof agent).
    pub const END_THREAD: u8 = 0x0B;
    /// A whole heap dump in one record.
    pub const HEAP_DUMP: u8 = 0x0C;
    /// CPU samples (old hprof agent).
    pub const CPU_SAMPLES: u8 = 0x0D;
    /// Settings of the old hprof agent.
    pub const CONTROL_SETTINGS: u8 = 0x0E;
    /// A piece of a heap dump.
    pub const HEAP_DUMP_SEGMENT: u8 = 0x1C;
    /// The end of a heap dump made of segments.
    pub const HEAP_DUMP_END: u8 = 0x2C;
    /// Marks a dump whose values were redacted (written by hprof-analyzer and heap-dump tools).
    pub const REDACTED: u8 = 0xDE;

    /// Whether `tag` is one that a writer is known to use.
    pub fn is_known(tag: u8) -> bool {
        matches!(
            tag,
            UTF8 | LOAD_CLASS
                | UNLOAD_CLASS
                | FRAME
                | TRACE
                | ALLOC_SITES
                | HEAP_SUMMARY
                | START_THREAD
                | END_THREAD
                | HEAP_DUMP
                | CPU_SAMPLES
                | CONTROL_SETTINGS
                | HEAP_DUMP_SEGMENT
                | HEAP_DUMP_END
                | REDACTED
        )
    }
}

/// Tags of sub-records inside HEAP_DUMP and HEAP_DUMP_SEGMENT.
pub mod sub {
    /// A class with its statics and fields.
    pub const CLASS_DUMP: u8 = 0x20;
    /// An instance with its field data.
    pub const INSTANCE_DUMP: u8 = 0x21;
    /// An array of references.
    pub const OBJECT_ARRAY_DUMP: u8 = 0x22;
    /// An array of primitive values.
    pub const PRIMITIVE_ARRAY_DUMP: u8 = 0x23;
    /// An array of primitive values whose elements were left out (Android).
    pub const PRIMITIVE_ARRAY_NODATA_DUMP: u8 = 0xC3;
    /// From here on objects belong to another heap: app, zygote or image (Android).
    pub const HEAP_DUMP_INFO: u8 = 0xFE;
}

/// Types of fields and array elements, as the format numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FieldType {
    /// A reference.
    Object = 2,
    /// `boolean`, 1 byte.
    Boolean = 4,
    /// `char`, 2 bytes.
    Char = 5,
    /// `float`, 4 bytes.
    Float = 6,
    /// `double`, 8 bytes.
    Double = 7,
    /// `byte`, 1 byte.
    Byte = 8,
    /// `short`, 2 bytes.
    Short = 9,
    /// `int`, 4 bytes.
    Int = 10,
    /// `long`, 8 bytes.
    Long = 11,
}

impl FieldType {
    /// The primitive types in the order of their numbers.
    pub const PRIMITIVES: [FieldType; 8] = [
        FieldType::Boolean,
        FieldType::Char,
        FieldType::Float,
        FieldType::Double,
        FieldType::Byte,
        FieldType::Short,
        FieldType::Int,
        FieldType::Long,
    ];

    /// The type with number `code`, if there is one.
    #[inline]
    pub fn from_code(code: u8) -> Option<FieldType> {
        Some(match code {
            2 => FieldType::Object,
            4 => FieldType::Boolean,
            5 => FieldType::Char,
            6 => FieldType::Float,
            7 => FieldType::Double,
            8 => FieldType::Byte,
            9 => FieldType::Short,
            10 => FieldType::Int,
            11 => FieldType::Long,
            _ => return None,
        })
    }

    /// The number of the type.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Width of a value in the file, in bytes; a reference is as wide as an identifier.
    #[inline]
    pub fn width(self, id_bytes: usize) -> usize {
        match self {
            FieldType::Object => id_bytes,
            FieldType::Boolean | FieldType::Byte => 1,
            FieldType::Char | FieldType::Short => 2,
            FieldType::Float | FieldType::Int => 4,
            FieldType::Double | FieldType::Long => 8,
        }
    }

    /// The name of an array of this type in Java, such as `int[]`.
    pub fn array_name(self) -> &'static str {
        match self {
            FieldType::Object => "java.lang.Object[]",
            FieldType::Boolean => "boolean[]",
            FieldType::Char => "char[]",
            FieldType::Float => "float[]",
            FieldType::Double => "double[]",
            FieldType::Byte => "byte[]",
            FieldType::Short => "short[]",
            FieldType::Int => "int[]",
            FieldType::Long => "long[]",
        }
    }
}
