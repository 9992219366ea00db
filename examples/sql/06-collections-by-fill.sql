-- Arrays of references by how full they are: tables of maps, lists that were made too large. `used` counts elements that are not null.
WITH used AS (
  SELECT from_address AS address, count(*) AS used
  FROM 'references.parquet'
  WHERE via = 'element'
  GROUP BY from_address
)
SELECT printf('0x%x', a.address) AS array, a.class, owner.class AS held_by, a.length, coalesce(used.used, 0) AS used,
       round(coalesce(used.used, 0) / a.length, 3) AS fill, a.shallow_bytes
FROM 'objects.parquet' a
LEFT JOIN used USING (address)
LEFT JOIN 'objects.parquet' owner ON owner.address = a.dominator
WHERE a.kind = 'object array' AND a.length >= 16
ORDER BY a.shallow_bytes * (1 - coalesce(used.used, 0) / a.length) DESC, a.address
LIMIT 50;
