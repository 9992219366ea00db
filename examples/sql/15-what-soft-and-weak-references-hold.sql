-- Reference objects by class, with what they refer to, and how much of that only such references reach.
SELECT r.strength, holder.class AS reference, count(*) AS referents,
       count(*) FILTER (target.strength <> 'strong') AS only_so_reached,
       sum(target.retained_bytes) FILTER (target.strength <> 'strong')::BIGINT AS bytes
FROM 'references.parquet' r
JOIN 'objects.parquet' holder ON holder.address = r.from_address
JOIN 'objects.parquet' target ON target.address = r.to_address
WHERE NOT r.holds
GROUP BY ALL
ORDER BY referents DESC, reference;
