-- Equal texts that are there several times, and the bytes of all their arrays but one. Needs an export with --show-values.
-- Strings that share one array are no duplicates.
WITH arrays AS (
  SELECT s.value, o.address, o.shallow_bytes, row_number() OVER (PARTITION BY s.value, o.class ORDER BY o.address) AS copy
  FROM 'strings.parquet' s
  JOIN 'objects.parquet' o ON o.address = s.value_address AND o.dominator = s.address AND o.strength <> 'none'
  WHERE s.length > 0
)
SELECT left(value, 80) AS text, count(*) AS copies_too_many, sum(shallow_bytes)::BIGINT AS wasted_bytes
FROM arrays
WHERE copy > 1
GROUP BY value
ORDER BY wasted_bytes DESC, text;
