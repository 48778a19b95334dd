# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
# dav.sh: a CalDAV server (radicale, or xandikos) with a calendar at $dav_url, and a plain client of it
#
# Sourced after lib.sh. Only here, and where programs are given the calendar, does anything know of the server.

dav_dir=$work/dav
mkdir "$dav_dir"

# dav_choose SERVER: dav_start starts this one, at a port of its own. To xandikos everybody is the same user.
dav_choose() {
	local port
	command -v "$1" >/dev/null || skip "$1 is missing; ./bootstrap check installs it."
	port=$(python3 -c 'import random, socket
while True:
	port = random.randrange(10000, 32000)
	with socket.socket() as s:
		if s.connect_ex(("127.0.0.1", port)): print(port); break')
	dav_url=http://127.0.0.1:$port/avo/calls
	dav_command=(radicale --config "$dav_dir/conf")
	[ "$1" = radicale ] ||
		dav_command=(xandikos -d "$dav_dir/$1" --defaults --current-user-principal /avo/ -l 127.0.0.1 -p "$port")
	cat >"$dav_dir/conf" <<-END
	[server]
	hosts = 127.0.0.1:$port
	[auth]
	type = htpasswd
	htpasswd_filename = $dav_dir/users
	htpasswd_encryption = plain
	delay = 0
	[rights]
	type = from_file
	file = $dav_dir/rights
	[storage]
	filesystem_folder = $dav_dir/$1
	[logging]
	level = warning
	END
}
dav_start() { # PASSWORD [PERMISSIONS]
	printf 'avo:%s\n' "$1" >"$dav_dir/users"
	printf '%s\n' '[all]' 'user: .+' 'collection: .*' "permissions: ${2:-RrWw}" >"$dav_dir/rights"
	setpriv --pdeathsig TERM "${dav_command[@]}" >>"$dav_dir/log" 2>&1 &
	dav_pid=$!
	wait_until curl -s -o "$dav_dir/up" "${dav_url%/avo/calls}/"
}
dav_stop() {
	kill "$dav_pid"
	wait "$dav_pid" 2>/dev/null || :
}
dav() { # METHOD NAME [CURL-OPTION ...]: prints the answer
	local method=$1 name=$2
	shift 2
	curl -sS --fail-with-body -u avo:s3cret -X "$method" "$@" "$dav_url/$name"
}
put() { # NAME LINE ...: an event of the owner's
	local name=$1
	shift
	printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//test//EN BEGIN:VEVENT "UID:$name" DTSTAMP:20260101T000000Z \
		SUMMARY:Own "$@" END:VEVENT END:VCALENDAR >"$dav_dir/$name.ics"
	dav PUT "$name.ics" -H 'Content-Type: text/calendar' --data-binary @"$dav_dir/$name.ics"
}

dav_choose radicale
