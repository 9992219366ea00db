//! Rows in memory, column by column, and how a column is encoded.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type, ZstdLevel};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{self, SchemaDescriptor, TypePtr};

use super::schema::{Field, Kind, Schema};

/// Level of zstd: the levels above cost several times as long and save a tenth.
const LEVEL: i32 = 1;

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'v> {
    /// Nothing.
    Null,
    /// Text; the bytes are shared, not copied.
    Text(&'v ByteArray),
    /// An integer, also a time in milliseconds.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
}

impl Value<'_> {
    /// A number of bytes or objects.
    pub fn count(number: u64) -> Value<'static> {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// An address. The few that no signed number holds are written as the negative number with the same bits.
    pub fn address(address: u64) -> Value<'static> {
        Value::Integer(address.cast_signed())
    }

    /// The same, where there is one.
    pub fn address_or_null(address: Option<u64>) -> Value<'static> {
        address.map_or(Value::Null, Value::address)
    }

    /// A number, where there is one.
    pub fn count_or_null(number: Option<u64>) -> Value<'static> {
        number.map_or(Value::Null, Value::count)
    }
}

/// Text as a value.
pub(super) fn text(text: &str) -> ByteArray {
    ByteArray::from(text.as_bytes().to_vec())
}

/// Text that may be missing.
pub(super) fn text_or_null(text: &Option<ByteArray>) -> Value<'_> {
    text.as_ref().map_or(Value::Null, Value::Text)
}

/// The values of one column that are not null.
enum Values {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Number(Vec<f64>),
    Flag(Vec<bool>),
}

/// A column of rows that are not encoded yet.
pub(super) struct Column {
    values: Values,
    /// For each row 1, or 0 for null; empty for a column that has no nulls.
    levels: Vec<i16>,
    optional: bool,
}

impl Column {
    pub fn new(field: &Field) -> Column {
        Column {
            values: match field.kind {
                Kind::Text => Values::Text(Vec::new()),
                Kind::Integer | Kind::Time => Values::Integer(Vec::new()),
                Kind::Number => Values::Number(Vec::new()),
                Kind::Flag => Values::Flag(Vec::new()),
            },
            levels: Vec::new(),
            optional: field.optional,
        }
    }

    pub fn push(&mut self, value: Value<'_>) {
        let known = match (&mut self.values, value) {
            (Values::Text(all), Value::Text(text)) => {
                all.push(text.clone());
                true
            }
            (Values::Integer(all), Value::Integer(number)) => {
                all.push(number);
                true
            }
            (Values::Number(all), Value::Number(number)) => {
                all.push(number);
                true
            }
            (Values::Flag(all), Value::Flag(flag)) => {
                all.push(flag);
                true
            }
            _ => false,
        };
        if self.optional {
            self.levels.push(i16::from(known));
        }
    }

    pub fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Text(all) => all.clear(),
            Values::Integer(all) => all.clear(),
            Values::Number(all) => all.clear(),
            Values::Flag(all) => all.clear(),
        }
    }
}

/// The rows of `column`, the number `number` of a table.
pub(super) fn encode(
    descriptor: &SchemaDescriptor,
    properties: &WriterPropertiesPtr,
    number: usize,
    column: &Column,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let mut sink = TrackedWrite::new(Vec::new());
    let result = {
        let pages = Box::new(SerializedPageWriter::new(&mut sink));
        let descriptor = descriptor.column(number);
        let mut writer = get_column_writer(descriptor, properties.clone(), pages);
        let levels = column.optional.then_some(column.levels.as_slice());
        match (&mut writer, &column.values) {
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(all)) => {
                writer.write_batch(all, levels, None)?
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Integer(all)) => {
                writer.write_batch(all, levels, None)?
            }
            (ColumnWriter::DoubleColumnWriter(writer), Values::Number(all)) => {
                writer.write_batch(all, levels, None)?
            }
            (ColumnWriter::BoolColumnWriter(writer), Values::Flag(all)) => {
                writer.write_batch(all, levels, None)?
            }
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        };
        writer.close()?
    };
    Ok((Bytes::from(sink.into_inner()?), result))
}

/// The schema as Parquet has it.
pub(super) fn root(schema: &Schema) -> Result<TypePtr, ParquetError> {
    let mut fields: Vec<TypePtr> = Vec::with_capacity(schema.fields.len());
    for field in schema.fields {
        let (physical, logical) = match field.kind {
            Kind::Text => (Type::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Integer => (Type::INT64, None),
            Kind::Number => (Type::DOUBLE, None),
            Kind::Flag => (Type::BOOLEAN, None),
            Kind::Time => (
                Type::INT64,
                Some(LogicalType::timestamp(false, TimeUnit::MILLIS)),
            ),
        };
        let repetition = match field.optional {
            true => Repetition::OPTIONAL,
            false => Repetition::REQUIRED,
        };
        let column = types::Type::primitive_type_builder(field.name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()?;
        fields.push(Arc::new(column));
    }
    let group = types::Type::group_type_builder(schema.table).with_fields(fields);
    Ok(Arc::new(group.build()?))
}

/// zstd; names in dictionaries; numbers as differences, since addresses ascend.
pub(super) fn properties(schema: &Schema) -> WriterPropertiesPtr {
    let level = ZstdLevel::try_new(LEVEL).unwrap_or_default();
    let about = vec![
        KeyValue::new("table".to_owned(), schema.table.to_owned()),
        KeyValue::new("about".to_owned(), schema.about.to_owned()),
    ];
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(about))
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for field in schema.fields {
        if matches!(field.kind, Kind::Integer | Kind::Time) {
            let column = types::ColumnPath::from(field.name);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
        }
    }
    Arc::new(properties.build())
}
