-- What the worker says of a mailbox that it cannot serve: since when, why, how many events wait, and when it last said so.
-- Safe to run twice; by hand: psql -1 -f 0012_blocked.sql
ALTER TABLE auth.tenants
    ADD COLUMN IF NOT EXISTS blocked_since timestamptz,
    ADD COLUMN IF NOT EXISTS blocked_reason text,
    ADD COLUMN IF NOT EXISTS blocked_waiting int,
    ADD COLUMN IF NOT EXISTS blocked_told_at timestamptz;
-- The whole list is told every few seconds; what is not in it is cleared.
CREATE INDEX IF NOT EXISTS tenants_blocked_idx ON auth.tenants (id) WHERE blocked_since IS NOT NULL;

SELECT auth.record_migration(12, '0012_blocked.sql', '0.1.9');
