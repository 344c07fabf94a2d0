-- name: schema_version
SELECT version FROM auth.schema_registry WHERE service = 'auth'

-- name: periodic_tasks
SELECT name, due_at, last_started_at, last_finished_at, last_error FROM auth.periodic_tasks ORDER BY name

-- name: now
SELECT clock_timestamp()
