-- Who refers to an object, and how: fields, elements, static fields, local variables. Weak references are told as such.
-- SET VARIABLE address = 0x7851e9c00;
SELECT printf('0x%x', r.from_address) AS object, o.class, o.kind, r.via, r.field, r.index, r.strength, o.retained_bytes
FROM 'references.parquet' r
LEFT JOIN 'objects.parquet' o ON o.address = r.from_address
WHERE r.to_address = getvariable('address')
ORDER BY o.retained_bytes DESC, r.from_address, r.field, r.index;
