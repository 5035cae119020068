DELETE FROM group_member WHERE member_kind = 'user' AND member_id = $1
