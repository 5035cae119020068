-- Index: change (position).
SELECT token FROM change WHERE position = $1 LIMIT 1
