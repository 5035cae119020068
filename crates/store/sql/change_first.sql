-- Index: change (position).
SELECT min(position) FROM change
