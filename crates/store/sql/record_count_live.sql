-- Index: record_live.
SELECT count(*), coalesce(sum(CASE
    WHEN number < $2 AND (seen_number IS NULL OR seen_number < $2) AND ($3 = 1 OR missed_number < $2) THEN 1
    ELSE 0 END), 0)
FROM record WHERE stream_id = $1 AND state = 0
