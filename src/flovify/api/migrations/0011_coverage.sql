-- What a notification may have missed, and how far each folder has been looked through.
-- Safe to run twice; by hand: psql -1 -f 0011_coverage.sql

-- One row a watched folder. cursor: where the provider's change tracking goes on; `in_round` while a round's pages are
-- being read. covered_until: when the last whole round began; what came before that has been seen.
CREATE TABLE IF NOT EXISTS api.folder_cursors (
    tenant_id     uuid NOT NULL,
    provider      text NOT NULL,
    resource      text NOT NULL,
    cursor        text,
    in_round      boolean NOT NULL DEFAULT false,
    round_began   timestamptz,
    covered_until timestamptz,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, provider, resource)
);

-- One open row a folder at most: what is risked again while it is open widens it, and `version` tells whoever is closing
-- it that he must look once more. Closed rows stay, to be shown. Leases are in the database's time.
CREATE TABLE IF NOT EXISTS api.coverage_gaps (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id           uuid NOT NULL,
    provider            text NOT NULL,
    resource            text NOT NULL,
    subscription_row_id uuid NOT NULL,
    reasons             text[] NOT NULL,
    since               timestamptz NOT NULL,
    until               timestamptz NOT NULL,
    opened_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at           timestamptz,
    version             int NOT NULL DEFAULT 1,
    looked_at           int NOT NULL DEFAULT 0,
    recovered           int NOT NULL DEFAULT 0,
    removals            int NOT NULL DEFAULT 0,
    next_try_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    failures            int NOT NULL DEFAULT 0,
    last_error          text,
    last_error_at       timestamptz,
    lease_owner         text,
    lease_until         timestamptz,
    fence               bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX IF NOT EXISTS idx_coverage_gaps_open
    ON api.coverage_gaps (tenant_id, provider, resource) WHERE closed_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_coverage_gaps_due ON api.coverage_gaps (next_try_at) WHERE closed_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_coverage_gaps_tenant ON api.coverage_gaps (tenant_id, id);

-- When a part of the house was last alive; who finds it long ago knows that nobody took notifications in between.
CREATE TABLE IF NOT EXISTS api.signs_of_life (
    name text PRIMARY KEY,
    at   timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON api.folder_cursors, api.coverage_gaps, api.signs_of_life TO flovify_api;

SELECT api.record_migration(11, '0011_coverage.sql', '0.1.10');
