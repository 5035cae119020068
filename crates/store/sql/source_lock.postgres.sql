-- The row is locked: two that start a sync take turns.
SELECT id FROM source WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
