-- name: reserve
-- Write the row before Graph is asked, so that a notification that comes before the answer is known. No row comes back
-- when there is one for this tenant, resource and change types already.
INSERT INTO api.webhook_subscriptions (
    id, tenant_id, provider, resource, change_types, expires_at, status, client_state_hash, notification_url,
    lifecycle_url, external_user_id, external_tenant_id, client_state_key_id)
VALUES ($1, $2, $3, $4, $5, $6, 'creating', $7, $8, $9, $10, $11, $12)
ON CONFLICT (tenant_id, provider, resource, change_types) DO NOTHING
RETURNING *;

-- name: take_over
-- Begin to create anew in an existing row, under a new secret. The secret before stays known: deliveries of the old
-- subscription may still come. $2 is the row as the caller saw it; no row comes back when somebody else was faster, or
-- is at it ($4: a creation older than that has crashed).
UPDATE api.webhook_subscriptions
   SET status = 'creating', previous_client_state_hash = client_state_hash, client_state_hash = $3,
       previous_client_state_key_id = client_state_key_id, client_state_key_id = $9,
       subscription_id = NULL, notification_url = $5, lifecycle_url = $6, external_user_id = $7,
       external_tenant_id = $8, updated_at = clock_timestamp()
 WHERE id = $1 AND updated_at = $2 AND (status <> 'creating' OR updated_at < $4)
RETURNING *;

-- name: reserve_polled
-- A folder that is polled: there is nothing to make at the provider, no secret, and when to look again whether that is
-- still so ($6). No row comes back when there is one already.
INSERT INTO api.webhook_subscriptions (
    id, tenant_id, provider, resource, change_types, expires_at, status, next_renewal_at, external_user_id,
    external_tenant_id)
VALUES ($1, $2, $3, $4, $5, $6, 'polled', $6, $7, $8)
ON CONFLICT (tenant_id, provider, resource, change_types) DO NOTHING
RETURNING *;

-- name: poll
-- From now on it is polled; $3 is when to look again whether that is still so. No row comes back when it changed since.
UPDATE api.webhook_subscriptions
   SET status = 'polled', subscription_id = NULL, expires_at = $3, next_renewal_at = $3, renewal_failures = 0,
       client_state_hash = NULL, client_state_key_id = NULL, notification_url = '', lifecycle_url = NULL,
       last_error = NULL, last_error_at = NULL, lost_at = NULL, updated_at = clock_timestamp()
 WHERE id = $1 AND updated_at = $2
RETURNING *;

-- name: activate
-- Graph has answered the create call.
UPDATE api.webhook_subscriptions
   SET status = 'active', subscription_id = $2, expires_at = $3, next_renewal_at = $4, renewal_failures = 0,
       last_error = NULL, last_error_at = NULL, last_renewed_at = $5, validation_ms = $7, lost_at = NULL,
       proven_at = clock_timestamp(), proven_by = 'created',
       next_proof_at = clock_timestamp() + make_interval(secs => 21600 * (0.8 + 0.2 * random())),
       updated_at = clock_timestamp()
 WHERE id = $1 AND client_state_hash = $6
RETURNING *;

-- name: renewed
-- Graph has granted a new expiry.
UPDATE api.webhook_subscriptions
   SET status = 'active', expires_at = $3, next_renewal_at = $4, renewal_failures = 0, last_error = NULL,
       last_error_at = NULL, last_renewed_at = clock_timestamp(), renewals = renewals + 1,
       proven_at = clock_timestamp(), proven_by = 'renewed',
       next_proof_at = clock_timestamp() + make_interval(secs => 21600 * (0.8 + 0.2 * random())),
       updated_at = clock_timestamp()
 WHERE id = $1 AND subscription_id = $2
RETURNING *;

-- name: note_failure
-- Why the last try failed, and when the next one is due.
UPDATE api.webhook_subscriptions
   SET status = coalesce($2, status), last_error = $3, last_error_at = clock_timestamp(), next_renewal_at = $4,
       renewal_failures = renewal_failures + 1, updated_at = clock_timestamp()
 WHERE id = $1;

