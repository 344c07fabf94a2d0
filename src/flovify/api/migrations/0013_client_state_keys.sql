-- Under which key of MS365_CLIENT_STATE each hash was made, by the key's id (see client_state.key_id), which is no
-- secret. NULL: not known yet, as in rows from before; the next notification or renewal makes it known.
-- Safe to run twice; by hand: psql -1 -f 0013_client_state_keys.sql

ALTER TABLE api.webhook_subscriptions ADD COLUMN IF NOT EXISTS client_state_key_id text;
ALTER TABLE api.webhook_subscriptions ADD COLUMN IF NOT EXISTS previous_client_state_key_id text;

SELECT api.record_migration(13, '0013_client_state_keys.sql', '0.1.12');
