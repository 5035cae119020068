INSERT INTO task (kind, args, queue, priority, state, unique_key, serial_key, run_at, attempts_max, created_at)
SELECT 'upload_changes', '{"destination":"' || name || '"}', 'upload', 1, 'available',
    'upload/' || name, 'upload/' || name, $1, 1000000, $1
FROM destination WHERE true ORDER BY name
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'available', 'retryable', 'pending')
DO UPDATE SET run_at = CASE WHEN task.run_at < excluded.run_at OR task.state = 'retryable' THEN task.run_at ELSE excluded.run_at END
