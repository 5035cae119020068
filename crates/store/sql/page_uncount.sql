UPDATE page SET counted = 0 WHERE id = $1 AND counted = 1
