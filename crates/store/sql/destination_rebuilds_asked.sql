SELECT rebuilds_asked FROM destination WHERE name = $1
