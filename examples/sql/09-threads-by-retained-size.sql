-- Threads by what they retain, with the topmost frame of the application: the first that is not of the JDK.
SELECT t.name, t.kind, t.threads, t.state, t.retained_bytes, t.local_class, t.local_retained_bytes,
       (SELECT arg_min(f.class || '.' || f.method, f.frame) FROM 'frames.parquet' f
        WHERE f.thread_id = t.thread_id AND f.class NOT SIMILAR TO '(java|javax|jdk|sun)\..*') AS at
FROM 'threads.parquet' t
ORDER BY t.retained_bytes DESC, t.thread_id;
