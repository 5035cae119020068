-- Index: there are few sources.
SELECT id FROM source WHERE deleted_at IS NULL LIMIT 100000
