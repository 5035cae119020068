-- Index: change (position).
DELETE FROM change WHERE id IN (
    SELECT id FROM change
    WHERE position < (SELECT min(position) FROM destination)
    AND position NOT IN (SELECT position FROM destination)
    ORDER BY position LIMIT $1
)
