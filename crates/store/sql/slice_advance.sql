-- Without a next position the last one stays: a crash before the slice's end reads its last page again, not all.
UPDATE slice SET position = coalesce($2, position), pages = pages + 1, pages_open = pages_open + 1, resumes = 0
WHERE id = $1 AND sync_id = $3 AND state = 'open'
