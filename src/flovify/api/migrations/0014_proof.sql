-- When each subscription was last proven to be alive, by what, and when it is asked for next.
-- Safe to run twice; by hand: psql -1 -f 0014_proof.sql

ALTER TABLE api.webhook_subscriptions
    ADD COLUMN IF NOT EXISTS proven_at timestamptz,
    ADD COLUMN IF NOT EXISTS proven_by text,
    ADD COLUMN IF NOT EXISTS next_proof_at timestamptz;

SELECT api.record_migration(14, '0014_proof.sql', '0.1.13');
