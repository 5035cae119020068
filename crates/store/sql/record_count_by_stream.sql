-- Index: record_live, once per stream of the source.
SELECT stream.id, (SELECT count(*) FROM record WHERE record.stream_id = stream.id AND record.state = 0)
FROM stream WHERE stream.source_id = $1 ORDER BY stream.id LIMIT 10000
