-- Index: session_by_user.
DELETE FROM session WHERE user_id = $1
