INSERT INTO worker (name, queues, running, started_at, seen_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO UPDATE SET queues = excluded.queues, running = excluded.running,
    started_at = excluded.started_at, seen_at = excluded.seen_at
