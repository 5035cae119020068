-- Index: change (position), primary key. A record that was purged with its source has none any more.
SELECT change.position, change.token, change.record_id, record.source_id
FROM change LEFT JOIN record ON record.id = change.record_id
WHERE change.position > $1 ORDER BY change.position LIMIT $2
