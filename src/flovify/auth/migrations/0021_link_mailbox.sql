-- Links by which somebody connects a mailbox that is shared with them.
-- Safe to run twice; by hand: psql -1 -f 0021_link_mailbox.sql

-- Its address or object id; empty: the mailbox of whoever signs in.
ALTER TABLE auth.connect_links ADD COLUMN IF NOT EXISTS mailbox text NOT NULL DEFAULT '';

SELECT auth.record_migration(21, '0021_link_mailbox.sql', '0.1.18');
