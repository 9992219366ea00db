-- Local variables of threads by what they retain, with the frame that has them.
SELECT t.name AS thread, f.class || '.' || f.method AS frame, f.line, printf('0x%x', o.address) AS object, o.class, o.retained_bytes
FROM 'references.parquet' r
JOIN 'threads.parquet' t ON t.address = r.from_address
JOIN 'objects.parquet' o ON o.address = r.to_address
LEFT JOIN 'frames.parquet' f ON f.thread_id = t.thread_id AND f.frame = r.index
WHERE r.via = 'local' AND o.kind <> 'class'
ORDER BY o.retained_bytes DESC, object, frame;
