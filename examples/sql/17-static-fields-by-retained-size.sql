-- Static fields by what the object that they refer to retains: where caches and registries hang.
SELECT r.declared_by || '.' || r.field AS static_field, printf('0x%x', o.address) AS object, o.class, o.retained_bytes
FROM 'references.parquet' r
JOIN 'objects.parquet' o ON o.address = r.to_address
WHERE r.via = 'static' AND o.kind <> 'class'
ORDER BY o.retained_bytes DESC, static_field
LIMIT 50;
