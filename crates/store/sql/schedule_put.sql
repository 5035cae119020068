INSERT INTO schedule (name, source_id, kind, args, queue, rule, missed, overlap, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, args = excluded.args, queue = excluded.queue,
    rule = excluded.rule, missed = excluded.missed, overlap = excluded.overlap, next_at = excluded.next_at
