-- Index: there are few sources; source_share (source_id, group_id).
WITH RECURSIVE held (id) AS (
    SELECT group_id FROM group_member WHERE member_kind = 'user' AND member_id = $1
    UNION
    SELECT group_member.group_id FROM group_member JOIN held ON group_member.member_id = held.id
    WHERE group_member.member_kind = 'group'
)
SELECT id FROM source
WHERE deleted_at IS NULL AND (
    owner_id = $1
    OR visibility = 'everyone'
    OR (visibility = 'groups' AND EXISTS (
        SELECT 1 FROM source_share WHERE source_share.source_id = source.id AND group_id IN (SELECT id FROM held)
    ))
)
LIMIT 100000
