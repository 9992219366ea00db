-- Objects of a class with a field of a primitive type, such as maps by their size. Needs an export with --show-values.
-- SET VARIABLE class = 'java.util.HashMap'; SET VARIABLE field = 'size';
SELECT printf('0x%x', f.address) AS object, o.class, coalesce(f.integer_value, f.number_value) AS value, o.retained_bytes
FROM 'fields.parquet' f
JOIN 'objects.parquet' o USING (address)
WHERE f.class = getvariable('class') AND f.field = getvariable('field') AND NOT f.static
ORDER BY value DESC, f.address
LIMIT 50;
