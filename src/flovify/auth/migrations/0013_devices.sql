-- Browsers in which somebody signed in before: their tries are counted apart, so that guessing elsewhere does not keep
-- the account's owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
-- Safe to run twice; by hand: psql -1 -f 0013_devices.sql
CREATE TABLE IF NOT EXISTS auth.devices (
    token_hash   bytea PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS devices_user_idx ON auth.devices (user_id);

SELECT auth.record_migration(13, '0013_devices.sql', '0.1.10');
