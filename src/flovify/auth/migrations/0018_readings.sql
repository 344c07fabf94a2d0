-- Figures for metrics, counted once for all processes.
-- Safe to run twice; by hand: psql -1 -f 0018_readings.sql

-- figures: {name: [[[label value, …], number], …]}; whoever shows them says how old they are.
CREATE TABLE IF NOT EXISTS auth.readings (
    name    text PRIMARY KEY,
    figures jsonb NOT NULL,
    at      timestamptz NOT NULL
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON auth.readings TO flovify_auth;

SELECT auth.record_migration(18, '0018_readings.sql', '0.1.15');
