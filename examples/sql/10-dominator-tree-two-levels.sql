-- The largest objects that nothing dominates, and below each the largest that it keeps.
WITH top AS (
  SELECT address, class, kind, retained_bytes, row_number() OVER (ORDER BY retained_bytes DESC, address) AS place
  FROM 'objects.parquet'
  WHERE top_level
  QUALIFY place <= 10
),
below AS (
  SELECT o.dominator, o.address, o.class, o.kind, o.retained_bytes
  FROM 'objects.parquet' o JOIN top ON o.dominator = top.address
  QUALIFY row_number() OVER (PARTITION BY o.dominator ORDER BY o.retained_bytes DESC, o.address) <= 5
)
SELECT 0 AS depth, top.place, printf('0x%x', top.address) AS object, top.class, top.kind, top.retained_bytes FROM top
UNION ALL
SELECT 1, top.place, printf('0x%x', below.address), below.class, below.kind, below.retained_bytes
FROM below JOIN top ON top.address = below.dominator
ORDER BY place, depth, retained_bytes DESC, object;
