-- name: last_minute
-- The last full minute; a count that is just being written at its end belongs to it, hence the seconds.
SELECT date_trunc('minute', clock_timestamp() - interval '2 seconds') - interval '1 minute'

-- name: accounts_in
SELECT count(*) FROM auth.token_handouts WHERE minute = $1

-- name: most_asked_for
-- Accounts handed out more than $2 times in minute $1.
SELECT tenant_id, count FROM auth.token_handouts WHERE minute = $1 AND count > $2 ORDER BY count DESC LIMIT 100

-- name: usual_accounts
-- Accounts in a minute, over the day before minute $1; minutes without any do not count.
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY accounts) AS median, $1::timestamptz - min(minute) AS reach
  FROM (SELECT minute, count(*) AS accounts FROM auth.token_handouts
         WHERE minute >= $1::timestamptz - interval '1 day' AND minute < $1::timestamptz GROUP BY minute) AS before

-- name: usual_of_one
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY count) AS median, $1::timestamptz - min(minute) AS reach
  FROM auth.token_handouts
 WHERE tenant_id = $2 AND minute >= $1::timestamptz - interval '1 day' AND minute < $1::timestamptz

-- name: alarmed_lately
SELECT EXISTS (SELECT FROM auth.audit_log WHERE action = $1 AND subject = $2
                  AND at > clock_timestamp() - make_interval(secs => $3))
