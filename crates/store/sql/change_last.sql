-- Index: change (position).
SELECT position, token FROM change WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1
