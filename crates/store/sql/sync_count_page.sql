UPDATE sync SET pages = pages + 1, pages_open = pages_open + 1, waiting_until = NULL, waiting_for = NULL WHERE id = $1
