#!/bin/bash
# SPDX-License-Identifier: MIT
# t14-nginx: the site: TLS, headers, limits by kind, loopback only, time-outs, and logs without a booking id
# shellcheck disable=SC2015,SC2016,SC2031,SC2046,SC2154
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --set clickhouse.retry_s=0 --real-limits --workers 3
expects_worker_faults '^event_not_written code=stopping '
. "$srcdir/tests/journey.sh"
outside_config google '{"per_minute":0}'
port=${BASE_URL##*:}
plain=http://127.0.0.1:$(sed -n 's/.*listen 127.0.0.1:\([0-9]*\);.*/\1/p' "$STAND_DIR/site.conf" | sed -n 1p)

note 'nginx gives a click more time than the click takes'
preset() { sed -n "/^\[$2\]/,/^\[[^$2]/s/^;*$1 = \([0-9][0-9]*\)\$/\1/p" "$srcdir/slotguard.conf.example"; }
queue=$(preset queue_ms site) google=$(preset timeout_ms google) query=$(preset timeout_ms clickhouse)
[ -n "$queue" ] && [ -n "$google" ] && [ -n "$query" ] || fail 'The example does not say how long a click may take.'
for path in /api/schedule /api/cancel; do
	given=$(sed -n "\|^location = $path|,/^}/s/.*fastcgi_read_timeout \([0-9]*\)s;/\1/p" "$STAND_DIR/nginx/server.conf")
	[ $((given * 1000)) -gt $((queue + google + 5 * query)) ] ||
		fail "nginx waits $given s for $path, which may take $((queue + google + 5 * query)) ms."
done

note 'TLS 1.2 and 1.3, HTTP/2, and the way from http'
talks() { # OPTION ...: does the server agree?
	openssl s_client -connect "127.0.0.1:$port" -CAfile "$CA_CERT" "$@" </dev/null >"$work/tls" 2>&1 &&
		grep -Eq '^ *(Protocol|New, ).*TLSv1' "$work/tls" && ! grep -q 'Cipher is (NONE)' "$work/tls"
}
talks -tls1_3 || fail 'TLS 1.3 is refused.'
talks -tls1_2 || fail 'TLS 1.2 is refused.'
! talks -tls1_1 -cipher DEFAULT@SECLEVEL=0 || fail 'TLS 1.1 is taken.'
! talks -tls1_2 -cipher AES256-GCM-SHA384 || fail 'A cipher without forward secrecy is taken.'
get / --http2
expect_status 200
grep -q '^HTTP/2 200' "$headers" || fail 'It is not HTTP/2.'
expect_header Strict-Transport-Security '^max-age=86400$'
expect_header Content-Security-Policy "default-src 'none'"
expect_header Referrer-Policy '^no-referrer$'
get / --compressed -H 'Accept-Encoding: gzip'
expect_header Content-Encoding '^gzip$'
# Other sites of the domain may have left a great deal with the browser.
for version in 1.1 2; do
	get / --http$version -H "Cookie: a=$(head -c 14000 /dev/zero | tr '\0' '"')"
	expect_status 200 "cookies of 14 kB, by HTTP/$version"
done
get "$plain/schedule?bookingId=x"
expect_status 301
expect_header Location '^https://127\.0\.0\.1/schedule\?bookingId=x$'
mkdir -p "$STAND_DIR/acme/.well-known/acme-challenge"
chmod 755 "$STAND_DIR/acme"
echo proof >"$STAND_DIR/acme/.well-known/acme-challenge/token"
get "$plain/.well-known/acme-challenge/token"
expect_status 200
expect_body '^proof$'

note 'A pool that listens on an address answers those web servers alone that FCGI_WEB_SERVER_ADDRS names'
over_tcp() { # ADDRESSES: what a worker says to FCGI_GET_VALUES from 127.0.0.1, as hexadecimal digits
	local pool tcp=$((20000 + $$ % 10000))
	FCGI_WEB_SERVER_ADDRS=$1 spawn-fcgi -n -a 127.0.0.1 -p $tcp -- \
		"$(command -v setpriv)" --pdeathsig KILL "$builddir/slotguard-worker" -c "$CONF" 2>>"$work/tcp.log" &
	pool=$!
	listens() { exec 7<>"/dev/tcp/127.0.0.1/$tcp"; } 2>/dev/null
	wait_until listens
	printf '\1\11\0\0\0\0\0\0\0' >&7
	timeout 10 head -c 2 <&7 | od -An -tx1 | tr -d ' \n'
	exec 7>&-
	kill "$pool"
	wait "$pool" || :
}
expect_equal "$(over_tcp 10.0.0.1)" '' 'the answer to a stranger'
expect_equal "$(over_tcp 10.0.0.1,127.0.0.1)" 010a 'the answer to the web server'

note 'For ops on a listener of their own, and nowhere else'
for path in /healthz /metrics; do
	get "$OPS_URL$path"
	expect_status 200 "$path"
	get "$OPS_URL$path" --interface 127.0.0.2
	expect_status 403 "$path from another address"
	get "$BASE_URL$path"
	expect_status 404 "$path at the site"
	expect_header Cache-Control '^no-store, no-transform$'
	expect_body '<h1>There is no such page</h1>'
	get "$BASE_URL$path" -H 'Accept: application/json'
	expect_equal "$(json .status)" 404 'the problem'
done
get "$OPS_URL/"
expect_status 404 'a page at the listener for ops'

note 'Clicks that wait for Google hold every click worker, and no page waits'
new_booking
look
fault google '{"kind":"hang","route":"freeBusy"}'
asked=$(requests google freeBusy)
for n in 1 2 3; do
	background held$n click "${slots[n]}"
done
wait_until requests_are google freeBusy $((asked + 3))
get "/schedule?bookingId=$booking" --max-time 5
expect_status 200 'a page meanwhile'
get / --max-time 5
expect_status 200 'the form meanwhile'
click "${slots[5]}"
expect_status 429 'a fourth click at once from one address'
expect_body '<h1>'
expect_header Retry-After '^[0-9]+$'
faults_clear google
kill -TERM $(click_pids) # which cuts the wait for Google
for n in 1 2 3; do
	await held$n
done
wait_until curl -fsS --cacert "$CA_CERT" -o "$work/page" "$BASE_URL/"

note 'Too many of one kind, and the others are served; as HTML and as JSON'
first=$booking
over_limit() { # COMMAND ...: until it is refused
	local n
	for ((n = 0; n < 40; n++)); do
		"$@"
		[ "$status" != 429 ] || return 0
	done
	fail "40 times without a limit: $*"
}
over_limit post /api/cancel "bookingId=$first" version=99
expect_body '<h1>'
expect_header Content-Type '^text/html'
expect_header Retry-After '^[0-9]+$'
over_limit post_json /api/cancel "{\"bookingId\":\"$first\"}"
expect_header Content-Type '^application/problem\+json'
expect_equal "$(json .status)" 429 'the problem'
over_limit post_json /api/book '{"name":"Ada","email":"ada@example.com","brief":"Words."}'
get "/schedule?bookingId=$first"
expect_status 200 'a page after too many clicks and briefs'
curl -sS --cacert "$CA_CERT" --parallel --parallel-max 50 -o /dev/null -w '%{http_code}\n' \
	"$BASE_URL/booking?bookingId=$first&n=[1-300]" >"$work/flood" 2>&1
grep -q 429 "$work/flood" || fail 'There is no limit for pages.'

note 'A journey with faults leaves no booking id in any log, and each request can be found in both'
sleep 1 # the limit for pages lets 10 a second pass
unknown=$(cat /proc/sys/kernel/random/uuid)
referer=(-H "Referer: $BASE_URL/booking?bookingId=$first")
fault clickhouse '{"kind":"hang","route":"select"}'
asked=$(requests clickhouse select)
background killed get "/booking?bookingId=$first" "${referer[@]}"
wait_until requests_are clickhouse select $((asked + 1))
kill -KILL $(page_pids)
await killed
expect_status 502
shown=$(sed -n 's|.*<small>Request \([0-9a-f]*\)</small>.*|\1|p' "$body")
is_the_last() { [ "$(jq -r 'select(.status == 502).request_id' "$STAND_DIR/log/slotguard.access.log" | tail -n 1)" = "$1" ]; }
wait_until is_the_last "$shown"
faults_clear clickhouse
wait_until curl -fsS --cacert "$CA_CERT" -o "$work/page" "$BASE_URL/"
get "/booking/$first" "${referer[@]}"
expect_status 404
get "/booking/${first//-/%2D}" "${referer[@]}"
expect_status 404
get "/schedule?bookingId=$unknown"
expect_status 404
get "/schedule?bookingId=$first&x=$(head -c 20000 /dev/zero | tr '\0' x)" --http1.1
expect_status 414
head -c 70000 /dev/zero | tr '\0' x >"$work/large"
http "/api/book?bookingId=$first" --data-binary "@$work/large" "${referer[@]}"
expect_status 413
get "/booking?bookingId=$first" --max-time 0.001 "${referer[@]}"
printf 'GET /booking?bookingId=%s HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n' "$first" |
	openssl s_client -quiet -connect "127.0.0.1:$port" >"$work/raw" 2>&1 || :
rm -f "$STAND_DIR/worker.sock"
get "/booking?bookingId=$first" "${referer[@]}"
expect_status 502 'no socket'
for id in "$first" "$unknown" "${first//-/}" "${first//-/%2D}"; do
	! grep -ril -- "$id" "$STAND_DIR/log" || fail "A log has the booking id $id."
done
! grep -rhEi '[0-9a-f]{8}(-|%2d)[0-9a-f]{4}(-|%2d)' "$STAND_DIR"/log/{workers,nginx,slotguard}*.log || fail 'A log has a UUID.'
[ ! -s "$STAND_DIR/log/slotguard.error.log" ] || fail "The site's error log has: $(head -n 3 "$STAND_DIR/log/slotguard.error.log")"
jq -es 'length > 20 and all(.request_id | test("^[0-9a-f]{32}$")) and all(has("path", "status", "worker_seconds"))' \
	"$STAND_DIR/log/slotguard.access.log" >"$work/sound" || fail 'The access log is no JSON.'
id=$(jq -r 'select(.path == "/schedule" and .status == 404).request_id' "$STAND_DIR/log/slotguard.access.log" | sed -n 1p)
grep -q "$id" "$STAND_DIR/log/workers.log" || fail "The workers' log does not have the request $id."
