UPDATE source SET attention = $2 WHERE id = $1
