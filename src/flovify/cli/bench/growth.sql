-- name: mailboxes
-- $1 accounts, each with a subscription and a lease row of its past work. Ids follow from the number, so that the
-- statements below need no look-up.
WITH made AS (
    SELECT md5('mailbox ' || n)::uuid AS tenant_id, md5('subscription ' || n)::uuid AS row_id, n
      FROM generate_series(1, $1::int) n
), leased AS (
    INSERT INTO api.mailbox_leases (tenant_id, fence) SELECT tenant_id, 1 FROM made
)
INSERT INTO api.webhook_subscriptions (id, tenant_id, provider, subscription_id, resource, change_types, expires_at, status)
SELECT row_id, tenant_id, 'ms365', 'subscription-' || n, 'users/x/messages', '{created}', now() + interval '6 days', 'active'
  FROM made;

-- name: ledger
-- Settled events number $1 to $2 of $3, over $4 accounts and the three years before now. Keys rise, so that filling
-- costs little; looking them up costs what it always does.
INSERT INTO api.webhook_events (id, tenant_id, provider, event_key, message_id, processed_at, correlation_id,
                                subscription_row_id, kind, change_type, outcome, received_at, taken_at, fetched_at, item)
SELECT uuidv7(at - now()), md5('mailbox ' || 1 + n % $4)::uuid, 'ms365', lpad(to_hex(n), 32, '0')::uuid, 'AAkALg-event-' || n,
       at + interval '1 second', md5(n::text)::uuid, md5('subscription ' || 1 + n % $4)::uuid, 'change', 'created',
       'stored', at, at + interval '0.2 seconds', at + interval '0.8 seconds', '{"resource": "Users/x/Messages/x"}'
  FROM (SELECT n, now() - interval '3 years' * (($3::int - n)::float8 / $3) AS at
          FROM generate_series($1::int, $2::int) n) settled;

-- name: messages
-- Messages number $1 to $2 of $3, over $4 accounts and the same years; every tenth is the first account's. Half of them
-- hold the word "common", one in a hundred "seldom", one in twenty thousand "rare", beside thirty of fifty thousand
-- others; an account has seven folders. The vector is made of the words at once: parsing texts is not what is measured.
WITH made AS (
    SELECT n, md5('mailbox ' || CASE WHEN n % 10 = 0 THEN 1 ELSE 1 + n % $4 END)::uuid AS tenant_id,
           now() - interval '3 years' * (($3::int - n)::float8 / $3) AS at
      FROM generate_series($1::int, $2::int) n
), stored AS (
    INSERT INTO api.messages (id, tenant_id, provider, provider_message_id, internet_message_id, subject, from_address,
                              received_at, body_text, preview, is_read, folder_id, etag, last_modified_at, raw,
                              content_at, stored_at, fetched_at, search)
    SELECT uuidv7(at - now()), tenant_id, 'ms365', 'AAkALg-message-' || lpad(n::text, 9, '0'), '<' || n || '@growth.test>',
           'Message ' || n, '{"name": "A Sender", "address": "sender@growth.test"}', at,
           repeat('Some words of a mail, ', 25), 'Some words', n % 3 > 0, 'folder-' || tenant_id || '-' || n % 7, 'W/' || n,
           at, '{"parentFolderId": "x"}', at, at, at,
           array_to_tsvector(
               (SELECT array_agg('word' || (hashint4(n * 30 + word) & 65535) % 50000) FROM generate_series(1, 30) word)
               || CASE WHEN n % 2 = 0 THEN '{common}'::text[] ELSE '{}' END
               || CASE WHEN n % 100 = 1 THEN '{seldom}'::text[] ELSE '{}' END
               || CASE WHEN n % 20000 = 3 THEN '{rare}'::text[] ELSE '{}' END)
      FROM made
    RETURNING id, tenant_id
)
INSERT INTO api.message_feed (message_id, tenant_id) SELECT id, tenant_id FROM stored ORDER BY id;

-- name: waiting
-- Events number $1 to $2 that wait, due one after the other, over $4 accounts; of $3 none.
INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, kind, change_type, message_id,
                       correlation_id, received_at, due_at, item)
SELECT uuidv7(at - now()), md5('mailbox ' || 1 + n % $4)::uuid, 'ms365', md5('waiting ' || n)::uuid,
       md5('subscription ' || 1 + n % $4)::uuid, 'change', 'created', 'AAkALg-waiting-' || n, md5(n::text)::uuid, at, at,
       '{"resource": "Users/x/Messages/x"}'
  FROM (SELECT n, now() - interval '1 hour' * (($3::int - n)::float8 / $3) AS at
          FROM generate_series($1::int, $2::int) n) waits;

-- name: block_oldest
-- $1 events that are older than all others, of one account that waits for an hour.
WITH blocked AS (
    INSERT INTO api.mailbox_leases (tenant_id, fence, blocked_until, block_reason, failures)
    VALUES (md5('blocked')::uuid, 1, now() + interval '1 hour', 'throttled', 1)
)
INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, kind, change_type, message_id,
                       correlation_id, received_at, due_at, item)
SELECT uuidv7(interval '-2 hours'), md5('blocked')::uuid, 'ms365', md5('blocked ' || n)::uuid, md5('blocked')::uuid,
       'change', 'created', 'AAkALg-blocked-' || n, md5(n::text)::uuid, now() - interval '2 hours',
       now() - interval '2 hours', '{"resource": "Users/x/Messages/x"}'
  FROM generate_series(1, $1::int) n;

-- name: block_all
UPDATE api.mailbox_leases SET blocked_until = now() + interval '1 hour', block_reason = 'throttled', failures = 1;

-- name: quiet
-- Nobody looks at what is filled in, and one transaction never changes so many accounts otherwise.
ALTER TABLE api.message_feed DISABLE TRIGGER USER;
ALTER TABLE api.mailbox_leases DISABLE TRIGGER USER;

-- name: indexes
-- How the indexes of a table are made that no constraint needs: filling a table without them takes a fraction of the time.
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index
 WHERE indrelid = $1::text::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid);
