-- Index: one pass over the history, which retention keeps small.
SELECT queue, count(*) FROM task_history WHERE state = 'discarded' GROUP BY queue LIMIT 10000
