INSERT INTO change (id, position, record_id, token, made_at)
SELECT last.seq + list.key + 1, last.seq + list.key + 1, list.value, random(), $2
FROM json_each($1) AS list,
    (SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0) AS seq) AS last
