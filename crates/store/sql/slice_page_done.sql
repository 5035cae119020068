UPDATE slice SET pages_open = pages_open - 1 WHERE id = $1 RETURNING checkpoint_key
