-- name: add_accounts
-- Connected accounts of the default registration, where there is one.
INSERT INTO auth.tenants (id, provider, external_tenant_id, external_account_id, account_email, display_name, status,
                          status_reason, created_at, updated_at, registration_id)
SELECT id, 'ms365', organization, object_id, email, name, status,
       CASE status WHEN 'reconnect_required' THEN $8::jsonb END,
       now() - interval '90 days' * random(), now(),
       (SELECT registration.id FROM auth.app_registrations registration
         WHERE registration.provider = 'ms365' ORDER BY registration.is_default DESC, registration.created_at LIMIT 1)
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS given (id, organization, object_id, email, name, status, token_type);

-- name: add_tokens
-- They say what was granted and are no tokens: nothing unseals them, and they end so late that nobody renews them.
INSERT INTO auth.tenant_tokens (tenant_id, token_type, encrypted_access_token, scopes, expires_at, last_refreshed_at)
SELECT id, token_type, 'seed',
       CASE token_type WHEN 'delegated'
            THEN ARRAY['openid', 'profile', 'email', 'offline_access', 'User.Read', 'Mail.Read'] ELSE '{}'::text[] END,
       now() + interval '365 days', now() - interval '50 minutes' * random()
  FROM unnest($1::uuid[], $2::text[]) AS given (id, token_type);

-- name: add_subscriptions
-- One a mailbox, most of them good. They are never due: there is nobody to renew them at.
INSERT INTO api.webhook_subscriptions (tenant_id, provider, subscription_id, resource, change_types, expires_at,
                                       created_at, last_renewed_at, status, notification_url, external_user_id,
                                       external_tenant_id, last_error, last_error_at, renewal_failures,
                                       next_renewal_at)
SELECT id, 'ms365', gen_random_uuid()::text, format('users/%s/mailFolders(''inbox'')/messages', object_id), '{created}',
       now() + interval '6 days' * random() + interval '6 hours', now() - interval '30 days' * random(),
       now() - interval '1 day' * random(), CASE WHEN failed THEN 'failed' ELSE 'active' END,
       'https://hooks.example/api/ms365/webhook', object_id, organization,
       CASE WHEN failed THEN 'Microsoft refuses access (403 ErrorAccessDenied).' END,
       CASE WHEN failed THEN now() - interval '5 hours' * random() END, CASE WHEN failed THEN 3 ELSE 0 END,
       now() + interval '10 years'
  FROM (SELECT id, organization, object_id, random() < 0.04 AS failed
          FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (id, organization, object_id)) account;

-- name: add_leases
INSERT INTO api.mailbox_leases (tenant_id, fence) SELECT id, 1 FROM unnest($1::uuid[]) AS given (id)
ON CONFLICT DO NOTHING;

-- name: prepare
-- What the statements that follow draw from: numbered accounts, and when each message came. Few mailboxes get most of
-- the mail, and working hours more than nights.
CREATE TEMPORARY TABLE seed_accounts ON COMMIT DROP AS
SELECT place - 1 AS place, account.id, account.email, account.name, subscription.id AS subscription_row_id,
       subscription.subscription_id
  FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS account (id, email, name, place)
  JOIN api.webhook_subscriptions subscription ON subscription.tenant_id = account.id;

-- name: index_accounts
CREATE UNIQUE INDEX ON seed_accounts (place);

-- name: draw
-- $1 how many, $2 accounts, $3 days. `delay` is from the notification to the stored row, in seconds.
CREATE TEMPORARY TABLE seed_drawn ON COMMIT DROP AS
SELECT number, id, floor($2 * power(random(), 2.2))::bigint AS place,
       least(day + interval '1 hour' * (8 + 10 * random() + CASE WHEN random() < 0.2 THEN 10 * random() - 8 ELSE 0 END),
             now() - interval '1 minute' - interval '1 hour' * random()) AS received_at,
       0.3 + 0.7 * random() + CASE WHEN random() < 0.03 THEN 60 * random() ELSE 0 END AS delay,
       floor(random() * 1000000)::int AS chance
  FROM (SELECT number, gen_random_uuid() AS id,
               date_trunc('day', now()) - interval '1 day' * floor($3 * power(random(), 1.15)) AS day
          FROM generate_series(1, $1) number) numbered;

-- name: index_drawn
CREATE INDEX ON seed_drawn (number);

