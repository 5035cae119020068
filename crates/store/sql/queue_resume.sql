UPDATE queue SET paused_at = NULL WHERE name = $1
