-- name: count_users
-- Those who can sign in, or could if they were enabled: somebody who was invited has no password yet.
SELECT count(*) FROM auth.users WHERE password_hash IS NOT NULL

-- name: lock_users
-- Serialises the making of the first administrator.
LOCK TABLE auth.users IN SHARE ROW EXCLUSIVE MODE

-- name: insert_user
INSERT INTO auth.users (email, password_hash, role) VALUES ($1, $2, $3) RETURNING id, email, role

-- name: find_user
SELECT id, email, role, password_hash FROM auth.users WHERE lower(email) = lower($1) AND disabled_at IS NULL

-- name: set_password_hash
UPDATE auth.users SET password_hash = $2, updated_at = now() WHERE id = $1

-- name: insert_session
WITH seen AS (UPDATE auth.users SET last_signed_in_at = now() WHERE id = $2)
INSERT INTO auth.sessions (token_hash, user_id, expires_at, address, user_agent)
VALUES ($1, $2, now() + make_interval(secs => $3), $4, $5) RETURNING id

-- name: use_session
-- Slides the idle time-out. Answers nothing for a session that is unknown, revoked, idle too long or at its end.
UPDATE auth.sessions AS session SET last_used_at = now()
  FROM auth.users AS person
 WHERE session.token_hash = $1 AND person.id = session.user_id AND person.disabled_at IS NULL
   AND session.revoked_at IS NULL AND session.expires_at > now()
   AND session.last_used_at > now() - make_interval(secs => $2)
RETURNING session.id, session.user_id, person.email, person.role,
          least(session.expires_at, now() + make_interval(secs => $2)) AS expires_at

-- name: live_user
-- $3: the key that signed the token which names the session, where there is one.
SELECT person.id, person.email, person.role
  FROM auth.sessions AS session JOIN auth.users AS person ON person.id = session.user_id
 WHERE session.id = $1 AND session.revoked_at IS NULL AND session.expires_at > now()
   AND ($3::text IS NULL OR EXISTS (
       SELECT FROM auth.signing_keys WHERE key_id = $3 AND (retired_at IS NULL OR retired_at > clock_timestamp())))
   AND session.last_used_at > now() - make_interval(secs => $2) AND person.disabled_at IS NULL

-- name: revoke_session
UPDATE auth.sessions SET revoked_at = now() WHERE token_hash = $1 AND revoked_at IS NULL RETURNING user_id

-- name: delete_old_sessions
DELETE FROM auth.sessions WHERE expires_at < now() - interval '1 day'

-- name: lock_subject
-- Check, hash and record are one step for each account and network: a hundred tries at once are a hundred in a row.
SELECT pg_advisory_xact_lock(hashtextextended($1, 5))

-- name: recent_failures
SELECT count(*) AS failures, extract(epoch FROM clock_timestamp() - max(failed_at))::float8 AS since_seconds
  FROM auth.sign_in_failures WHERE subject = $1 AND failed_at > clock_timestamp() - interval '15 minutes'

-- name: add_failure
INSERT INTO auth.sign_in_failures (subject) VALUES ($1)

-- name: forget_failures
DELETE FROM auth.sign_in_failures WHERE subject = $1

-- name: delete_old_failures
DELETE FROM auth.sign_in_failures WHERE failed_at < clock_timestamp() - interval '1 day'

-- name: add_device
WITH gone AS (
    DELETE FROM auth.devices WHERE token_hash IN (
        SELECT token_hash FROM auth.devices WHERE user_id = $2 ORDER BY last_used_at DESC OFFSET 19)
)
INSERT INTO auth.devices (token_hash, user_id) VALUES ($1, $2)

-- name: use_device
UPDATE auth.devices AS device SET last_used_at = clock_timestamp()
  FROM auth.users AS person
 WHERE device.token_hash = $1 AND person.id = device.user_id AND lower(person.email) = lower($2)
RETURNING device.user_id

-- name: delete_old_devices
DELETE FROM auth.devices WHERE last_used_at < clock_timestamp() - interval '180 days'

-- name: find_setup_token
SELECT 1 FROM auth.setup_tokens WHERE token_hash = $1 AND expires_at > now()

-- name: replace_setup_token
WITH gone AS (DELETE FROM auth.setup_tokens)
INSERT INTO auth.setup_tokens (token_hash, expires_at) VALUES ($1, now() + make_interval(secs => $2))

-- name: take_setup_token
DELETE FROM auth.setup_tokens WHERE token_hash = $1 AND expires_at > now() RETURNING token_hash

-- name: list_signing_keys
-- All that are published, the newest last, by the database's clock: all processes change over at the same moment.
SELECT signing_key.key_id, public_key, sealed_private_key, signs_from <= clock_timestamp() AS signs,
       data_key.key_id AS wrapping_id, wrapped_key
  FROM auth.signing_keys AS signing_key
  LEFT JOIN auth.data_keys AS data_key ON data_key.owner_id = '00000000-0000-0000-0000-000000000000'
 WHERE retired_at IS NULL OR retired_at > clock_timestamp()
 ORDER BY signs_from, signing_key.key_id

-- name: lock_signing_keys
LOCK TABLE auth.signing_keys IN SHARE ROW EXCLUSIVE MODE

-- name: insert_signing_key
-- Signs from then on; $4: seconds.
INSERT INTO auth.signing_keys (key_id, public_key, sealed_private_key, signs_from)
VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))

-- name: retire_signing_keys
-- All others end some time after the new one begins to sign: then no token of theirs is left. $2: seconds.
UPDATE auth.signing_keys AS earlier SET retired_at = least(earlier.retired_at, later.signs_from + make_interval(secs => $2))
  FROM auth.signing_keys AS later
 WHERE later.key_id = $1 AND earlier.key_id <> $1
RETURNING earlier.key_id

-- name: drop_signing_keys
-- All others at once; a trigger tells those that verify (0017).
DELETE FROM auth.signing_keys WHERE key_id <> $1 RETURNING key_id

-- name: delete_old_signing_keys
DELETE FROM auth.signing_keys WHERE retired_at < clock_timestamp()
