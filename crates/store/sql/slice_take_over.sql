UPDATE slice SET sync_id = $2, state = 'open', resumes = resumes + 1, message = NULL, finished_at = NULL
WHERE id = $1 AND state = 'failed'
