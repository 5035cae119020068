UPDATE slice SET position = $2, pages = pages + 1, pages_open = pages_open + 1 WHERE id = $1
