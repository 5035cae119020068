UPDATE access_token SET sealed = $4, kept_fence = $3,
    lease_until = CASE WHEN fence = $3 THEN NULL ELSE lease_until END
WHERE source_id = $1 AND key = $2 AND kept_fence < $3
