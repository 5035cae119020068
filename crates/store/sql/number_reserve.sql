INSERT INTO setting (name, value) VALUES ('numbers_reserved', $1)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
