-- Objects and bytes by package.
SELECT CASE WHEN kind = 'primitive array' THEN '(primitive arrays)'
            ELSE coalesce(nullif(regexp_extract(class, '^(.*)\.[^.]*$', 1), ''), '(none)') END AS package,
       count(*) AS objects, sum(shallow_bytes)::BIGINT AS shallow_bytes
FROM 'objects.parquet'
WHERE strength = 'strong'
GROUP BY package
ORDER BY shallow_bytes DESC, package;
