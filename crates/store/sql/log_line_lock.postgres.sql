-- Held until this transaction ends, so that lines are committed in the order of their ids.
SELECT 1::BIGINT FROM (SELECT pg_advisory_xact_lock(7363216174)) AS locked
