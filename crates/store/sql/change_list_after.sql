-- Index: change (position).
SELECT position, token, record_id FROM change WHERE position > $1 ORDER BY position LIMIT $2
