UPDATE sync SET open_slices = open_slices - 1, failed_slices = failed_slices + $2, waiting_until = NULL,
    waiting_for = NULL
WHERE id = $1
