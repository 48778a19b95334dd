#!/bin/bash
# SPDX-License-Identifier: MIT
# t44-guide: an admin who types what README.Debian and slotguard-operations(7) say, from the first start to a restore
# shellcheck disable=SC2015,SC2016,SC2031,SC2046,SC2154
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/machine.sh"
for tool in pebble certbot make-ssl-cert mandoc; do
	command -v $tool >/dev/null || skip "$tool is missing; ./bootstrap check installs it."
done
machine_prepare

note 'A machine with ClickHouse, an authority for certificates, and names that lead to itself'
mkdir -p "$machine"/files/{usr/local/bin,etc/systemd/system,etc/clickhouse-server/config.d,etc/letsencrypt}
cp "$srcdir/tests/boot/clickhouse-client" "$machine/files/usr/local/bin"
cat >"$machine/files/etc/systemd/system/clickhouse-server.service" <<END
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/srv/source/tests/boot/clickhouse-server
END
# What certbot would take from Let's Encrypt it gets from pebble, and it asks nobody.
cat >"$machine/files/etc/letsencrypt/cli.ini" <<END
server = https://127.0.0.1:14000/dir
no-verify-ssl = True
agree-tos = True
register-unsafely-without-email = True
non-interactive = True
no-random-sleep-on-renew = True
quiet = True
END
machine_boot
CA_CERT=/etc/ssl/certs/pebble.pem
authority() { # DAYS: pebble, whose certificates last so long
	sh_inside '
		systemctl -q stop pebble 2>/dev/null
		jq -n --argjson s "$1" "{pebble: {listenAddress: \"127.0.0.1:14000\", managementListenAddress: \"127.0.0.1:15000\",
			certificate: \"/run/stand/cert.pem\", privateKey: \"/run/stand/key.pem\", httpPort: 80, tlsPort: 443,
			ocspResponderURL: \"\", externalAccountBindingRequired: false, certificateValidityPeriod: \$s}}" >/run/pebble.json
		systemd-run -q --unit=pebble --collect -E PEBBLE_VA_NOSLEEP=1 -E PEBBLE_WFE_NONCEREJECT=0 pebble -config /run/pebble.json
		until curl -fsk https://127.0.0.1:15000/roots/0 >/etc/ssl/certs/pebble.pem; do sleep 0.05; done
		# Its root is another at each start, and it has forgotten who had an account.
		rm -rf /etc/letsencrypt/accounts
		[ ! -d /etc/letsencrypt/renewal ] || sed -i "/^account = /d" /etc/letsencrypt/renewal/*
		ln -sf pebble.pem "/etc/ssl/certs/$(openssl x509 -hash -noout -in /etc/ssl/certs/pebble.pem).0"' \
		$(($1 * 86400))
}
sh_inside '
	echo "127.0.0.1 book.example.com" >>/etc/hosts
	ln -sf /dev/null /etc/systemd/system/certbot.timer
	useradd -r clickhouse
	make-ssl-cert generate-default-snakeoil 2>/dev/null'
authority 90
inside env DEBIAN_FRONTEND=noninteractive dpkg --force-depends -i /srv/packages/new.deb >"$work/output" 2>&1 ||
	fail "The package cannot be installed: $(cat "$work/output")"

# ---- What is typed ----

# A command is a line after `# `, and what follows below it; in README.Debian each line that stands so far right.
inside cat /usr/share/man/man7/slotguard-operations.7.gz | zcat | mandoc -Tutf8 -O width=400 | col -bx >"$work/manual"
inside cat /usr/share/doc/slotguard/README.Debian >"$work/guide"
# block SECTION [SUBSECTION]: the commands of the manual there.
block() {
	awk -v section="$1" -v part="${2:-}" '
		/^[A-Z]/ { in_section = $0 == section; in_part = part == ""; next }
		/^   [^ ]/ { in_part = part == "" || substr($0, 4) == part; next }
		in_section && in_part' "$work/manual" | commands
}
commands() {
	awk '
		{ match($0, /^ */) }
		/^ +# / { column = RLENGTH; print substr($0, column + 3); goes_on = 1; next }
		/^ *$/ || RLENGTH < column { goes_on = 0 }
		goes_on { print substr($0, column + 1) }'
}
step() { # NUMBER: the commands of a step of README.Debian
	awk -v n=" $1. " '/^ [0-9]\. / { is_it = substr($0, 1, 4) == n } is_it && /^        / { print substr($0, 9) }' "$work/guide"
}
: >"$work/typed"
# types: what comes in is typed into one shell, and each command succeeds.
types() {
	cat >"$work/block"
	[ -s "$work/block" ] || fail 'There is nothing to be typed.'
	cat "$work/block" >>"$work/typed"
	inside bash -ec "$(cat "$work/block")" typed >"$work/output" 2>&1 ||
		fail "What the manual says fails: $(cat "$work/block") $(cat "$work/output")"
}

