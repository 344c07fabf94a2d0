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
