-- Since when a mailbox waits without any success. It outlives the waits in between, which `blocked_until` does not.
-- Safe to run twice; by hand: psql -1 -f 0012_blocked.sql

ALTER TABLE api.mailbox_leases ADD COLUMN IF NOT EXISTS blocked_since timestamptz;
-- What waits already is blocked since now, as far as anybody can tell.
UPDATE api.mailbox_leases SET blocked_since = clock_timestamp() WHERE block_reason IS NOT NULL AND blocked_since IS NULL;

SELECT api.record_migration(12, '0012_blocked.sql', '0.1.11');
