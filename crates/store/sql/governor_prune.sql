DELETE FROM governor WHERE moved_at < $1
