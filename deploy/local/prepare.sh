#!/usr/bin/env bash
# Make .env.local with secrets of its own, unless there is one.   deploy/local/prepare.sh [folder]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-$here}/.env.local
[ ! -e "$file" ] || { echo "prepare: $file is there already"; exit 0; }
umask 077
while IFS= read -r line; do
	case $line in
	*=RANDOM_KEY) line=${line%RANDOM_KEY}$(openssl rand -base64 32) ;;
	*=RANDOM_ID) line=${line%RANDOM_ID}$(cat /proc/sys/kernel/random/uuid) ;;
	*=RANDOM) line=${line%RANDOM}$(openssl rand -hex 24) ;;
	esac
	printf '%s\n' "$line"
done <"$here/.env.local.example" >"$file"
echo "prepare: made $file"
