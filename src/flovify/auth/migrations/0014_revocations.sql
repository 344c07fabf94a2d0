-- What ends access tokens before their time: ended sessions, and roles that changed. The api follows this list, told by
-- NOTIFY on flovify_revocations when the change is committed; it has no right on the table.
-- Safe to run twice; by hand: psql -1 -f 0014_revocations.sql

-- Each row names either a session that has ended, or a user and the one role that its tokens may name since then: no
-- comparison with the time a token was issued, so clocks and whole seconds do not matter.
CREATE TABLE IF NOT EXISTS auth.revocations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id uuid,
    user_id    uuid,
    role       text,
    revoked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (num_nonnulls(session_id, user_id) = 1 AND num_nonnulls(user_id, role) IN (0, 2))
);
CREATE INDEX IF NOT EXISTS revocations_revoked_at_idx ON auth.revocations (revoked_at);

-- By triggers, so that whoever ends a session (a route, a command, a statement by hand) cannot forget to tell.
CREATE OR REPLACE FUNCTION auth.note_session_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO auth.revocations (session_id) VALUES (OLD.id);
    PERFORM pg_notify('flovify_revocations', 'session ' || OLD.id);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION auth.note_role_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO auth.revocations (user_id, role) VALUES (NEW.id, NEW.role);
    PERFORM pg_notify('flovify_revocations', 'role ' || NEW.id || ' ' || NEW.role);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION auth.end_sessions_of_disabled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE auth.sessions SET revoked_at = now() WHERE user_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER session_revoked AFTER UPDATE OF revoked_at ON auth.sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION auth.note_session_end();
-- With its user, too. What housekeeping deletes has been over for a day.
CREATE OR REPLACE TRIGGER session_deleted AFTER DELETE ON auth.sessions
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now() - interval '20 minutes')
    EXECUTE FUNCTION auth.note_session_end();
CREATE OR REPLACE TRIGGER role_changed AFTER UPDATE OF role ON auth.users
    FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role)
    EXECUTE FUNCTION auth.note_role_change();
CREATE OR REPLACE TRIGGER user_disabled AFTER UPDATE OF disabled_at ON auth.users
    FOR EACH ROW WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL)
    EXECUTE FUNCTION auth.end_sessions_of_disabled();

SELECT auth.record_migration(14, '0014_revocations.sql', '0.1.11');
