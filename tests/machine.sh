# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2015,SC2016,SC2031,SC2046,SC2154
# machine.sh: a systemd of its own with the package beside it, and what the tests' helpers need inside
#
# Sourced after lib.sh by the scenarios about the installed package. machine_prepare makes the package;
# machine_boot boots, with what is in $machine/files over its root, and starts the stand without programs and
# nginx as one unit: ClickHouse and the world outside are then on the loopback inside.
PATH=$PATH:/usr/sbin:/sbin
machine=$work/machine
MACHINE_PID=''

at_end() { # STATUS
	if [ "$1" -ne 0 ] && [ "$1" -ne 77 ] && [ -e "$machine/ready" ]; then
		inside systemctl --no-pager list-units --all 'slotguard*' >&2
		inside journalctl --no-pager -n 60 >&2
	fi
	[ -n "$MACHINE_PID" ] || return
	kill -TERM "$MACHINE_PID" 2>/dev/null
	wait "$MACHINE_PID" 2>/dev/null
}

# A folder for temporary files that is named outside is not there.
inside() { env -u TMPDIR "$machine/in" "$@"; }
sh_inside() { inside bash -c "$1" inside "${@:2}"; }

machine_prepare() {
	local code=0
	[ "$(id -u)" -eq 0 ] || skip 'only root may boot a second systemd.'
	"$srcdir/tests/boot/package" "$srcdir" "$builddir" || code=$?
	[ $code -eq 0 ] || exit $code
	mkdir -p "$machine/files/srv/packages"
	cp "$builddir/build/package/slotguard.deb" "$machine/files/srv/packages/new.deb"
}

stand_is_ready() { inside test -e /run/stand/ready; }
machine_boot() {
	local code=0
	setpriv --pdeathsig TERM "$srcdir/tests/boot/machine" "$machine" "$srcdir" "$builddir" >"$work/machine.log" 2>&1 &
	MACHINE_PID=$!
	until [ -e "$machine/ready" ]; do
		if ! kill -0 "$MACHINE_PID" 2>/dev/null; then
			wait "$MACHINE_PID" || code=$?
			MACHINE_PID=''
			cat "$work/machine.log" >&2
			[ $code -eq 77 ] && exit 77
			fail 'No systemd boots.'
		fi
		sleep 0.05
	done

	sh_inside '
		systemd-run -q --unit=stand -p KillMode=mixed -E HOME=/root -E SLOTGUARD_BUILD=/srv/build \
			/srv/source/tests/stand/up --without programs --without nginx /run/stand'
	wait_until stand_is_ready
	inside cat /run/stand/env >"$work/env"
	# shellcheck disable=SC1091
	. "$work/env"
	# It is inside, and so is what its programs say.
	STAND_DIR=''
	# Inside there are the folders of the package.
	unset CREDENTIALS_DIRECTORY
	CA_CERT=/run/stand/cert.pem BASE_URL=https://book.example.com
}

# curl runs inside; what it writes comes back by its descriptors.
http() {
	local address=$1
	shift
	case $address in
	/*) address=$BASE_URL$address ;;
	esac
	headers=$work/http/headers body=$work/http/body
	inside curl -sS --cacert "$CA_CERT" --resolve book.example.com:443:127.0.0.1 --max-time 40 -D /dev/stderr \
		-w '\n%{http_code}' "$@" "$address" >"$work/http/answer" 2>"$headers" || :
	status=$(tail -n 1 "$work/http/answer")
	head -n -1 "$work/http/answer" >"$body"
	cp "$headers" "$work/http/error"
}
ch() { inside curl -sS --fail-with-body --data-binary "$1" "$CLICKHOUSE_URL/?wait_end_of_query=1"; }
control() {
	inside curl -sS --fail-with-body --request "$1" ${4+--data-binary "$4"} "$CONTROL_URL/$2/_stand/$3"
}
unit() { inside systemctl show -P "$2" "$1"; } # UNIT PROPERTY
is_unit() { [ "$(unit "$1" "$2")" = "$3" ]; } # UNIT PROPERTY VALUE
expect_unit() { expect_equal "$(unit "$1" "$2")" "$3" "$2 of $1"; }
# What a program has just said may not be written yet.
journal() { inside journalctl --sync && inside journalctl --no-pager -o cat -u 'slotguard*' "$@"; }
# Of everything, since the journal does not know of each line whose it is.
said() { # EXTENDED-REGEXP
	inside journalctl --no-pager -o cat >"$work/said"
	grep -Eq -- "$1" "$work/said"
}
units() { printf 'slotguard-%s.service\n' worker@{1..4} click@{1..4} ops courier; }
all_active() {
	[ "$(inside systemctl show -P ActiveState $(units) | grep -c '^active$')" = 10 ]
}
# The workers of nginx that take requests, without those that only end what they have begun.
nginx_workers() {
	sh_inside 'for pid in $(cat /proc/$(systemctl show -P MainPID nginx)/task/*/children); do
		grep -q "shutting down" "/proc/$pid/cmdline" || echo "$pid"
	done 2>/dev/null || :'
}
nginx_is_new() { # WORKERS-OF-BEFORE
	local now
	now=$(nginx_workers)
	[ -n "$now" ] && ! printf '%s\n' $now | shows -xF "$1"
}
# A reload is over before the workers of the old configuration stop taking requests.
reload_nginx() {
	local before
	before=$(nginx_workers)
	inside systemctl reload nginx
	wait_until nginx_is_new "$before"
}
main_pids() { inside systemctl show -P MainPID $(units) | sed '/^$/d'; }

new_lead() { # sets $booking
	post_json /api/book '{"name":"Ada","email":"ada@example.com","brief":"A call about a thing."}'
	expect_status 201 'a brief'
	booking=$(json .bookingId)
}
open_slots() {
	get "/api/slots?bookingId=$booking"
	expect_status 200 'the open slots'
	mapfile -t slots < <(json '.slots[].slot')
}
click_on() { post_json /api/schedule "{\"bookingId\":\"$booking\",\"slot\":\"$1\"}"; }
