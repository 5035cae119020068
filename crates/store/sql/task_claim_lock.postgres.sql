-- Claims of one queue take turns, so that the counts of what runs are right.
SELECT 1::BIGINT FROM (SELECT pg_advisory_xact_lock(hashtextextended('claim/' || $1, 0))) AS locked
