-- Causes of a fleet that were not seen before a day.
-- SET VARIABLE day = '2026-11-02';
SELECT service, signature, min(captured_at) AS first_seen, arg_min(version, captured_at) AS since_version, count(*) AS dumps
FROM 'suspects.parquet'
GROUP BY service, signature
HAVING min(captured_at) >= getvariable('day')::TIMESTAMP
ORDER BY dumps DESC, service, signature;
