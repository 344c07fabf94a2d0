-- How often an event has waited in a row for one and the same reason without spending an attempt: it sets how long the
-- next wait is, and how often a message that is not there was looked for.
-- Safe to run twice; by hand: psql -1 -f 0009_waits.sql

ALTER TABLE api.inbox ADD COLUMN IF NOT EXISTS waits int NOT NULL DEFAULT 0;

SELECT api.record_migration(9, '0009_waits.sql', '0.1.8');
