#!/bin/sh
# Alertmanager reads no environment: fill the names in ${…} in, then become it.
set -eu
awk '{
	while (match($0, /\$\{[A-Z_]+\}/)) {
		name = substr($0, RSTART + 2, RLENGTH - 3)
		if (name != "ALERT_SMTP_USER" && ENVIRON[name] == "") {
			print "deploy/.env: " name " is empty" > "/dev/stderr"
			exit 78
		}
		done = done substr($0, 1, RSTART - 1) ENVIRON[name]
		$0 = substr($0, RSTART + RLENGTH)
	}
	print done $0
	done = ""
}' "${1:?the file}" > "${2:?where to, filled in}"
shift 2
exec "$@"
