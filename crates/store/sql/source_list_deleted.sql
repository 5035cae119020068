-- Index: source (id); there are few sources.
SELECT id FROM source WHERE deleted_at IS NOT NULL
AND (EXISTS (SELECT 1 FROM record WHERE record.source_id = source.id)
    OR EXISTS (SELECT 1 FROM page WHERE page.source_id = source.id)
    OR EXISTS (SELECT 1 FROM sync WHERE sync.source_id = source.id))
ORDER BY id LIMIT 1000