-- name: add_messages
-- Messages $1 to $2. The other arrays are what they are made of.
WITH made AS (
    SELECT drawn.*, account.id AS tenant_id, account.email, account.name,
           ($3::text[])[1 + chance % cardinality($3::text[])] AS first_name,
           ($4::text[])[1 + chance / 7 % cardinality($4::text[])] AS last_name,
           ($5::text[])[1 + chance / 11 % cardinality($5::text[])] AS host,
           ($6::text[])[1 + chance / 13 % cardinality($6::text[])] AS subject,
           concat_ws(' ', ($7::text[])[1 + chance % cardinality($7::text[])],
                     ($7::text[])[1 + chance / 3 % cardinality($7::text[])],
                     ($7::text[])[1 + chance / 5 % cardinality($7::text[])],
                     ($7::text[])[1 + chance / 17 % cardinality($7::text[])]) AS body
      FROM seed_drawn drawn
      JOIN seed_accounts account USING (place)
     WHERE number BETWEEN $1 AND $2
), addressed AS (
    SELECT made.*, format('%s %s', first_name, last_name) AS sender_name,
           format('%s.%s@%s', lower(first_name), lower(last_name), host) AS sender_address,
           format('%s %s', subject, number) AS full_subject,
           'AAkALg' || replace(id::text, '-', '') AS provider_message_id
      FROM made
)
INSERT INTO api.messages (id, tenant_id, provider, provider_message_id, internet_message_id, subject, sender,
                          from_address, to_addresses, received_at, sent_at, body_text, body_html, preview,
                          has_attachments, attachments, is_read, is_draft, importance, conversation_id, folder_id,
                          headers, etag, last_modified_at, raw, search, fetched_at, content_at, stored_at, updated_at,
                          deleted_at)
SELECT id, tenant_id, 'ms365', provider_message_id, format('<%s@%s>', replace(id::text, '-', ''), host), full_subject,
       jsonb_build_object('name', sender_name, 'address', sender_address),
       jsonb_build_object('name', sender_name, 'address', sender_address),
       jsonb_build_array(jsonb_build_object('name', name, 'address', email)),
       received_at, received_at - interval '2 seconds', body,
       format('<p>Dear %s,</p><p>%s</p><p>%s</p>', name, body, sender_name), left(body, 200),
       chance % 6 = 0,
       CASE WHEN chance % 6 = 0 THEN jsonb_build_array(jsonb_build_object(
            'id', 'AT' || chance, 'name', 'document.pdf', 'content_type', 'application/pdf', 'size', 40000 + chance,
            'inline', false)) ELSE '[]' END,
       chance % 3 > 0, false, CASE WHEN chance % 25 = 0 THEN 'high' ELSE 'normal' END, 'c' || chance / 4, 'inbox',
       jsonb_build_array(jsonb_build_object('name', 'Subject', 'value', full_subject),
                         jsonb_build_object('name', 'From', 'value', format('%s <%s>', sender_name, sender_address))),
       'W/"' || chance || '"', received_at, jsonb_build_object('id', provider_message_id, 'subject', full_subject),
       to_tsvector('simple', concat_ws(' ', full_subject, sender_name, sender_address, name, email, body)),
       received_at + make_interval(secs => delay * 0.6), received_at + make_interval(secs => 1 + delay),
       received_at + make_interval(secs => 1 + delay), received_at + make_interval(secs => 1 + delay),
       CASE WHEN chance % 50 = 0 THEN received_at + interval '1 hour' END
  FROM addressed;

-- name: add_feed
-- In the order of storing.
INSERT INTO api.message_feed (message_id, tenant_id)
SELECT message.id, message.tenant_id
  FROM seed_drawn JOIN api.messages message USING (id)
 ORDER BY message.stored_at;

-- name: add_events
-- What brought them: ids are version 7, of the moment of the notification, a second after Microsoft had the message.
INSERT INTO api.webhook_events (id, tenant_id, provider, event_key, message_id, processed_at, correlation_id,
                                subscription_row_id, kind, change_type, outcome, attempts, received_at, item, taken_at,
                                fetched_at)
