-- Held until this transaction ends.
SELECT 1::BIGINT FROM (SELECT pg_advisory_xact_lock(7363216173)) AS locked
