-- Index: there are few sources.
SELECT id FROM source WHERE deleted_at IS NULL AND visibility = 'everyone' LIMIT 100000
