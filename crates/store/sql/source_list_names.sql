-- Index: there are few sources.
SELECT id, name FROM source WHERE deleted_at IS NULL ORDER BY id LIMIT 100000
