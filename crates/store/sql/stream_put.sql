INSERT INTO stream (source_id, name, exact_listing) VALUES ($1, $2, $3)
ON CONFLICT (source_id, name) DO UPDATE SET exact_listing = excluded.exact_listing