-- name: lose
-- The provider has it no more. updated_at stays: whoever makes it anew has seen the row as it was.
UPDATE api.webhook_subscriptions SET lost_at = clock_timestamp() WHERE id = $1;

-- name: get
-- One subscription by our own id.
SELECT * FROM api.webhook_subscriptions WHERE id = $1 AND ($2::uuid IS NULL OR tenant_id = $2);

-- name: get_by_provider_id
-- One subscription by Graph's id.
SELECT * FROM api.webhook_subscriptions WHERE provider = $1 AND subscription_id = $2;

-- name: find
-- The row of a tenant, resource and change types.
SELECT * FROM api.webhook_subscriptions
 WHERE tenant_id = $1 AND provider = $2 AND resource = $3 AND change_types = $4;

-- name: list_of_tenant
-- All of a tenant.
SELECT * FROM api.webhook_subscriptions WHERE tenant_id = $1 ORDER BY created_at, id;

-- name: list_due
-- What should be renewed or made anew now: it ends before $2 or its time has come, and no failure asks to wait. A
-- creation that began before $3 has crashed.
SELECT * FROM api.webhook_subscriptions
 WHERE (status = 'active' AND (next_renewal_at <= $1 OR (next_renewal_at IS NULL AND expires_at <= $2)))
    OR (status IN ('failed', 'polled') AND (next_renewal_at IS NULL OR next_renewal_at <= $1))
    OR (status = 'creating' AND updated_at < $3)
 ORDER BY expires_at
 LIMIT $4;

-- name: end_overdue
-- What ended without a renewal is not active, whatever else went wrong; it is made anew at once.
UPDATE api.webhook_subscriptions
   SET status = 'failed', next_renewal_at = $1, updated_at = clock_timestamp()
 WHERE status = 'active' AND expires_at <= $1
RETURNING *;

-- name: take_unproven
-- Active ones whose proof is due, taken for the time the question takes; $1 at most.
WITH due AS (
    SELECT id FROM api.webhook_subscriptions
     WHERE status = 'active' AND subscription_id IS NOT NULL
       AND (next_proof_at IS NULL OR next_proof_at <= clock_timestamp())
     ORDER BY next_proof_at NULLS FIRST
     LIMIT $1
       FOR UPDATE SKIP LOCKED
)
UPDATE api.webhook_subscriptions subscription SET next_proof_at = clock_timestamp() + interval '10 minutes'
  FROM due
 WHERE subscription.id = due.id
RETURNING subscription.*;

-- name: prove
-- It is there, by $3; $4 is when Graph says that it ends.
UPDATE api.webhook_subscriptions
   SET proven_at = clock_timestamp(), proven_by = $3, expires_at = coalesce($4, expires_at),
       next_proof_at = clock_timestamp() + make_interval(secs => 21600 * (0.8 + 0.2 * random()))
 WHERE id = $1 AND subscription_id = $2 AND status = 'active';

-- name: hasten
-- A tenant can be reached again: what waited because of a failure is due now, and whether the others are still there is
-- asked.
UPDATE api.webhook_subscriptions
   SET next_renewal_at = CASE WHEN status IN ('failed', 'polled') OR renewal_failures > 0 THEN $2 ELSE next_renewal_at END,
       next_proof_at = clock_timestamp()
 WHERE tenant_id = $1;

-- name: tenants
SELECT DISTINCT tenant_id FROM api.webhook_subscriptions ORDER BY tenant_id;

-- name: is_any_being_made
SELECT EXISTS (SELECT FROM api.webhook_subscriptions WHERE status = 'creating');

-- name: delete
DELETE FROM api.webhook_subscriptions WHERE id = $1;

-- name: delete_of_tenant
DELETE FROM api.webhook_subscriptions WHERE tenant_id = $1;
