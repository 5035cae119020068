-- Index: failure (source_id, stage, place). At most as many rows as places were given.
SELECT place FROM failure WHERE source_id = $1 AND stage = $2 AND place IN (SELECT value FROM json_each($3))
