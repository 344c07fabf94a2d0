-- What kind of message Microsoft says it is: an invitation or an answer to one is another type than a plain message.
-- Rows of before say "message" until Microsoft shows them in a newer state; their type stands in `raw`. With a constant
-- as its default the column is added without rewriting the table.
-- Safe to run twice; by hand: psql -1 -f 0010_message_kinds.sql

ALTER TABLE api.messages ADD COLUMN IF NOT EXISTS kind text NOT NULL DEFAULT 'message';
ALTER TABLE api.messages ADD COLUMN IF NOT EXISTS meeting_message_type text;

SELECT api.record_migration(10, '0010_message_kinds.sql', '0.1.9');