# check: what it finds, as `part part`; its status fits.
faults() {
	local code=0
	inside slotguardctl check --quick --json >"$work/check" 2>"$work/check.err" </dev/null || code=$?
	jq -r '[.[] | select(.state == "FAULT").part] | join(" ")' "$work/check" >"$work/faults"
	[ $code -eq "$([ -s "$work/faults" ] && [ -n "$(cat "$work/faults")" ] && echo 1 || echo 0)" ] || fail "check ends with $code: $(cat "$work/check.err")"
	cat "$work/faults"
}
is_well() { [ -z "$(faults)" ]; }
well_again() {
	wait_until -t 30 is_well
}
finds() { # PARTS [EXTENDED-REGEXP]
	expect_equal "$(faults)" "$1" 'what check finds'
	[ $# -lt 2 ] || grep -Eq -- "$2" "$work/check" "$work/check.err" || fail "check does not say $2: $(cat "$work/check")"
}

note 'README.Debian, in its order'
step 1 | types
sh_inside '
	sed -i -e "s|^;\(base_url = \).*|\1https://book.example.com|; s|^;\(name = \).*|\1Avo|; s|^;\(from = \).*|\1Avo <calls@book.example.com>|" \
		-e "s|^;\(chat_id = \).*|\1123456|" /etc/slotguard/slotguard.conf
	# Where the world outside is, here.
	cp /run/stand/credentials/[grt]* /etc/slotguard/credentials/'
# set_key SECTION KEY VALUE
set_key() {
	sh_inside 'sed -i -e "/^\[$1\]/,/^\[/{/^;*$2 = /d}" -e "s|^\[$1\]\$|&\n$2 = $3|" /etc/slotguard/slotguard.conf' "$@"
}
outside_key() { inside sed -n "/^\[$1\]/,/^\[/s/^$2 = //p" /run/stand/slotguard.conf; }
for key in clickhouse.url google.auth_url google.token_url google.api_url resend.api_url telegram.api_url; do
	set_key "${key%.*}" "${key#*.}" "$(outside_key "${key%.*}" "${key#*.}")"
done
# One address makes all the calls, faster than people type.
for key in briefs_per_address calls_per_address mails_per_address briefs_per_client calls_per_client; do
	set_key fair $key 0
done
set_key site form_min_s 0
inside sed -i 's|rate=[0-9]*r/[sm]|rate=1000r/s|' /etc/nginx/sites-available/slotguard.conf
control POST resend config '{"per_second":0}' >"$work/output"
sh_inside 'rm -f /etc/nginx/sites-enabled/*; systemctl start nginx'
for n in 3 4 5; do
	step $n | types
done
expect_unit slotguard.target ActiveState active
wait_until all_active
well_again
expect_equal "$(jq -r '.[] | select(.part == "certificate").state' "$work/check")" ok 'the row of the certificate'
get /
expect_status 200 'the site, with a certificate that is believed'
new_lead
open_slots
click_on "${slots[4]}"
expect_status 200 'a click'

note 'Users of ClickHouse, by the manual'
block 'USERS OF CLICKHOUSE' | types
wait_until all_active
well_again
expect_equal "$(inside cat /run/credentials/slotguard-courier.service/clickhouse-user)" slotguard_courier "the courier's user"
new_lead
click_on "${slots[5]}"
expect_status 200 'a click, as another user'
booked=$booking

note 'A backup, what comes after it, a database that is lost, and the restore'
block BACKUP | types
expect_equal "$(inside systemctl is-active slotguard-backup.timer)" active 'the timer'
new_lead
click_on "${slots[6]}"
expect_status 200 'a click after the backup'
after=$booking
block RESTORING | types
wait_until all_active
well_again
get "/booking?bookingId=$booked" -H 'Accept: application/json'
expect_status 200 'what was booked before the backup'
expect_equal "$(json .slot)" "${slots[5]}" 'its time'
get "/booking?bookingId=$after"
expect_status 404 'what was booked after the backup'
new_lead
click_on "${slots[7]}"
expect_status 200 'a click after the restore'

# ---- What check finds, and what mends it ----

note 'Nothing runs'
inside systemctl stop slotguard.target 'slotguard-*.service' nginx 2>"$work/output"
finds 'pages clicks health courier site'
block 'BY SYMPTOM' 'Nothing answers' | types
well_again

note 'No worker answers: a template that it refuses, and visitors'
sh_inside 'echo "{{nothing" >>/usr/share/slotguard/templates/en/booking.html; systemctl restart slotguard.target'
get /
expect_status 502 'with workers that refuse'
finds 'templates pages clicks health courier site' 'booking.html'
block 'BY SYMPTOM' 'Every page is 502' | sed -n 1p >"$work/mend"
! inside bash -c "$(cat "$work/mend")" 2>"$work/output" || fail 'The programs start with such a template.'
sh_inside 'sed -i "\$d" /usr/share/slotguard/templates/en/booking.html'
types <"$work/mend"
wait_until all_active
well_again

note 'The pool for clicks is gone'
inside systemctl stop slotguard-click.socket 'slotguard-click@*'
finds 'clicks health'
block 'BY SYMPTOM' 'Nothing answers' | types
wait_until all_active
well_again

note 'No courier runs'
inside systemctl stop slotguard-courier
finds courier
block 'BY SYMPTOM' 'No mails, no alerts' | grep '^systemctl start ' | types
well_again

note 'A ledger that is rebuilt under workers that run'
inside slotguardctl ledger rebuild --yes >"$work/output" 2>&1
finds health
block 'BY SYMPTOM' 'Every page is 503, or “bookings are paused”' | grep 'restart slotguard' | types
wait_until all_active
well_again

note 'A sender that Resend refuses: mails wait, and go when that is mended'
control POST resend config '{"domains":["other.example.com"]}' >"$work/output"
finds sender
control POST resend config '{"domains":["book.example.com"]}' >"$work/output"
well_again

note 'nginx as a user who does not reach the sockets'
inside sed -i 's/^user .*/user daemon;/' /etc/nginx/nginx.conf
inside systemctl restart nginx
finds site 'nginx does not reach them'
block 'BY SYMPTOM' 'Every page is 502' | grep '^ps' | types
grep -q '^daemon$' "$work/output" || fail "The manual's line does not show nginx's user: $(cat "$work/output")"
inside sed -i 's/^user .*/user www-data;/' /etc/nginx/nginx.conf
block 'BY SYMPTOM' 'Every page is 502' | grep '^systemctl restart nginx' | types
well_again

note 'A certificate that has ten days left is renewed, and nginx serves the new one by itself'
authority 10
inside certbot renew --force-renewal >"$work/output" 2>&1 || fail "certbot: $(cat "$work/output")"
finds certificate '(9|10) days are left'
authority 90
block 'BY SYMPTOM' 'Browsers warn of the certificate' | types
well_again

note 'A brief that was set aside'
sh_inside 'echo "{\"name\": \"Ada\", \"brief\": \"Cut o" >/var/lib/slotguard/spool/1764600000000-x.json.damaged'
finds spool
block 'BY SYMPTOM' 'A brief was set aside' | types
grep -q 'Cut o' "$work/output" || fail "The manual's line does not show the brief: $(cat "$work/output")"
well_again

note 'ClickHouse hangs, and is down'
for signal in STOP KILL; do
	inside sh -c "kill -$signal \$(cat /run/stand/clickhouse.pid)"
	[[ $(faults) == *ClickHouse* ]] || fail "check does not say that ClickHouse is down: $(cat "$work/faults")"
	block 'BY SYMPTOM' 'Every page is 503, or “bookings are paused”' | grep 'restart clickhouse' | types
	well_again
done

note 'A secret that cannot be read'
sh_inside 'mv /etc/slotguard/credentials/google-refresh-token /root/; mkdir /etc/slotguard/credentials/google-refresh-token'
code=0
inside slotguardctl check --quick >"$work/output" 2>&1 || code=$?
[ $code -eq 1 ] && grep -q 'google-refresh-token: cannot be read' "$work/output" || fail "A secret that cannot be read is no fault: $(cat "$work/output")"
sh_inside 'rmdir /etc/slotguard/credentials/google-refresh-token; mv /root/google-refresh-token /etc/slotguard/credentials/'
block 'ROTATING SECRETS' | types
well_again

note 'Workers on the network: check asks them there'
sh_inside 'mkdir -p /run/systemd/system/slotguard.socket.d
	printf "[Socket]\nListenStream=\nListenStream=127.0.0.1:9000\n" >/run/systemd/system/slotguard.socket.d/tcp.conf
	sed -i "s|server unix:/run/slotguard/worker.sock;|server 127.0.0.1:9000;|" /etc/nginx/sites-available/slotguard.conf
	systemctl daemon-reload && systemctl restart slotguard.socket && rm -f /run/slotguard/worker.sock'
reload_nginx
wait_until all_active
well_again
expect_equal "$(jq -r '.[] | select(.part == "pages").state' "$work/check")" ok 'the row of the pages'
inside systemctl stop slotguard.socket 'slotguard-worker@*'
finds 'pages health site' '127.0.0.1:9000'
sh_inside 'rm -r /run/systemd/system/slotguard.socket.d
	sed -i "s|server 127.0.0.1:9000;|server unix:/run/slotguard/worker.sock;|" /etc/nginx/sites-available/slotguard.conf
	systemctl daemon-reload; systemctl start slotguard.target'
reload_nginx
wait_until all_active
well_again

note 'What else the manual has typed'
block 'CHANGING HOURS WITH BOOKINGS STANDING' | types
block UPGRADING | types
wait_until all_active
inside mkdir -p /var/lib/clickhouse
request=$(sh_inside 'jq -r "select(.path == \"/api/schedule\").request_id" /var/log/nginx/slotguard.access.log | tail -n 1')
block 'BY SYMPTOM' >"$work/lines"
while read -r line; do
	# Ids, a time and a version stand there for others.
	said=${line/0123456789abcdef/$request} said=${said/> VERSION/> 4000000000}
	said=${said/"'ID'"/"'00000000-0000-4000-8000-000000000000'"}
	grep -qxF -- "$line" "$work/typed" || types <<<"${said/2026-12-01T08:00/"$(date -d yesterday +%F)T08:00"}"
done <"$work/lines"
block 'BY SYMPTOM' >>"$work/typed"
commands <"$work/manual" | grep -vxFf "$work/typed" >"$work/left" || :
[ ! -s "$work/left" ] || fail "Nobody has typed: $(cat "$work/left")"
