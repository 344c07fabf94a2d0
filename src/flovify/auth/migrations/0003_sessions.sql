-- Sign-in sessions; the token itself is known to its holder only.
CREATE TABLE IF NOT EXISTS auth.sessions (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash   bytea NOT NULL UNIQUE,
    user_id      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX IF NOT EXISTS sessions_user_id_idx ON auth.sessions (user_id);
CREATE INDEX IF NOT EXISTS sessions_expires_at_idx ON auth.sessions (expires_at);

-- Failed sign-ins by account and by network, for a growing delay. No lock is ever permanent.
CREATE TABLE IF NOT EXISTS auth.sign_in_failures (
    subject   text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS sign_in_failures_subject_idx ON auth.sign_in_failures (subject, failed_at);

SELECT auth.record_migration(3, '0003_sessions.sql', '0.1.0');
