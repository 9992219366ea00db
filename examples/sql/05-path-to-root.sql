-- A shortest path from a GC root to an object along references that hold: what keeps it alive. From the object upwards, breadth
-- first; every object is visited once.
-- SET VARIABLE address = 0x7851e9c00;
WITH RECURSIVE
up(address, depth, below) USING KEY (address) AS (
  SELECT getvariable('address')::BIGINT, 0, NULL::BIGINT
  UNION
  SELECT DISTINCT ON (r.from_address) r.from_address, up.depth + 1, up.address
  FROM up
  JOIN 'references.parquet' r ON r.to_address = up.address AND r.holds
  WHERE up.depth < 200
    AND NOT EXISTS (SELECT 1 FROM recurring.up known WHERE known.address = r.from_address)
),
root AS (
  SELECT up.address, up.depth, min(roots.kind) AS kind
  FROM up JOIN 'roots.parquet' roots ON roots.address = up.address AND roots.thread_address IS NULL
  GROUP BY ALL
  ORDER BY up.depth, up.address
  LIMIT 1
),
path(address, step, below, root) AS (
  SELECT up.address, 0, up.below, root.kind FROM root JOIN up USING (address)
  UNION ALL
  SELECT up.address, path.step + 1, up.below, NULL
  FROM path JOIN up ON up.address = path.below
)
SELECT path.step, printf('0x%x', path.address) AS object, o.class, o.kind,
       (SELECT coalesce(min(r.field), min('[' || r.index || ']'), min(r.via)) FROM 'references.parquet' r
        WHERE r.from_address = path.address AND r.to_address = path.below AND r.holds) AS refers_by,
       path.root, o.retained_bytes
FROM path
LEFT JOIN 'objects.parquet' o ON o.address = path.address
ORDER BY path.step;
