-- All classes with their objects, as `jcmd PID GC.class_histogram` counts them, and what they retain.
SELECT class, loader, objects, shallow_bytes, retained_bytes
FROM 'classes.parquet'
WHERE objects > 0
ORDER BY shallow_bytes DESC, class, loader;
