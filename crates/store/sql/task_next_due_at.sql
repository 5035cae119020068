-- Index: task_due.
SELECT min(run_at) FROM task WHERE state IN ('scheduled', 'retryable')
