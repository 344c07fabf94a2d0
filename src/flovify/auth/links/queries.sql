-- name: add_link
INSERT INTO auth.connect_links (token_hash, purpose, registration_id, tenant_id, login_hint, created_by, expires_at, subscribe,
                                mailbox)
VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(hours => $7), $8, $9)
RETURNING id

-- name: find_administrator
-- The one of this address; without one the first there was.
SELECT id, email FROM auth.users
 WHERE disabled_at IS NULL AND role = 'administrator' AND ($1 = '' OR lower(email) = lower($1))
 ORDER BY created_at, id LIMIT 1

-- name: list_links
-- Newest first; $1 limits to one link.
SELECT link.id, purpose, registration_id, tenant_id, login_hint, created_by, person.email AS creator_email,
       link.created_at, expires_at, used_at, subscribe, mailbox,
       CASE WHEN used_at IS NOT NULL THEN 'used' WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
  FROM auth.connect_links AS link JOIN auth.users AS person ON person.id = link.created_by
 WHERE ($1::uuid IS NULL OR link.id = $1)
 ORDER BY link.created_at DESC, link.id LIMIT 500

-- name: begin_by_link
-- A try is counted; a link that is used, too old, tried too often, or whose maker is no administrator any more, is none.
UPDATE auth.connect_links AS link SET begun = begun + 1
  FROM auth.users AS person
 WHERE link.token_hash = $1 AND link.used_at IS NULL AND link.expires_at > now() AND link.begun < $2
   AND person.id = link.created_by AND person.disabled_at IS NULL AND person.role = 'administrator'
RETURNING link.id

-- name: usable_link
SELECT person.email
  FROM auth.connect_links AS link JOIN auth.users AS person ON person.id = link.created_by
 WHERE link.id = $1 AND link.used_at IS NULL AND link.expires_at > now()
   AND person.disabled_at IS NULL AND person.role = 'administrator'

-- name: use_link
-- In the transaction of what it was used for: of two flows at once one succeeds, and a failure leaves the link open.
UPDATE auth.connect_links SET used_at = now() WHERE id = $1 AND used_at IS NULL RETURNING id

-- name: delete_link
DELETE FROM auth.connect_links WHERE id = $1 RETURNING id

-- name: delete_old_links
DELETE FROM auth.connect_links WHERE expires_at < now() - interval '30 days'
