#!/bin/bash
# SPDX-License-Identifier: MIT
# t15-limits: who shares a limit of the site, what all have together, and a slow reader who holds no worker
# shellcheck disable=SC2016,SC2154
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --real-limits --workers 2 --set hours.slot_minutes=5 --set hours.window_days=60 --set hours.days=Mon-Sun \
	--set hours.first_start=00:00 --set hours.last_start=23:55
. "$srcdir/tests/journey.sh"
port=${BASE_URL##*:}
site=$STAND_DIR/site.conf

# nginx_anew: it reads the site again; the connections of its old workers do not count any more.
nginx_anew() {
	local old
	old=$(children "$NGINX_PID")
	nginx -t -q -e "$work/nginx.log" -p "$STAND_DIR" -c "$STAND_DIR/nginx.conf" || fail 'nginx refuses the site.'
	kill -HUP "$NGINX_PID"
	wait_until nginx_is_new "$old"
}
nginx_is_new() { ! grep -qxF "$1" <(children "$NGINX_PID"); }

note 'Behind a proxy it is the client who is limited, by address or by the network of 64 bits'
# Nobody is believed but who is named in the site.
cp "$site" "$work/named"
sed -i -E 's|^\s*(set_real_ip_from\|real_ip_)|# &|' "$site"
nginx_anew
get / -H 'X-Forwarded-For: 192.0.2.1'
# nginx may write the line when the answer has left.
is_last() { [ "$(jq -r .address "$STAND_DIR/log/slotguard.access.log" | tail -n 1)" = "$1" ]; }
wait_until is_last 127.0.0.1
cp "$work/named" "$site"
sed -i -e 's|slotguard_brief:4m rate=10r/m|slotguard_brief:4m rate=1r/m|' "$site"
nginx_anew
from() { # ADDRESS PATH: asks for the path twelve times, and sets $refused
	refused=$(curl -sS --cacert "$CA_CERT" -H "X-Forwarded-For: $1" -o /dev/null -w '%{http_code}\n' \
		--data 'name=Ada' "$BASE_URL$2?n=[1-12]" | grep -c 429) || :
}
from 2001:db8:1:2::1 /api/book
[ "$refused" -gt 0 ] || fail 'One IPv6 address has no limit.'
for address in 2001:db8:1:2:: 2001:db8:1:2:3:4:5:6 2001:db8:1:2:ffff::10a; do
	from "$address" /api/book
	expect_equal "$refused" 12 "the refusals of $address, whose network has used its limit up"
done
for address in 2001:db8:1:3::1 2001:db8::1 192.0.2.1 192.0.2.2 ::ffff:192.0.2.3 ::ffff:192.0.2.4; do
	from "$address" /api/book
	[ "$refused" -gt 0 ] && [ "$refused" -lt 12 ] || fail "$address shares the limit of others, or has none ($refused)."
done
wait_until is_last ::ffff:192.0.2.4
for address in 192.0.2.9 ::ffff:192.0.2.9; do from $address /api/book; done
expect_equal "$refused" 12 'the refusals of an IPv4 address that is written as an IPv6 one'

note 'All together have a limit, too, each kind its own'
sed -i -e 's|zone=slotguard_brief_all burst=[0-9]*|zone=slotguard_brief_all burst=2|' \
	-e 's|slotguard_brief_all:64k rate=120r/m|slotguard_brief_all:64k rate=6r/m|' "$site"
nginx_anew
count=0
for n in 1 2 3 4 5 6 7 8; do
	get /api/book -H "X-Forwarded-For: 198.51.100.$n" --data 'name=Ada'
	[ "$status" != 429 ] || count=$((count + 1))
done
[ "$count" -ge 3 ] || fail "Eight clients together have $count refusals."
get / -H 'X-Forwarded-For: 198.51.100.1'
expect_status 200 'a page when there are too many briefs'

note 'Programs without a key have a limit of their own for all together, and those with one that of pages'
sed -i -e 's|zone=slotguard_json_all burst=[0-9]*|zone=slotguard_json_all burst=2|' \
	-e 's|slotguard_brief_all:64k rate=6r/m|slotguard_brief_all:64k rate=1000r/s|' \
	-e 's|zone=slotguard_brief_all burst=[0-9]*|zone=slotguard_brief_all burst=60|' "$site"
nginx_anew
count=0
for n in 11 12 13 14 15 16 17 18; do
	get /api/book -H "X-Forwarded-For: 198.51.100.$n" -H 'Content-Type: application/json' --data '{}'
	[ "$status" != 429 ] || count=$((count + 1))
done
[ "$count" -ge 3 ] || fail "Eight programs together have $count refusals."
get /api/book -H 'X-Forwarded-For: 198.51.100.21' --data 'name=Ada'
expect_status 422 'a form when there are too many programs'
# Anybody can send what is no key, and takes nothing of what all have together.
sed -i -E -e 's#(slotguard_(brief|click)_all:64k rate=)[^;]*#\16r/m#' \
	-e 's#(zone=slotguard_(brief|click)_all burst=)[0-9]*#\19#' "$site"
nginx_anew
for path in /api/book /api/schedule /api/cancel; do
	for n in $(seq 30); do
		get $path -H "X-Forwarded-For: 198.51.100.$((30 + ${#path}))" -H 'Content-Type: application/json; charset=utf-8' \
			-H 'Authorization: Bearer nobody' --data '{}'
		expect_status 401 "number $n of a program with a key"
	done
done
for n in 1 2 3 4; do
	for path in /api/book /api/schedule; do
		get $path -H "X-Forwarded-For: 203.0.113.10$n" --data 'name=Ada'
		[ "$status" != 429 ] || fail "One client that sends what is no key takes $path from others."
	done
done
sed -i -e 's|slotguard_brief_all:64k rate=6r/m|slotguard_brief_all:64k rate=1000r/s|' \
	-e 's|zone=slotguard_brief_all burst=[0-9]*|zone=slotguard_brief_all burst=60|' "$site"
nginx_anew
# What the workers take for a form has the limits of one, whatever else it bears.
for type in application/x-www-form-urlencoded application/jsonx text/plain; do
	count=0
	for _ in 1 2 3 4 5 6 7 8; do
		get /api/book -H "X-Forwarded-For: 203.0.113.${#type}" -H "Content-Type: $type" -H 'Authorization: Bearer nobody' --data 'name=Ada'
		[ "$status" != 429 ] || count=$((count + 1))
	done
	[ "$count" -ge 1 ] || fail "$type with a key has no limit."
done

note 'Readers of a byte a second of a large page hold no worker'
# What the kernel takes on its own is little on a long way, and a few megabytes on loopback.
sed -i -e 's|zone=slotguard_json_all burst=[0-9]*|zone=slotguard_json_all burst=60|' \
	-e "0,\|listen 127.0.0.1:$port ssl http2;|s||listen 127.0.0.1:$port ssl http2 sndbuf=16k;|" "$site"
nginx_anew
new_booking
page="/schedule?bookingId=$booking&tz=Asia/Kathmandu"
get "$page"
[ "$(wc -c <"$body")" -gt 1000000 ] || fail 'The page is too small to hold anybody.'
coproc READERS { exec setpriv --pdeathsig TERM "$srcdir/tests/slow-reader.py" "$port" "$CA_CERT" 6 "$page"; }
read -r -t 30 -u "${READERS[0]}" said
expect_equal "$said" waiting 'what the readers say'
for _ in 1 2 3 4; do
	get / --max-time 5
	expect_status 200 'a page while six readers take their time'
done
kill "$READERS_PID"
