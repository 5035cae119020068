DELETE FROM group_member WHERE member_kind = 'group' AND member_id = $1
