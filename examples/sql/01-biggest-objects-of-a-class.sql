-- The largest objects of a class by retained size.
-- SET VARIABLE class = 'java.util.HashMap';
SELECT printf('0x%x', address) AS object, shallow_bytes, retained_bytes, retained_objects, strength
FROM 'objects.parquet'
WHERE class = getvariable('class') AND kind <> 'class'
ORDER BY retained_bytes DESC, address
LIMIT 20;
