UPDATE sync SET parts_missing = parts_missing + 1, failures = failures + $2 WHERE id = $1