SELECT event_id, tenant_id, 'ms365', 'seed ' || message_id, provider_message_id, stored_at, event_id,
       subscription_row_id, 'change', 'created', 'stored', CASE WHEN chance % 100 = 0 THEN 2 ELSE 1 END, notified_at,
       jsonb_build_object('changeType', 'created', 'subscriptionId', subscription_id, 'resource',
                          'Users/x/Messages/' || provider_message_id),
       notified_at + make_interval(secs => delay * 0.2), notified_at + make_interval(secs => delay * 0.8)
  FROM (SELECT message.tenant_id, message.id AS message_id, message.provider_message_id, message.stored_at,
               account.subscription_row_id, account.subscription_id, drawn.delay, drawn.chance,
               drawn.received_at + interval '1 second' AS notified_at,
               (lpad(to_hex((extract(epoch FROM drawn.received_at + interval '1 second') * 1000)::bigint), 12, '0')
                || '7' || substr(md5(drawn.id::text), 1, 3) || '8' || substr(md5(drawn.id::text), 4, 15))::uuid
               AS event_id
          FROM seed_drawn drawn
          JOIN api.messages message USING (id)
          JOIN seed_accounts account USING (place)) event;

-- name: add_attempts
-- One in a hundred needed a second try.
INSERT INTO api.event_attempts (event_id, number, tenant_id, at, stage, outcome, error_kind, error, status, request_id,
                                wait_seconds)
SELECT event.id, attempt.number, event.tenant_id, attempt.at, attempt.stage, attempt.outcome, attempt.error_kind,
       attempt.error, attempt.status, CASE WHEN attempt.status IS NOT NULL THEN gen_random_uuid()::text END,
       attempt.wait_seconds
  FROM seed_drawn drawn
  JOIN api.webhook_events event ON event.provider = 'ms365' AND event.event_key = 'seed ' || drawn.id
 CROSS JOIN LATERAL (VALUES
     (1, event.taken_at, 'fetch', 'retry', 'unavailable', '503 serviceNotAvailable The service is unavailable.', 503,
      5.0::real),
     (2, event.processed_at, 'store', 'done', NULL, NULL, NULL, NULL)
 ) AS attempt (number, at, stage, outcome, error_kind, error, status, wait_seconds)
 WHERE drawn.chance % 100 = 0;

-- name: add_dead_letters
-- $1 how many, $2 accounts, $3 days; then causes, their kinds of trouble and last errors, each as often as it comes.
WITH drawn AS (
    SELECT number, floor($2 * power(random(), 3))::bigint AS place,
           now() - interval '1 day' * $3 * power(random(), 3) - interval '1 minute' AS received_at,
           1 + floor(random() * cardinality($4::text[]))::int AS cause, md5(gen_random_uuid()::text) AS digits
      FROM generate_series(1, $1) number
), dead AS (
    SELECT drawn.*, account.id AS tenant_id, account.subscription_row_id, account.subscription_id,
           (lpad(to_hex((extract(epoch FROM received_at) * 1000)::bigint), 12, '0')
            || '7' || substr(digits, 1, 3) || '8' || substr(digits, 4, 15))::uuid AS id
      FROM drawn JOIN seed_accounts account USING (place)
)
INSERT INTO api.inbox (id, tenant_id, provider, event_key, state, subscription_row_id, subscription_id, kind, change_type,
                       message_id, correlation_id, received_at, due_at, attempts, last_error_kind, last_error,
                       last_error_at, reason, died_at, item)
SELECT id, tenant_id, 'ms365', 'seed dead ' || id, 'dead', subscription_row_id, subscription_id, 'change', 'created',
       'AAkALg' || digits, id, received_at, received_at, 3, ($5::text[])[cause],
       ($6::text[])[cause] || ' (request-id ' || digits::uuid || ')', received_at + interval '40 seconds',
       ($4::text[])[cause], received_at + interval '40 seconds',
       jsonb_build_object('changeType', 'created', 'subscriptionId', subscription_id, 'resource',
                          'Users/x/Messages/AAkALg' || digits)
  FROM dead;

-- name: add_dead_attempts
INSERT INTO api.event_attempts (event_id, number, tenant_id, at, stage, outcome, error_kind, error, wait_seconds)
SELECT dead.id, number, dead.tenant_id, dead.received_at + make_interval(secs => number * 13), 'fetch',
       CASE number WHEN 3 THEN 'dead' ELSE 'retry' END, dead.reason, dead.last_error, CASE number WHEN 3 THEN NULL ELSE 13 END
  FROM api.inbox dead CROSS JOIN generate_series(1, 3) number
 WHERE dead.state = 'dead' AND dead.event_key LIKE 'seed dead %'
ON CONFLICT DO NOTHING;
