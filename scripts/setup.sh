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

unpacked() { # unpacked <what for> <package> <program>: into .tools/debian; installed, it would start a service of its own
	local program=.tools/debian/$3
	[ ! -x "$program" ] || return 0
	command -v apt-get >/dev/null || die "$1: please put $2 of your system at $program"
	say "$1: $2 of Debian into .tools/debian"
	mkdir -p .tools/debian/packages
	(cd .tools/debian/packages && { apt-get download -qq "$2" 2>/dev/null || { apt-get update -qq && apt-get download -qq "$2"; }; })
	dpkg -x .tools/debian/packages/"$2"_*.deb .tools/debian
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
	unpacked "a reverse proxy for the tests of deploy/" caddy usr/bin/caddy
	command -v curl >/dev/null || debian "a stock SMTP and HTTP client for the tests" curl
	if [ "$kind" = nightly ]; then
		unpacked "alerts for the tests of deploy/" prometheus usr/bin/prometheus
		unpacked "alerts for the tests of deploy/" prometheus-alertmanager usr/bin/prometheus-alertmanager
	fi
else
	say "Python packages into .venv (from uv.lock)"
	# --inexact leaves the tests' tools alone where they are installed.
	"$uv" sync --quiet --frozen --inexact --no-default-groups --python "$python"
fi
[ "$kind" != bench ] || command -v wrk >/dev/null || debian "a load generator for the benchmarks" wrk
