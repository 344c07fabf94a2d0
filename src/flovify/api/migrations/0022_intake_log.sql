-- What the intake has accepted and the worker has not yet carried into the inbox.
-- Safe to run twice; by hand: psql -1 -f 0022_intake_log.sql

-- One row a group commit: its events' columns, each as one text with the character U+001E between the values, '' for
-- NULL. Nothing is looked up or indexed while somebody waits for an answer; that is the mover's work (api/intake_log).
-- A group that the inbox refuses stays here, with the reason in `refused`, and is tried again.
CREATE TABLE IF NOT EXISTS api.intake_log (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    events               int NOT NULL,
    refused              text,
    tried_at             timestamptz,
    ids                  text NOT NULL,
    tenant_ids           text NOT NULL,
    providers            text NOT NULL,
    event_keys           text NOT NULL,
    subscription_row_ids text NOT NULL,
    subscription_ids     text NOT NULL,
    kinds                text NOT NULL,
    change_types         text NOT NULL,
    message_ids          text NOT NULL,
    items                text NOT NULL,
    correlation_ids      text NOT NULL
) WITH (
    -- Rows live for milliseconds: what is left of them is to go soon, however many there were.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0
);

-- Compressing what lives for milliseconds would cost more than it saves.
ALTER TABLE api.intake_log
    ALTER ids SET STORAGE EXTERNAL, ALTER tenant_ids SET STORAGE EXTERNAL, ALTER providers SET STORAGE EXTERNAL,
    ALTER event_keys SET STORAGE EXTERNAL, ALTER subscription_row_ids SET STORAGE EXTERNAL,
    ALTER subscription_ids SET STORAGE EXTERNAL, ALTER kinds SET STORAGE EXTERNAL,
    ALTER change_types SET STORAGE EXTERNAL, ALTER message_ids SET STORAGE EXTERNAL, ALTER items SET STORAGE EXTERNAL,
    ALTER correlation_ids SET STORAGE EXTERNAL;

GRANT SELECT, INSERT, UPDATE, DELETE ON api.intake_log TO flovify_api;

SELECT api.record_migration(22, '0022_intake_log.sql', '0.1.21');
