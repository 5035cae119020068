-- json_each has another name here; rows are locked in id order, as endings lock them.
-- By primary key: `IN (SELECT …)` and the bare column would have the planner read every task of that state instead.
WITH held AS (
    SELECT task.id FROM task
    JOIN (SELECT (p ->> 0)::BIGINT AS held_id, (p ->> 1)::BIGINT AS held_fence
        FROM json_array_elements($1::TEXT::JSON) AS s (p)) AS claims ON held_id = task.id AND held_fence = task.fence
    WHERE task.state || '' = 'running'
    AND task.id = ANY (ARRAY(SELECT (p ->> 0)::BIGINT FROM json_array_elements($1::TEXT::JSON) AS s (p)))
    ORDER BY task.id FOR UPDATE OF task
)
UPDATE task SET lease_until = $2 FROM held WHERE task.id = held.id RETURNING task.id, task.fence, task.cancel_requested
