-- Normalized messages, and the feed that gives them their order of storing.
-- Safe to run twice; by hand: psql -1 -f 0004_messages.sql

-- One row a message of a mailbox. content_at is NULL for a tombstone: a message of which only the deletion was heard.
CREATE TABLE IF NOT EXISTS api.messages (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id           uuid NOT NULL,
    provider            text NOT NULL,
    provider_message_id text NOT NULL,
    internet_message_id text,
    subject             text,
    sender              jsonb,
    from_address        jsonb,
    to_addresses        jsonb NOT NULL DEFAULT '[]',
    cc_addresses        jsonb NOT NULL DEFAULT '[]',
    bcc_addresses       jsonb NOT NULL DEFAULT '[]',
    reply_to_addresses  jsonb NOT NULL DEFAULT '[]',
    received_at         timestamptz,
    sent_at             timestamptz,
    body_text           text,
    body_html           text,
    preview             text,
    has_attachments     boolean NOT NULL DEFAULT false,
    attachments         jsonb NOT NULL DEFAULT '[]',
    is_read             boolean,
    is_draft            boolean,
    importance          text,
    conversation_id     text,
    folder_id           text,
    categories          jsonb NOT NULL DEFAULT '[]',
    headers             jsonb NOT NULL DEFAULT '[]',
    etag                text,
    last_modified_at    timestamptz,
    raw                 jsonb,
    raw_source          bytea,
    decode_note         text,
    search              tsvector,
    correlation_id      uuid,
    fetched_at          timestamptz,
    content_at          timestamptz,
    stored_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    deleted_at          timestamptz,
    UNIQUE (tenant_id, provider, provider_message_id)
);

CREATE INDEX IF NOT EXISTS idx_messages_search ON api.messages USING gin (search);
CREATE INDEX IF NOT EXISTS idx_messages_internet_message_id ON api.messages (tenant_id, internet_message_id);

-- The order of storing. A row is written as the last step of the storing transaction under an advisory lock that is held
-- until the commit, so seq grows in the order of commits and a reader's cursor never passes a row that commits later.
CREATE TABLE IF NOT EXISTS api.message_feed (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL UNIQUE REFERENCES api.messages (id) ON DELETE CASCADE,
    tenant_id  uuid NOT NULL
);

CREATE INDEX IF NOT EXISTS idx_message_feed_tenant_seq ON api.message_feed (tenant_id, seq);

SELECT api.record_migration(4, '0004_messages.sql', '0.1.3');
