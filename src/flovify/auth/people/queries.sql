-- name: list_people
-- $1 limits to one.
SELECT person.id, email, role, disabled_at, person.created_at, last_signed_in_at,
       password_hash IS NOT NULL AS has_password,
       coalesce(invitation.expires_at > now(), false) AS invited
  FROM auth.users AS person LEFT JOIN auth.invitations AS invitation ON invitation.user_id = person.id
 WHERE $1::uuid IS NULL OR person.id = $1
 ORDER BY lower(email)

-- name: add_person
INSERT INTO auth.users (email, role) VALUES ($1, $2) RETURNING id

-- name: change_person
-- NULL leaves a value as it is. $3 says whether the user may sign in.
UPDATE auth.users
   SET role = coalesce($2, role), updated_at = now(),
       disabled_at = CASE WHEN $3::boolean IS NULL THEN disabled_at WHEN $3 THEN coalesce(disabled_at, now()) END
 WHERE id = $1
RETURNING id

-- name: delete_person
DELETE FROM auth.users WHERE id = $1 RETURNING id

-- name: other_administrators
-- Who could still sign in as administrator without this one.
SELECT count(*) FROM auth.users
 WHERE id <> $1 AND role = 'administrator' AND disabled_at IS NULL AND password_hash IS NOT NULL

-- name: put_invitation
INSERT INTO auth.invitations (user_id, token_hash, expires_at)
VALUES ($1, $2, now() + make_interval(secs => $3))
ON CONFLICT (user_id) DO UPDATE
   SET token_hash = excluded.token_hash, created_at = now(), expires_at = excluded.expires_at
RETURNING expires_at

-- name: take_invitation
DELETE FROM auth.invitations AS invitation USING auth.users AS person
 WHERE invitation.token_hash = $1 AND invitation.expires_at > now()
   AND person.id = invitation.user_id AND person.disabled_at IS NULL
RETURNING invitation.user_id

-- name: delete_invitation
DELETE FROM auth.invitations WHERE user_id = $1

-- name: find_person
SELECT id FROM auth.users WHERE lower(email) = lower($1)

-- name: find_invited
SELECT person.email FROM auth.invitations AS invitation JOIN auth.users AS person ON person.id = invitation.user_id
 WHERE invitation.token_hash = $1 AND invitation.expires_at > now() AND person.disabled_at IS NULL

-- name: password_of
SELECT password_hash FROM auth.users WHERE id = $1

-- name: set_password
-- Browsers known by the earlier password are like any other again.
WITH gone AS (DELETE FROM auth.devices WHERE user_id = $1)
UPDATE auth.users SET password_hash = $2, updated_at = now() WHERE id = $1

-- name: delete_old_invitations
DELETE FROM auth.invitations WHERE expires_at < now() - interval '1 day'
