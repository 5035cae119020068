SELECT sealed FROM search_key WHERE application_id = $1
