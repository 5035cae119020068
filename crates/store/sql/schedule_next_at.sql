-- Index: schedule_due.
SELECT min(next_at) FROM schedule WHERE paused = 0
