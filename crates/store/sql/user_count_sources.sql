SELECT count(*) FROM source WHERE owner_id = $1 AND deleted_at IS NULL
