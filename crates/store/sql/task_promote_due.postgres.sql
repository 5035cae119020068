-- Rows that somebody else holds are left out; as an array, because a join would read the whole table.
-- Index: task_due.
UPDATE task SET state = 'available' WHERE id = ANY (ARRAY(
    SELECT id FROM task WHERE state IN ('scheduled', 'retryable') AND run_at <= $1 ORDER BY run_at LIMIT $2
    FOR UPDATE SKIP LOCKED
))
