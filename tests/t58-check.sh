#!/bin/bash
# SPDX-License-Identifier: MIT
# t58-check: check and /healthz tell when nobody can book, and are content again when it is mended
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
own=$(mktemp -d "${TMPDIR:-/tmp}/slotguard-own.XXXXXX")
cp -r "$srcdir/templates/." "$own"
stand_start --courier --set site.templates="$own"
. "$srcdir/tests/ctl.sh"
expects_faults

faults() { out '[.[] | select(.state == "FAULT").part] | join(" ")'; }
# The stand's certificate is one of its own authority, whom the tool does not trust: a site of our own.
mkdir "$work/site"
echo hello >"$work/site/index.html"
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$work/site" 0 >"$work/site.log" 2>&1 &
site=$!
site_is_up() { site_port=$(sed -n 's/^Serving HTTP on [^ ]* port \([0-9]*\) .*/\1/p' "$work/site.log") && [ -n "$site_port" ]; }
wait_until site_is_up
sed -i "s|^base_url = .*|base_url = http://127.0.0.1:$site_port|" "$CONF"
# finds PARTS: check has these faults, and ends so.
finds() {
	run 1 check --quick --json
	expect_equal "$(faults)" "$1" 'the faults'
}
is_well() {
	ctl check --quick --json >"$work/out" 2>"$work/err" </dev/null
}
health_is() {
	get /healthz
	[ "$status" = "$1" ]
}

note 'Everything is well'
well_or_why() { is_well || { jq -r '.[] | select(.state == "FAULT") | [.part, .detail] | join(": ")' "$work/out"; cat "$work/err"; false; } >&2; }
wait_until -t 30 well_or_why
expect_equal "$(out '[.[].part] | (index("order") == null) and (contains(["pages", "clicks", "health", "courier", "backlog", "spool", "templates", "site"]))')" \
	true 'that every part is asked'
wait_until health_is 200

note 'A pool that nobody serves: clicks, then pages'
for pool in clicks:click pages:worker; do
	mv "$STAND_DIR/run/${pool#*:}.sock" "$work/link"
	/usr/bin/python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$STAND_DIR/run/${pool#*:}.sock"
	get /healthz
	expect_status 503 'a pool is dead'
	expect_equal "$(json ".${pool%:*}")" unreachable 'what /healthz says'
	finds "${pool%:*} health"
	rm "$STAND_DIR/run/${pool#*:}.sock"
	mv "$work/link" "$STAND_DIR/run/${pool#*:}.sock"
	wait_until is_well
done

note 'Templates that the worker refuses'
echo '{{nothing' >"$own/en/problem.html"
finds templates
cp "$srcdir/templates/en/problem.html" "$own/en"
well_or_why() { is_well || { jq -r '.[] | select(.state == "FAULT") | [.part, .detail] | join(": ")' "$work/out"; cat "$work/err"; false; } >&2; }
wait_until -t 30 well_or_why

note 'A brief that was set aside'
echo '{' >"$STAND_DIR/spool/1-x.json.damaged"
finds spool
rm "$STAND_DIR/spool/1-x.json.damaged"

note 'Resend has too much to do, which is no fault'
fault resend '{"kind":"status","status":429}'
is_well || fail "A 429 is a fault: $(faults)"
faults_clear resend

note 'The site does not answer'
kill "$site"
wait "$site" || :
finds site

note 'Before the programs run they are not asked'
rm "$STAND_DIR"/run/*.sock "$STAND_DIR"/run/counters.*
run 0 check --quick --no-programs
run 1 check --quick --json
[[ $(faults) == 'pages clicks health courier site' ]] || fail "What is stopped is not missed: $(faults)"
rm -rf "$own"
