-- json_each has another name here.
-- By primary key: `IN (SELECT …)` and the bare column would have the planner read every task of that state instead.
UPDATE task SET state = 'running', fence = fence + 1, attempt = attempt + 1, worker = $2, lease_until = $3,
    started_at = $4
WHERE id = ANY (ARRAY(SELECT v::BIGINT FROM json_array_elements_text($1::TEXT::JSON) AS i (v))) AND state || '' = 'available'
RETURNING id, fence, kind, args, source_id, attempt, attempts_max
