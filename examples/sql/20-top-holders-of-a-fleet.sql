-- Which holder recurs in which service, since which build. In the folder of `hprof-suspects fleet ... --format parquet`.
SELECT signature, count(DISTINCT report_id) AS dumps, count(DISTINCT pod) AS pods, count(DISTINCT service) AS services,
       arg_min(version, captured_at) AS since_version, min(captured_at) AS first_seen, max(captured_at) AS last_seen,
       quantile_disc(retained_bytes, 0.5) AS median_bytes, max(retained_bytes) AS largest_bytes
FROM 'suspects.parquet'
GROUP BY signature
ORDER BY dumps DESC, sum(retained_bytes) DESC, signature;
