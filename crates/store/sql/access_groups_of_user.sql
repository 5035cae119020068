-- Nested groups; UNION ends at a cycle.
-- Index: group_member_by_member.
WITH RECURSIVE held (id) AS (
    SELECT group_id FROM group_member WHERE member_kind = 'user' AND member_id = $1
    UNION
    SELECT group_member.group_id FROM group_member JOIN held ON group_member.member_id = held.id
    WHERE group_member.member_kind = 'group'
)
SELECT id FROM held LIMIT 100000
