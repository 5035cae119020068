SELECT state FROM governor WHERE key = $1
