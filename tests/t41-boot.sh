#!/bin/bash
# SPDX-License-Identifier: MIT
# t41-boot: the installed package under a real systemd: from the first start to an upgrade and a purge
# shellcheck disable=SC2015,SC2016,SC2031,SC2046,SC2154
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/machine.sh"
machine_prepare

# The same as an older version.
dpkg-deb -R "$builddir/build/package/slotguard.deb" "$work/old"
sed -i 's/^Version: .*/Version: 0.0.1~older/' "$work/old/DEBIAN/control"
dpkg-deb -Zgzip -b "$work/old" "$machine/files/srv/packages/old.deb" >"$work/output"

note 'A systemd of its own'
machine_boot

note 'Installed: neither enabled nor started, a key made, and a configuration that wants to be set'
inside env DEBIAN_FRONTEND=noninteractive dpkg --force-depends -i /srv/packages/old.deb >"$work/output" 2>&1 ||
	fail "The package cannot be installed: $(cat "$work/output")"
grep -q 'systemctl enable --now slotguard.target' "$work/output" || fail 'Nobody is told what comes next.'
expect_equal "$(inside systemctl is-enabled slotguard.target || :)" disabled 'the target'
! inside slotguard-worker -t 2>"$work/output" || fail 'The worker starts with what nobody has set.'
grep -q '\[site\] base_url is missing' "$work/output" || fail "The worker does not say what is missing: $(cat "$work/output")"
expect_equal "$(sh_inside 'stat -c "%U %G %a" /var/log/nginx/slotguard.access.log')" 'www-data adm 640' 'the access log'
# As autopkgtest runs it.
sh_inside 'make-ssl-cert generate-default-snakeoil && mkdir /run/autopkgtest && cd /srv/source && ADTTMP=/run/autopkgtest \
	AUTOPKGTEST_TMP=/run/autopkgtest sh debian/tests/installed' >"$work/output" 2>&1 || fail "debian/tests/installed fails: $(cat "$work/output")"
inside systemctl stop nginx
inside systemctl -q enable slotguard.target
expect_unit slotguard.target ActiveState inactive
expect_equal "$(sh_inside 'ls /etc/systemd/system/slotguard.target.wants | wc -l')" 14 'the number of units it brings'
expect_equal "$(sh_inside 'stat -c "%U %a" /etc/slotguard/credentials/signing-key')" 'root 600' 'the key'
expect_equal "$(sh_inside 'stat -c "%U %G %a" /run/slotguard /var/lib/slotguard/spool' | xargs)" \
	'root slotguard 2771 root slotguard 2770' 'what the programs share'

