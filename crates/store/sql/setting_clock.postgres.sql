-- SQLite has another name for it.
SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)
