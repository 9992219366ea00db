-- GC roots by kind: how many, how many objects, and the largest of these.
SELECT r.kind, count(*) AS roots, count(DISTINCT r.address) AS objects, max(o.retained_bytes) AS largest_retained,
       arg_max(o.class, o.retained_bytes) AS largest_class
FROM 'roots.parquet' r
JOIN 'objects.parquet' o USING (address)
GROUP BY r.kind
ORDER BY roots DESC, r.kind;
