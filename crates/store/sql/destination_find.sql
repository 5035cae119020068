SELECT position, token FROM destination WHERE name = $1
