-- What two dumps differ in, class by class: objects and bytes that came and went. Name the folders of both exports.
-- SET VARIABLE before = 'monday'; SET VARIABLE after = 'friday';
WITH changes AS (
  SELECT class, loader, -objects AS objects, -shallow_bytes AS bytes
  FROM read_parquet(getvariable('before') || '/classes.parquet')
  UNION ALL
  SELECT class, loader, objects, shallow_bytes
  FROM read_parquet(getvariable('after') || '/classes.parquet')
)
SELECT class, loader, sum(objects)::BIGINT AS more_objects, sum(bytes)::BIGINT AS more_bytes
FROM changes
GROUP BY class, loader
HAVING more_objects <> 0 OR more_bytes <> 0
ORDER BY more_bytes DESC, class, loader;
