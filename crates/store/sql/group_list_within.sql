-- Nested groups; UNION ends at a cycle.
-- Index: group_member (group_id, member_kind, member_id).
WITH RECURSIVE held (id) AS (
    SELECT member_id FROM group_member WHERE member_kind = 'group' AND group_id = $1
    UNION
    SELECT group_member.member_id FROM group_member JOIN held ON group_member.group_id = held.id
    WHERE group_member.member_kind = 'group'
)
SELECT id FROM held LIMIT 100000
