-- Index: primary keys.
SELECT users.role FROM source JOIN users ON users.id = source.owner_id WHERE source.id = $1 LIMIT 1
