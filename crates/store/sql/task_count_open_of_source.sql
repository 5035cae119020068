-- Index: task_by_source.
SELECT count(*) FROM task WHERE source_id = $1
