//! Jackson: a mapper is expensive and made to be shared.

use super::pattern::{Bound, Pattern, Rule};

/// Mappers.
pub const MAPPERS: Pattern = Pattern {
    id: "jackson_mappers",
    rows: &[36],
    title: "Jackson ObjectMappers",
    component: "ObjectMapper",
    wanted: &["com.fasterxml.jackson.databind.ObjectMapper"],
    rule: Rule::Count(Bound::Usual(200)),
    unit: "mappers",
    advice: "Make one `ObjectMapper` and share it (it is thread-safe once configured); derive readers and writers from it.",
    ..Pattern::PLAIN
};

/// Types that a mapper has resolved: 200 unless configured otherwise.
pub const TYPE_CACHE: Pattern = Pattern {
    id: "jackson_type_cache",
    title: "Types resolved by Jackson",
    component: "Jackson type cache",
    wanted: &["com.fasterxml.jackson.databind.type.TypeFactory"],
    rule: Rule::Entries(
        "_typeCache._map.data|_typeCache._map|_typeCache",
        Bound::Usual(5_000),
    ),
    unit: "types",
    advice: "Types are made for each request: keep `JavaType` and `TypeReference` objects, share the mapper, upgrade.",
    ..MAPPERS
};

/// Serializers and deserializers by type.
pub const SERIALIZERS: Pattern = Pattern {
    id: "jackson_serializers",
    title: "Jackson serializers by type",
    component: "Jackson serializer cache",
    wanted: &[
        "com.fasterxml.jackson.databind.ser.SerializerCache",
        "com.fasterxml.jackson.databind.deser.DeserializerCache",
    ],
    rule: Rule::Entries(
        "_sharedMap._map.data|_sharedMap._map|_sharedMap|_cachedDeserializers._map.data|\
         _cachedDeserializers._map|_cachedDeserializers",
        Bound::Usual(5_000),
    ),
    unit: "types",
    advice: "Types or classes are generated for each use: keep them, share the mapper, upgrade.",
    ..MAPPERS
};
