-- name: list_sessions
-- Living ones, the last used first. $1 NULL means everybody's; $2: seconds without use after which a session is over.
SELECT session.id, session.user_id, person.email, session.created_at, session.last_used_at,
       least(session.expires_at, session.last_used_at + make_interval(secs => $2)) AS expires_at,
       session.address, session.user_agent
  FROM auth.sessions AS session JOIN auth.users AS person ON person.id = session.user_id
 WHERE ($1::uuid IS NULL OR session.user_id = $1) AND session.revoked_at IS NULL AND session.expires_at > now()
   AND session.last_used_at > now() - make_interval(secs => $2) AND person.disabled_at IS NULL
 ORDER BY session.last_used_at DESC, session.id LIMIT 500

-- name: end_session
-- $2 NULL means anybody's.
UPDATE auth.sessions SET revoked_at = now()
 WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) AND revoked_at IS NULL
RETURNING user_id

-- name: end_sessions_of
-- All of a user's but one.
UPDATE auth.sessions SET revoked_at = now()
 WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id <> $2)

-- name: session_known
SELECT EXISTS (SELECT FROM auth.sessions WHERE id = $1)

-- name: count_sessions
-- Living ones of each user who has any; $1: seconds without use after which a session is over.
SELECT user_id, count(*) AS sessions FROM auth.sessions
 WHERE revoked_at IS NULL AND expires_at > now() AND last_used_at > now() - make_interval(secs => $1)
 GROUP BY user_id

-- name: list_ended_sessions
-- Those whose access tokens may still be young enough; $1: seconds a row matters.
SELECT DISTINCT session_id FROM auth.revocations
 WHERE session_id IS NOT NULL AND revoked_at > clock_timestamp() - make_interval(secs => $1)

-- name: list_changed_roles
-- The last role of each user whose role changed; $1: seconds a row matters.
SELECT DISTINCT ON (user_id) user_id, role FROM auth.revocations
 WHERE user_id IS NOT NULL AND revoked_at > clock_timestamp() - make_interval(secs => $1)
 ORDER BY user_id, id DESC

-- name: list_dropped_keys
-- Signing keys whose access tokens may still be young enough; $1: seconds a row matters.
SELECT DISTINCT key_id FROM auth.revocations
 WHERE key_id IS NOT NULL AND revoked_at > clock_timestamp() - make_interval(secs => $1)

-- name: delete_old_revocations
DELETE FROM auth.revocations WHERE revoked_at < clock_timestamp() - make_interval(secs => $1)
