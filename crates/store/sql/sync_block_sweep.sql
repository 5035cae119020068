UPDATE sync SET unsweepable = unsweepable + 1, message = coalesce(message, $2) WHERE id = $1
