-- json_each has another name here.
INSERT INTO log_line (at, level, source_id, sync_id, task_id, message)
SELECT (line ->> 0)::BIGINT, (line ->> 1)::BIGINT, (line ->> 2)::BIGINT, (line ->> 3)::BIGINT, (line ->> 4)::BIGINT,
    line ->> 5
FROM json_array_elements($1::TEXT::JSON) WITH ORDINALITY AS lines (line, place) ORDER BY place
