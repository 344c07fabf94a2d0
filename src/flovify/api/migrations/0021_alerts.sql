-- Alerts that Flovify sends itself: what is or was wrong, and which receiver took which word of it.
-- Safe to run twice; by hand: psql -1 -f 0021_alerts.sql

-- since: when the rule was first seen to hold. begun_at: when it had held for long enough to be told, NULL until then.
-- ended_at: when it was seen to hold no more. A rule has one row at a time that has not ended.
CREATE TABLE IF NOT EXISTS api.alerts (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     text NOT NULL,
    since    timestamptz NOT NULL,
    begun_at timestamptz,
    ended_at timestamptz,
    summary  text NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS idx_alerts_open ON api.alerts (name) WHERE ended_at IS NULL;

-- The last word of an alert that a receiver took; way: webhook or mail. of_end: that it is over.
CREATE TABLE IF NOT EXISTS api.alert_words (
    alert_id bigint NOT NULL REFERENCES api.alerts ON DELETE CASCADE,
    way      text NOT NULL,
    told_at  timestamptz NOT NULL,
    of_end   boolean NOT NULL,
    PRIMARY KEY (alert_id, way)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON api.alerts, api.alert_words TO flovify_api;

SELECT api.record_migration(21, '0021_alerts.sql', '0.1.20');
