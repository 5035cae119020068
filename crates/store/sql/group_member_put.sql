INSERT INTO group_member (group_id, member_kind, member_id) VALUES ($1, $2, $3)
ON CONFLICT (group_id, member_kind, member_id) DO NOTHING
