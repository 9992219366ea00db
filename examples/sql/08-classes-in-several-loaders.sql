-- Class names that more than one loader defines: deployments that were not let go, or one library twice.
SELECT class, count(DISTINCT coalesce(loader_address, 0)) AS loaders, sum(objects)::BIGINT AS objects, list(DISTINCT loader) AS names
FROM 'classes.parquet'
WHERE kind = 'instance' AND address IS NOT NULL
GROUP BY class
HAVING count(DISTINCT coalesce(loader_address, 0)) > 1
ORDER BY loaders DESC, class;
