-- Classes, instances and bytes by the class loader that defines the class. Arrays are left out; class objects count to the loader of
-- java.lang.Class.
SELECT loader, loader_address, count(*) FILTER (address IS NOT NULL) AS classes, sum(objects)::BIGINT AS objects, sum(shallow_bytes)::BIGINT AS shallow_bytes
FROM 'classes.parquet'
WHERE kind = 'instance'
GROUP BY loader, loader_address
ORDER BY shallow_bytes DESC, loader, loader_address;
