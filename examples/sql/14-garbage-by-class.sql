-- What no GC root reaches, by class: garbage that was not collected before the dump.
SELECT class, count(*) AS objects, sum(shallow_bytes)::BIGINT AS shallow_bytes
FROM 'objects.parquet'
WHERE strength = 'none'
GROUP BY class
ORDER BY shallow_bytes DESC, class;
