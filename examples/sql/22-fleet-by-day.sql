-- Dumps by service and day, of tables that were written with --partition: only the folders of the service are read.
-- SET VARIABLE service = 'shop';
SELECT service, date, count(*) AS dumps, count(*) FILTER (verdict = 'suspected') AS suspected, max(live_bytes) AS largest_live
FROM read_parquet('reports/*/*/*.parquet', hive_partitioning = true)
WHERE service = getvariable('service')
GROUP BY ALL
ORDER BY date;
