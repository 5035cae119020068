-- Index: page (number). At most as many rows as numbers were given.
SELECT blob FROM page WHERE number IN (SELECT value FROM json_each($1))
