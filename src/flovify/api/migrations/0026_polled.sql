-- Folders that Microsoft announces nothing of, and that are polled for good.
-- Safe to run twice; by hand: psql -1 -f 0026_polled.sql

ALTER TABLE api.webhook_subscriptions DROP CONSTRAINT IF EXISTS webhook_subscriptions_status_check;
ALTER TABLE api.webhook_subscriptions ADD CONSTRAINT webhook_subscriptions_status_check
    CHECK (status IN ('creating', 'active', 'failed', 'polled'));

SELECT api.record_migration(26, '0026_polled.sql', '0.1.25');
