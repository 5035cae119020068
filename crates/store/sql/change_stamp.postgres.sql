-- One stamper at a time (change_stamp_lock) numbers what is committed; what commits later gets a later number.
WITH due AS (
    SELECT id, row_number() OVER (ORDER BY id) AS nth FROM change WHERE position IS NULL ORDER BY id LIMIT $1
), last AS (
    SELECT greatest(
        coalesce((SELECT max(position) FROM change), 0),
        coalesce((SELECT max(position) FROM destination), 0)
    ) AS position
)
UPDATE change SET position = last.position + due.nth FROM due, last WHERE change.id = due.id
