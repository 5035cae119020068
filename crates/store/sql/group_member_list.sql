-- Index: group_member (group_id, member_kind, member_id); the primary keys of users and user_group.
SELECT group_member.member_kind, group_member.member_id,
    coalesce(nullif(users.name, ''), users.email, user_group.name, '') AS member_name
FROM group_member
LEFT JOIN users ON group_member.member_kind = 'user' AND users.id = group_member.member_id
LEFT JOIN user_group ON group_member.member_kind = 'group' AND user_group.id = group_member.member_id
WHERE group_member.group_id = $1
ORDER BY member_name, group_member.member_id LIMIT 10000
