-- Indexes for what few messages have, so that finding them costs the same however many there are.
-- Safe to run twice; by hand: psql -1 -f 0023_growth.sql

CREATE INDEX IF NOT EXISTS idx_messages_folder ON api.messages (folder_id) WHERE content_at IS NOT NULL;
-- Nearly all are plain messages; those about meetings are few.
CREATE INDEX IF NOT EXISTS idx_messages_kind ON api.messages (kind) WHERE content_at IS NOT NULL AND kind <> 'message';
-- One index for unread messages and one for read ones: of either there may be few among very many.
CREATE INDEX IF NOT EXISTS idx_messages_unread
    ON api.messages (stored_at) WHERE content_at IS NOT NULL AND is_read IS DISTINCT FROM true;
CREATE INDEX IF NOT EXISTS idx_messages_read
    ON api.messages (stored_at) WHERE content_at IS NOT NULL AND is_read IS DISTINCT FROM false;
-- Messages that claim to have been received well after they were stored: hardly any.
CREATE INDEX IF NOT EXISTS idx_messages_early
    ON api.messages (received_at) WHERE content_at IS NOT NULL AND received_at - stored_at > interval '1 hour';
-- What was removed at the provider, in the order of the list.
CREATE INDEX IF NOT EXISTS idx_messages_deleted
    ON api.messages ((coalesce(received_at, stored_at)) DESC, id DESC) WHERE content_at IS NOT NULL AND deleted_at IS NOT NULL;

SELECT api.record_migration(23, '0023_growth.sql', '0.1.22');
