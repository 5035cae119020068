DELETE FROM failure WHERE page_id = $1
