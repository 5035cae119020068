-- Index: checkpoint_by_slice, slice_by_source_state. Behind what was not read, the cursor stays where it is.
DELETE FROM checkpoint WHERE source_id = $1 AND key IN (
    SELECT checkpoint_key FROM slice
    WHERE source_id = $1 AND state = 'failed' AND stream_id = $2 AND checkpoint_key IS NOT NULL
)
