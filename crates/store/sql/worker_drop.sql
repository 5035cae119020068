DELETE FROM worker WHERE name = $1 OR seen_at < $2
