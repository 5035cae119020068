-- Index: slice_by_source_state.
UPDATE slice SET state = 'closed' WHERE source_id = $1 AND state = 'failed' AND stream_id = $2
