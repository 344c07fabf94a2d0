-- name: count
-- How many subscriptions need each key at the moment $1. What has failed or ended delivers nothing and is made anew.
SELECT client_state_key_id AS key_id, count(*) AS subscriptions
  FROM api.webhook_subscriptions
 WHERE status IN ('creating', 'active') AND expires_at > $1 AND client_state_hash IS NOT NULL
 GROUP BY client_state_key_id;

-- name: rehash
-- A notification has shown the secret: keep it under the first key. Nothing happens where the row has another secret by
-- now. While a subscription is being made its hash is what the maker knows the row by, and stays.
UPDATE api.webhook_subscriptions SET client_state_hash = $3, client_state_key_id = $4
 WHERE id = $1 AND client_state_hash = $2 AND status <> 'creating';

-- name: rehash_previous
-- The same for the secret before, under which late notifications come.
UPDATE api.webhook_subscriptions SET previous_client_state_hash = $3, previous_client_state_key_id = $4
 WHERE id = $1 AND previous_client_state_hash = $2;

-- name: bring_forward
-- What is on one of the old keys $1 (with $2: or on none that is known) is due within an hour after $3, each at a time
-- of its own. What is due by then anyway, or waits after a failure, keeps its time; updated_at stays, for whoever makes
-- it anew has seen the row as it was.
UPDATE api.webhook_subscriptions SET next_renewal_at = $3::timestamptz + random() * interval '1 hour'
 WHERE status = 'active' AND renewal_failures = 0
   AND (client_state_key_id = ANY ($1::text[]) OR ($2 AND client_state_key_id IS NULL))
   AND (next_renewal_at IS NULL OR next_renewal_at > $3::timestamptz + interval '1 hour');

-- name: abandon
-- The key $1 is lost: what is under it counts as failed and is made anew at the renewal's next look. What is being made
-- at this moment ends as it would, and is made anew at its usual time, because its key is not known.
UPDATE api.webhook_subscriptions
   SET status = 'failed', client_state_key_id = NULL, next_renewal_at = $2, last_error = $3,
       last_error_at = clock_timestamp(), updated_at = clock_timestamp()
 WHERE client_state_key_id = $1;
