#!/usr/bin/env bash
# Install Flovify into .venv from the lock file. Says each step; safe to repeat.
#   scripts/setup.sh runtime   what `flovify up` needs
#   scripts/setup.sh dev       that, the tests' tools and a headless Chromium
#   scripts/setup.sh nightly   that, and what makes up requests and bytes
#   scripts/setup.sh bench     what `flovify up` needs, and a load generator
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-runtime}
UV_VERSION=0.13.9
export UV_PYTHON_DOWNLOADS=never UV_PYTHON_PREFERENCE=only-system
# The system's authorities, where there are any: a company's own may be among them.
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-true}

say() { printf '\033[2msetup:\033[0m %s\n' "$1"; }
die() { printf 'setup: %s\n' "$1" >&2; exit 1; }

debian() { # debian <what for> <package>...: install from Debian when we may, otherwise say the command
	local reason=$1; shift
	command -v apt-get >/dev/null || die "$reason: please install $* with your system's package manager"
	[ "$(id -u)" = 0 ] || die "$reason: please run: sudo apt-get install -y $*"
	say "$reason: apt-get install $*"
	# Another process may hold dpkg's lock, unattended upgrades for example: wait for it.
	apt-get -o DPkg::Lock::Timeout=600 update -qq || say "apt-get update did not work; going on with the lists that are there"
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" >/dev/null
}

unpacked() { # unpacked <what for> <program> <package>...: into .tools/debian; installed, it would start a service of its own
	local reason=$1 program=.tools/debian/$2 packages package
	shift 2
	[ ! -x "$program" ] || return 0
	command -v apt-get >/dev/null || die "$reason: please put $1 of your system at $program"
	say "$reason: $1 of Debian into .tools/debian"
	mkdir -p .tools/debian/packages
	# Also what it needs and is not on this machine.
	packages=$(apt-get install -s -qq --no-install-recommends "$1" 2>/dev/null | awk '/^Inst/ { print $2 }') || packages=
	packages=$(printf '%s\n' "$@" $packages | sort -u)
	(cd .tools/debian/packages && { apt-get download -qq $packages 2>/dev/null || { apt-get update -qq && apt-get download -qq $packages; }; })
	for package in $packages; do dpkg -x .tools/debian/packages/"$package"_*.deb .tools/debian; done
}

python=$(command -v python3) || { debian "Python 3.11 or newer" python3; python=$(command -v python3); }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed, this is $("$python" -V)"

find_uv() {
	if [ -x .tools/bin/uv ]; then echo .tools/bin/uv; elif command -v uv; then :; else return 1; fi
}
if ! uv=$(find_uv); then
	"$python" -c 'import ensurepip, venv' 2>/dev/null || debian "Python's venv module" python3-venv
	say "uv $UV_VERSION into .tools"
	"$python" -m venv .tools
	.tools/bin/pip install --quiet "uv==$UV_VERSION"
	uv=.tools/bin/uv
fi

if [ "$kind" = dev ] || [ "$kind" = nightly ]; then
	say "Python packages for the product and its tests into .venv (from uv.lock)"
	groups=(--group dev --group e2e --group compat)
	[ "$kind" != nightly ] || groups+=(--group fuzz)
	"$uv" sync --quiet --frozen "${groups[@]}" --python "$python"
	command -v chromium >/dev/null || debian "a headless browser for the browser tests" chromium
	unpacked "a reverse proxy for the tests of deploy/" usr/bin/caddy caddy
	unpacked "an engine for the queue's tests" usr/bin/redis-server redis-server redis-tools libjemalloc2 liblzf1
	command -v curl >/dev/null || debian "a stock SMTP and HTTP client for the tests" curl
	if [ "$kind" = nightly ]; then
		unpacked "alerts for the tests of deploy/" usr/bin/prometheus prometheus
		unpacked "alerts for the tests of deploy/" usr/bin/prometheus-alertmanager prometheus-alertmanager
		# The library of Erlang is several packages, of which some may be installed already and are needed here all the same.
		erlang=(base asn1 crypto eldap ftp inets mnesia os-mon parsetools public-key runtime-tools snmp ssl syntax-tools tftp tools xmerl)
		unpacked "an engine for the queue's tests" usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server "${erlang[@]/#/erlang-}"
	fi
else
	say "Python packages into .venv (from uv.lock)"
	# --inexact leaves the tests' tools alone where they are installed.
	"$uv" sync --quiet --frozen --inexact --no-default-groups --python "$python"
fi
[ "$kind" != bench ] || command -v wrk >/dev/null || debian "a load generator for the benchmarks" wrk