note 'Each kind of wrong start: one clear sentence in the journal, and no service that does half'
# refuses SENTENCE COMMAND [PROGRAM]: after the command, run inside, neither of the two programs (or only
# the other one) starts, and the journal says why.
refuses() {
	local began program name
	began=$(sh_inside "$2; date +%s.%N")
	inside systemctl start slotguard.target || :
	for program in ${3:-worker courier}; do
		name=slotguard-$program
		[ "$program" = courier ] || name+=@1
		wait_until is_unit "$name" ActiveState failed
		expect_unit "$name" Result exit-code
		# It is not tried over and over.
		expect_unit "$name" NRestarts 0
		journal --since "@$began" >"$work/journal"
		grep -Eq "^slotguard-$program does not start: .*($1)" "$work/journal" ||
			fail "The $program does not say '$1': $(tail -n 5 "$work/journal")"
	done
	inside systemctl stop slotguard.target
	inside systemctl reset-failed
}
sh_inside '
	cp /run/stand/credentials/* /etc/slotguard/credentials/
	sed -e "/^templates\|^runtime_dir\|^spool_dir/d" -e "s|^base_url = .*|base_url = https://book.example.com|" \
		/run/stand/slotguard.conf >/etc/slotguard/slotguard.conf
	cp /etc/slotguard/slotguard.conf /root/sound.conf'
refuses 'slotguard.conf:[0-9]+: there is no key \[hours\] colour' \
	'sed -i "s/^\[hours\]$/&\ncolour = red/" /etc/slotguard/slotguard.conf'
sh_inside 'cp /root/sound.conf /etc/slotguard/slotguard.conf'
# So does what is started by a reboot before it is set up, also when somebody has enabled it.
for key in base_url name from chat_id; do
	refuses "$key is missing" "sed -i 's/^$key = /;&/' /etc/slotguard/slotguard.conf"
	wait_until said "^slotguardctl: .*$key is missing"
	sh_inside 'cp /root/sound.conf /etc/slotguard/slotguard.conf'
done
refuses 'signing-key: is empty' ': >/etc/slotguard/credentials/signing-key' worker
refuses 'signing-key must hold at least 32 characters' 'rm /etc/slotguard/credentials/signing-key' worker
sh_inside 'cp /run/stand/credentials/signing-key /etc/slotguard/credentials/'
for pair in booking.html:worker mail.html:courier; do
	refuses "templates/en has no ${pair%:*}" "mv /usr/share/slotguard/templates/en/${pair%:*} /root/" "${pair#*:}"
	sh_inside 'mv "/root/$1" /usr/share/slotguard/templates/en/' "${pair%:*}"
done
refuses 'timezone = America/New_York: /usr/share/zoneinfo has no zone data' 'mount -t tmpfs tmpfs /usr/share/zoneinfo'
sh_inside 'umount /usr/share/zoneinfo'
sh_inside 'mkdir -p /etc/systemd/system/slotguard.socket.d
	printf "[Socket]\nListenStream=127.0.0.1:9000\n" >/etc/systemd/system/slotguard.socket.d/port.conf
	systemctl daemon-reload
	systemd-run -q --unit=squatter node -e "require(\"net\").createServer().listen(9000, \"127.0.0.1\")"'
port_is_taken() { sh_inside '(exec 3<>/dev/tcp/127.0.0.1/9000) 2>/dev/null'; }
wait_until port_is_taken
inside systemctl start slotguard.target || :
wait_until said 'slotguard.socket: Failed to create listening socket \(127.0.0.1:9000\): Address already in use'
expect_unit slotguard-worker@1 ActiveState inactive
sh_inside 'systemctl stop squatter slotguard.target
	rm -r /etc/systemd/system/slotguard.socket.d
	systemctl daemon-reload
	systemctl reset-failed'

note 'A spool on a full disk stops nothing; a ClickHouse that is too old is refused, and tried again until that has passed'
# fails_for SENTENCE: the worker is not there, says why, and comes by itself.
fails_for() {
	inside systemctl start --no-block slotguard.target
	wait_until said "^slotguard-worker does not start: .*$1"
	wait_until said "^slotguard-courier does not start: .*$1"
	! is_unit slotguard-worker@1 ActiveState active || fail "The worker runs in spite of: $1"
}
sh_inside 'mount -t tmpfs -o size=16k tmpfs /var/lib/slotguard && systemd-tmpfiles --create slotguard.conf'
inside systemctl start --no-block slotguard.target
wait_until all_active
sh_inside 'systemctl stop slotguard.target; umount /var/lib/slotguard; systemctl reset-failed'
control POST clickhouse faults '{"kind":"garbage","route":"select","match":"version()","body":"24.3.1.1\t\n"}' >"$work/output"
fails_for 'ClickHouse is version 24.3.1.1 and has no [a-z_]+; [0-9.]+ is the oldest that serves'
control DELETE clickhouse faults >"$work/output"
wait_until all_active
inside systemctl stop slotguard.target

note 'nginx with the site'
sh_inside '
	rm -f /etc/nginx/sites-enabled/*
	sed -i -e "s|ssl_certificate [^;]*;|ssl_certificate /run/stand/cert.pem;|" \
		-e "s|ssl_certificate_key [^;]*;|ssl_certificate_key /run/stand/key.pem;|" \
		-e "s|rate=[0-9]*r/[sm]|rate=1000r/s|" /etc/nginx/sites-available/slotguard.conf
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=book.example.com \
		-addext subjectAltName=DNS:book.example.com -keyout /run/stand/key.pem -out /run/stand/cert.pem 2>/dev/null
	ln -s ../sites-available/slotguard.conf /etc/nginx/sites-enabled/book
	nginx -t -q && systemctl start nginx.service' >"$work/output" 2>&1 || fail "nginx does not start: $(cat "$work/output")"
get /
expect_status 502 'without workers'

note 'A visitor does not start a worker that refuses over and over: 502 at once, and a start after the mend'
began=$(sh_inside 'mv /usr/share/slotguard/templates/en/booking.html /root/; date +%s.%N')
inside systemctl start slotguard.target || :
get /
expect_status 502 'with workers that refuse'
wait_until is_unit slotguard.socket Result trigger-limit-hit
get / --max-time 5
expect_status 502 'the next one'
journal --since "@$began" >"$work/journal"
# Nine of the target, and those of the visitor.
starts=$(grep -c '^slotguard-worker does not start: ' "$work/journal")
[ "$starts" -le 15 ] || fail "One visitor has caused $starts starts."
sh_inside 'mv /root/booking.html /usr/share/slotguard/templates/en/ && systemctl start slotguard.target'
wait_until all_active
get /
expect_status 200 'after the mend'
inside systemctl stop slotguard.target

note 'One start brings three sockets, two pools of four, a worker for ops, the schema and the courier'
began=$(sh_inside 'echo default >/etc/slotguard/operator/clickhouse-user; date +%s.%N')
inside systemctl start slotguard.target
all_active || fail 'Not everything runs.'
expect_unit slotguard-migrate Result success
expect_unit slotguard-migrate ActiveState active
for socket in slotguard.socket slotguard-click.socket slotguard-ops.socket; do
	expect_unit "$socket" ActiveState active
done
for path in healthz metrics; do
	get http://127.0.0.1:9145/$path
	expect_status 200 "$path"
done
get /metrics
expect_status 404 'the metrics at the site'
! inside curl -sk --resolve other.example.com:443:127.0.0.1 https://other.example.com/ >"$work/output" ||
	fail 'Who asks for another name gets an answer.'
for secret in $(sh_inside 'ls /etc/slotguard/credentials'); do
	case $secret in
	signing-key | api-key*) having='worker@1 click@1' lacking='ops courier migrate' ;;
	resend-* | telegram-*) having=courier lacking='worker@1 click@1 ops migrate' ;;
	google-*) having='worker@1 click@1 ops courier' lacking=migrate ;;
	*) having='worker@1 click@1 ops courier migrate' lacking='' ;;
	esac
	for unit in $having; do
		sh_inside 'cmp -s "/run/credentials/slotguard-$1.service/$2" "/etc/slotguard/credentials/$2"' "$unit" "$secret" ||
			fail "The unit $unit does not get $secret."
	done
	for unit in $lacking; do
		! inside test -e "/run/credentials/slotguard-$unit.service/$secret" || fail "The unit $unit gets $secret."
	done
done
given() { inside cat "/run/credentials/$1.service/clickhouse-user"; }
expect_equal "$(given slotguard-migrate)" default "the migrations' user of ClickHouse"
expect_equal "$(given slotguard-worker@1)" none "the workers' user of ClickHouse"
journal --since "@$began" >"$work/journal"
! grep '^off ' "$work/journal" || fail 'A service is off that has its secrets.'
sh_inside 'rm /etc/slotguard/credentials/telegram-bot-token && mkdir /etc/slotguard/credentials/telegram-bot-token
	systemctl restart slotguard-courier'
journal --since "@$began" >"$work/journal"
grep -q '^off service=telegram .*telegram-bot-token' "$work/journal" || fail 'Nobody reads that a secret cannot be read.'
sh_inside 'rmdir /etc/slotguard/credentials/telegram-bot-token
	cp /run/stand/credentials/telegram-bot-token /etc/slotguard/credentials/
	systemctl restart slotguard-courier'
expect_equal "$(sh_inside 'for pid in $(systemctl show -P MainPID "slotguard-*" | sed "/^$/d; /^0$/d"); do
	ps -o user:20=,group:20= -p $pid; done | sort | uniq -c | xargs')" '1 slotguard-courier slotguard 9 slotguard-web slotguard' \
	'the users of the programs'
# What belongs to root in /proc is of a process into which its own user cannot look.
expect_equal "$(sh_inside 'stat -c %U /proc/$1/mem' "$(unit slotguard-worker@1 MainPID)")" root 'the owner of the memory of a worker'

note 'A booking through nginx'
new_lead
open_slots
click_on "${slots[3]}"
expect_status 200
booked=$booking slot=${slots[3]}
holds() { # after whatever happened
	get "/booking?bookingId=$booked" -H 'Accept: application/json'
	expect_status 200
	expect_equal "$(json .slot)" "$slot" 'what is booked'
}
holds
has_event() { [ "$(control GET google state | jq '.events | length')" -ge 1 ]; }
wait_until has_event

note 'A second machine, by TCP: it serves when the first does not'
sh_inside '
	mkdir -p /run/systemd/system/slotguard.socket.d
	printf "[Socket]\nListenStream=\nListenStream=127.0.0.1:9000\n" >/run/systemd/system/slotguard.socket.d/tcp.conf
	sed -i "s|# server 10.0.0.2:9000;|server 127.0.0.1:9000;|" /etc/nginx/sites-available/slotguard.conf
	systemctl daemon-reload && systemctl restart slotguard.socket && rm -f /run/slotguard/worker.sock'
reload_nginx
wait_until all_active
for _ in 1 2 3 4; do
	holds
done
sh_inside '
	rm -r /run/systemd/system/slotguard.socket.d
	sed -i "s|server 127.0.0.1:9000;|# &|" /etc/nginx/sites-available/slotguard.conf
	systemctl daemon-reload && systemctl restart slotguard.socket'
reload_nginx
wait_until all_active

note 'A worker that crashes comes back; the socket starts one that was stopped'
pid=$(unit slotguard-worker@2 MainPID)
inside kill -SEGV "$pid"
came_back() { is_unit slotguard-worker@2 NRestarts 1 && is_unit slotguard-worker@2 ActiveState active; }
wait_until came_back
inside systemctl stop 'slotguard-worker@*' 2>"$work/output" # which warns of the socket
holds
expect_unit slotguard-worker@1 ActiveState active
inside systemctl start slotguard.target
wait_until all_active

note 'A worker that hangs is found by the watchdog'
sh_inside 'mkdir -p /run/systemd/system/slotguard-worker@3.service.d
	printf "[Service]\nWatchdogSec=1\n" >/run/systemd/system/slotguard-worker@3.service.d/short.conf
	systemctl daemon-reload && systemctl restart slotguard-worker@3'
inside kill -STOP "$(unit slotguard-worker@3 MainPID)"
watchdog_bit() { [ "$(unit slotguard-worker@3 NRestarts)" -ge 1 ] && is_unit slotguard-worker@3 ActiveState active; }
wait_until watchdog_bit
wait_until said 'slotguard-worker@3.service: Watchdog timeout'
sh_inside 'rm -r /run/systemd/system/slotguard-worker@3.service.d && systemctl daemon-reload && systemctl restart slotguard-worker@3'

# ---- Under load ----

# Visitors who look and book, inside.
visitors_start() {
	sh_inside 'rm -f /run/answers*; touch /run/answers
	for n in 1 2 3; do systemd-run -q --unit=visitor$n --collect /srv/source/tests/boot/visitor /run/answers; done'
}
visitors_left() { ! inside systemctl is-active -q visitor1 visitor2 visitor3; }
visitors_end() {
	inside touch /run/answers.end
	wait_until visitors_left
	inside cat /run/answers >"$work/answers"
}
answered() { [ "$(inside grep -c '^click 303' /run/answers)" -ge "$1" ]; }
# Every click that was acknowledged stands in the ledger, each slot once.
nothing_lost() {
	local id slot
	while read -r id slot; do
		booking=$id
		get "/booking?bookingId=$id" -H 'Accept: application/json'
		expect_status 200
		expect_equal "$(json .slot)" "$slot" 'what was acknowledged'
	done < <(awk '$1 == "click" && $2 == 303 { print $3, $4 }' "$work/answers")
	expect_equal "$(awk '$1 == "click" && $2 == 303 { print $4 }' "$work/answers" | sort | uniq -d)" '' 'slots acknowledged twice'
}

note 'Reload, restart and a rolling restart under load: every request is answered'
visitors_start
wait_until answered 2
inside systemctl reload 'slotguard-worker@*' 'slotguard-click@*' slotguard-ops slotguard-courier
inside systemctl restart slotguard.target
wait_until all_active
for unit in $(units); do
	inside systemctl restart "$unit"
done
count=$(inside grep -c '^click 303' /run/answers)
wait_until answered $((count + 1))
visitors_end
bad=$(awk '!($2 ~ /^(200|201|202|303|409)$/)' "$work/answers")
[ -z "$bad" ] || fail "Of $(wc -l <"$work/answers") requests some were lost: $(head -n 3 <<<"$bad")"
nothing_lost
note "$(wc -l <"$work/answers") requests"

note 'A wrong configuration fails the reload, and the service goes on'
sh_inside 'echo nonsense >>/etc/slotguard/slotguard.conf'
! inside systemctl reload slotguard-worker@1 2>"$work/output" || fail 'A reload with nonsense succeeds.'
wait_until said 'slotguard.conf:[0-9]+: neither \[section\] nor key = value'
sh_inside 'cp /root/sound.conf /etc/slotguard/slotguard.conf'
holds

note 'Stopped under load, while clicks wait for Google: within five seconds, and nothing is lost'
sh_inside 'for unit in slotguard-worker@ slotguard-click@ slotguard-courier; do
	mkdir -p /run/systemd/system/$unit.service.d
	printf "[Service]\nTimeoutStopSec=5\n" >/run/systemd/system/$unit.service.d/short.conf
done
systemctl daemon-reload'
visitors_start
wait_until answered 1
control POST google faults '{"kind":"hang","route":"freeBusy"}' >"$work/output"
waits_for_google() { [ "$(control GET google state | jq '[.requests[] | select(.route == "freeBusy")] | length')" -gt "$asked" ]; }
asked=$(control GET google state | jq '[.requests[] | select(.route == "freeBusy")] | length')
wait_until waits_for_google
inside systemctl stop slotguard.target
# systemd itself says whether one of them had to be killed.
is_down() { [[ $(unit "$1" ActiveState) =~ ^(inactive|failed)$ ]]; }
for unit in $(units); do
	wait_until is_down "$unit"
	expect_unit "$unit" Result success
done
get /
expect_status 502 'after the stop'
control DELETE google faults >"$work/output"
inside systemctl start slotguard.target
visitors_end
nothing_lost
holds

note 'An upgrade keeps what is booked, and what runs'
old=$(main_pids)
control POST clickhouse faults '{"kind":"garbage","route":"select","match":"version()","body":"24.3.1.1\t\n"}' >"$work/output"
inside env DEBIAN_FRONTEND=noninteractive dpkg --force-depends -i /srv/packages/new.deb >"$work/output" 2>&1 ||
	fail "The upgrade fails without the migrations: $(cat "$work/output")"
grep -q 'the old version goes on' "$work/output" || fail 'Nobody is told that the migrations failed.'
expect_equal "$(main_pids)" "$old" 'the programs after an upgrade whose migrations failed'
control DELETE clickhouse faults >"$work/output"
sh_inside 'echo "[site]" >>/etc/slotguard/slotguard.conf
	echo "theme = dark" >>/etc/slotguard/slotguard.conf'
inside env DEBIAN_FRONTEND=noninteractive dpkg --force-depends -i /srv/packages/new.deb >"$work/output" 2>&1 ||
	fail "The upgrade fails with a configuration that it refuses: $(cat "$work/output")"
grep -q 'there is no key \[site\] theme' "$work/output" || fail 'Nobody is told why the new version would not start.'
expect_equal "$(main_pids)" "$old" 'the programs after an upgrade that refuses the configuration'
sh_inside 'cp /root/sound.conf /etc/slotguard/slotguard.conf'
holds
inside env DEBIAN_FRONTEND=noninteractive dpkg --force-depends -i /srv/packages/new.deb >"$work/output" 2>&1 ||
	fail "The upgrade fails: $(cat "$work/output")"
wait_until all_active
! grep -qxF "$old" <(main_pids) || fail 'A program of the old version still runs.'
holds
nothing_lost
booking=$booked
post_json /api/cancel "{\"bookingId\":\"$booked\",\"version\":$(get "/booking?bookingId=$booked" -H 'Accept: application/json'; json .version)}"
expect_status 200 'a cancel after the upgrade'

note 'No log has a booking id, a name or a secret'
inside journalctl --no-pager -o json -u 'slotguard*' -u nginx >"$work/journal"
sh_inside 'cat /var/log/nginx/*' >>"$work/journal"
for word in "$booked" Ada ada@example.com load@example.com $(sh_inside 'cat /run/stand/credentials/*'); do
	! grep -qF -- "$word" "$work/journal" || fail "A log has $word."
done
# systemd's own ids have no dashes.
journal >"$work/said"
! grep -Eq '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-' "$work/said" || fail 'The journal has a UUID.'
request=$(sh_inside 'jq -r "select(.path == \"/api/cancel\").request_id" /var/log/nginx/slotguard.access.log | tail -n 1')
wait_until said "$request"

note 'Removed: nginx goes on; purged: nothing is left'
inside ln -s /etc/nginx/sites-available/slotguard.conf /etc/nginx/conf.d/calls.conf
inside dpkg -r slotguard >"$work/output" 2>&1 || fail "It cannot be removed: $(cat "$work/output")"
wait_until is_unit slotguard-worker@1 ActiveState inactive
sh_inside 'nginx -t -q && [ ! -L /etc/nginx/sites-enabled/book ] && [ ! -L /etc/nginx/conf.d/calls.conf ]' || fail 'nginx would not start any more.'
inside dpkg -P slotguard >"$work/output" 2>&1 || fail "It cannot be purged: $(cat "$work/output")"
left=$(sh_inside 'find /etc /usr /lib /var/lib /var/log -name "*slotguard*" ! -path "/var/lib/systemd/*" ! -path "/etc/hostname" 2>/dev/null')
[ -z "$left" ] || fail "The purge leaves $left"

note 'With a newer nginx http2 is a directive of its own'
sh_inside '
	printf "#!/bin/sh\necho nginx version: nginx/1.26.3 >&2\n" >/usr/local/sbin/nginx
	chmod +x /usr/local/sbin/nginx
	DEBIAN_FRONTEND=noninteractive dpkg --force-depends -i /srv/packages/new.deb' >"$work/output" 2>&1 || fail "It cannot be installed: $(cat "$work/output")"
inside cat /etc/nginx/sites-available/slotguard.conf >"$work/site"
! grep -q 'ssl http2' "$work/site" || fail 'The site has what a newer nginx warns of.'
expect_equal "$(grep -c '^	http2 on;$' "$work/site")" 2 'the servers with http2'
