-- How GC roots reach the heap: objects and bytes by the strongest kind of reference on the way.
SELECT strength, count(*) AS objects, sum(shallow_bytes)::BIGINT AS shallow_bytes, sum(retained_bytes) FILTER (top_level)::BIGINT AS retained_bytes
FROM 'objects.parquet'
GROUP BY strength
ORDER BY shallow_bytes DESC;
