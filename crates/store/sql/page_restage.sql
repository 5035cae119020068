UPDATE page SET state = 'staged' WHERE id = $1 AND state IN ('landed', 'quarantined')
