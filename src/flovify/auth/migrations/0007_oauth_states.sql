-- OAuth flows in progress: single use, ten minutes, bound to a browser and to the session that began them.
CREATE TABLE IF NOT EXISTS auth.oauth_states (
    state_hash      bytea PRIMARY KEY,
    browser_hash    bytea NOT NULL,
    session_id      uuid NOT NULL,
    provider        text NOT NULL,
    nonce           text NOT NULL,
    sealed_verifier text NOT NULL,
    reconnect_id    uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS oauth_states_expires_at_idx ON auth.oauth_states (expires_at);

SELECT auth.record_migration(7, '0007_oauth_states.sql', '0.1.4');
