UPDATE user_group SET name = $2
WHERE id = $1 AND NOT EXISTS (
    SELECT 1 FROM user_group AS other
    WHERE other.organization_id = user_group.organization_id AND other.name = $2 AND other.id <> $1
)
