#!/usr/bin/env bash
# Make what the compose file needs: secrets, and settings copied from their examples. Nothing that is there is touched,
# so it may be run again at any time, after an upgrade too.
#   deploy/prepare.sh [folder]    (default: the folder it is in)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here}"
# The containers' user reads these files through their mounts; on this machine the folder keeps everybody else out.
umask 022
mkdir -p secrets env
chmod 700 secrets
unset made

say() { printf 'prepare: %s\n' "$1"; }

keep() { # keep <name> <value>: a secret, unless there is one
	[ ! -s "secrets/$1" ] || return 0
	printf '%s' "$2" >"secrets/$1"
	chmod 444 "secrets/$1"
	say "made secrets/$1"
	made=1
}

random() { openssl rand -base64 32; }
password() { openssl rand -hex 24; }

command -v openssl >/dev/null || { say "openssl is needed: apt-get install openssl" >&2; exit 1; }
keep postgres_password "$(password)"
keep owner_database_url "postgresql://flovify_owner:$(cat secrets/postgres_password)@postgres:5432/flovify"
keep auth_database_url "postgresql://flovify_auth:$(password)@postgres:5432/flovify"
keep api_database_url "postgresql://flovify_api:$(password)@postgres:5432/flovify"
for name in oauth_encryption_key service_secret front_door_secret audit_key ms365_client_state; do
	keep "$name" "$(random)"
done
# For docker-compose.monitoring.yml alone.
keep grafana_password "$(password)"
[ -e secrets/alert_smtp_password ] || install -m 444 /dev/null secrets/alert_smtp_password
[ -z "${made:-}" ] || say "keep a copy of secrets/ apart from the database's backups: without oauth_encryption_key no token can be read"

for example in "$here"/.env.example "$here"/env/*.env.example; do
	name=${example#"$here"/}
	name=${name%.example}
	[ -e "$name" ] || { cp "$example" "$name"; say "made $name"; }
done

missing=()
for name in CONSOLE_HOST WEBHOOK_HOST ACME_EMAIL; do
	grep -q "^$name=." .env || missing+=("$name in .env")
done
grep -q '^MICROSOFT_CLIENT_ID=.' env/auth.env || missing+=("MICROSOFT_CLIENT_ID in env/auth.env")
[ -s secrets/microsoft_client_secret ] || missing+=("the app registration's client secret in secrets/microsoft_client_secret")
if [ ${#missing[@]} -gt 0 ]; then
	say "still to be filled in:"
	printf '  - %s\n' "${missing[@]}"
	exit 1
fi
say "ready: docker compose -f deploy/docker-compose.yml up -d"
