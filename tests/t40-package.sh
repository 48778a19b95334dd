#!/bin/bash
# SPDX-License-Identifier: MIT
# t40-package: what is installed is sound, by make install and as a Debian package, and goes without a trace
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
# A make of its own, whatever the one that runs the tests was told.
unset MAKEFLAGS MFLAGS MAKELEVEL
root=$work/root
output=$work/output

note 'make install into a folder of its own'
make -s -C "$builddir" install DESTDIR="$root" >"$output" 2>&1 || fail "make install fails: $(tail -n 5 "$output")"
variable() { make -s -C "$builddir" --eval "print-it: ; @echo '\$($1)'" print-it; }
share=$(variable pkgdatadir) units=$root$(variable systemdsystemunitdir) sbin=$(variable sbindir)
for file in "$root$sbin"/slotguard-{worker,courier} "$root$(variable bindir)/slotguardctl" "$units"/slotguard.target \
	"$units"/slotguard{,-click,-ops}.socket "$units"/slotguard-{worker@,click@,ops,courier,migrate,backup}.service \
	"$root$(variable prefix)"/lib/{sysusers,tmpfiles}.d/slotguard.conf "$root$share"/nginx/slotguard.conf; do
	[ -s "$file" ] || fail "make install does not install ${file#"$root"}."
done
! grep -rlE '@[a-z]+@' "$root" --include='*.conf' --include='*.service' --include='*.socket' --include='*.target' ||
	fail 'An installed file has a name that was not expanded.'
! grep -rlF "$root" "$root" || fail 'An installed file names the folder that it was put into.'

note 'The units: no word from verify, and exposed no more than 1.5'
mkdir "$work/units"
for unit in "$units"/*; do
	sed "s|=$share/backup|=$root$share/backup|; s|$sbin/|$root$sbin/|; s|$(variable bindir)/|$root$(variable bindir)/|" "$unit" >"$work/units/$(basename "$unit")"
done
# An instance, since a template cannot be looked at whole.
for pool in worker click; do
	cp "$work/units/slotguard-$pool@.service" "$work/units/slotguard-$pool@1.service"
done
systemd-analyze verify --man=no "$work"/units/*.target "$work"/units/*.socket "$work"/units/*.timer \
	"$work"/units/slotguard-{backup,courier,migrate,ops,worker@1,click@1}.service \
	>"$output" 2>&1 || fail "systemd-analyze verify fails: $(cat "$output")"
[ ! -s "$output" ] || fail "systemd-analyze verify says: $(cat "$output")"
for unit in backup courier migrate ops worker@ click@; do
	systemd-analyze security --offline=true --no-pager --threshold=15 "$units/slotguard-$unit.service" >"$output" 2>&1 ||
		fail "slotguard-$unit.service is exposed: $(tail -n 1 "$output")"
done
# Each has the secrets of what it talks to, and no others.
database='clickhouse-password clickhouse-user' google='google-client-id google-client-secret google-refresh-token'
loads() { # UNIT SECRET ...
	local unit=$1
	shift
	expect_equal "$(sed -n 's/^LoadCredential=\([a-z0-9-]*\):.*/\1/p' "$units/slotguard-$unit.service" | sort -u | xargs)" "$*" \
		"what slotguard-$unit.service loads"
}
# shellcheck disable=SC2086
loads ops $database $google
for unit in worker@ click@; do
	# shellcheck disable=SC2086
	loads $unit api-key api-key-2 api-key-3 api-key-4 $database $google signing-key
done
# shellcheck disable=SC2086
loads courier $database $google resend-api-key telegram-bot-token
# shellcheck disable=SC2086
loads migrate $database

for page in $(grep -h ^Documentation= "$units"/* | grep -o 'man:[^ ]*' | sort -u); do
	name=${page#man:} section=${page##*(}
	[ -s "$root$(variable mandir)/man${section%)}/${name%(*}.${section%)}" ] || fail "There is no $page."
done
! grep -h ^Documentation= "$units"/* | shows file: || fail 'A unit names a file, which a package may compress.'

note 'nginx takes the installed site'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>"$output" || fail "$(cat "$output")"
site=$root$share/nginx/slotguard.conf
# What an admin sets, and the folder in which it all stands here.
set_up() { # FILE: what nginx says of it
	sed -i -e "s|ssl_certificate [^;]*;|ssl_certificate $work/cert.pem;|" -e '/listen \[::\]/d' \
		-e "s|ssl_certificate_key [^;]*;|ssl_certificate_key $work/key.pem;|" \
		-e 's|listen 80;|listen 127.0.0.1:8080;|; s|listen 443 |listen 127.0.0.1:8443 |; s|127.0.0.1:9145|127.0.0.1:8145|' \
		-e "s|/var/log/nginx/|$work/|" -e "s|$share/|$root$share/|" "$1"
	cat >"$work/nginx.conf" <<-END
	pid $work/nginx.pid;
	events {}
	http {
		access_log off;
		client_body_temp_path $work/tmp;
		fastcgi_temp_path $work/tmp;
		proxy_temp_path $work/tmp;
		scgi_temp_path $work/tmp;
		uwsgi_temp_path $work/tmp;
		include $1;
	}
	END
	cp /etc/nginx/fastcgi_params "$work"
	nginx -t -q -e "$work/nginx.log" -p "$work" -c "$work/nginx.conf" 2>&1
}
sed -i "s|$share/|$root$share/|; s|/var/log/nginx/|$work/|" "$root$share"/nginx/{server,ops}.conf
said=$(set_up "$site") || fail "nginx -t fails: $said"
[ -z "$said" ] || fail "nginx -t says: $said"

note 'make uninstall leaves nothing'
make -s -C "$builddir" uninstall DESTDIR="$root" >"$output" 2>&1 || fail "make uninstall fails: $(tail -n 5 "$output")"
left=$(find "$root" ! -type d)
[ -z "$left" ] || fail "make uninstall leaves: $left"
left=$(find "$root$(variable prefix)" -mindepth 1 -name '*slotguard*')
[ -z "$left" ] || fail "make uninstall leaves the folders: $left"

note 'The Debian package'
code=0
"$srcdir/tests/boot/package" "$srcdir" "$builddir" || code=$?
[ $code -eq 0 ] || exit $code
deb=$builddir/build/package/slotguard.deb
lintian --fail-on error,warning --tag-display-limit 0 "$(readlink -f "$deb")" >"$output" 2>&1 || fail "lintian: $(cat "$output")"
dpkg-deb -x "$deb" "$work/deb"
for file in lib/systemd/system/slotguard.target usr/sbin/slotguard-worker usr/share/slotguard/slotguard.conf.example \
	usr/share/slotguard/nginx/slotguard.conf usr/share/doc/slotguard/README.Debian usr/share/slotguard/prometheus/rules.yml \
	usr/share/bash-completion/completions/slotguardctl; do
	[ -s "$work/deb/$file" ] || fail "The package does not have $file."
done
expect_equal "$(stat -c %a "$work/deb/etc/slotguard/credentials")" 700 'the mode of the folder of secrets'
grep -q '^ListenStream=/run/slotguard/worker.sock$' "$work/deb/lib/systemd/system/slotguard.socket" ||
	fail 'The package has its socket elsewhere.'
# The configuration that it brings is one that the programs take.
"$work/deb/usr/sbin/slotguard-worker" -t -c <(sed "s|^;templates = .*|templates = $work/deb/usr/share/slotguard/templates|" \
	"$work/deb/usr/share/slotguard/slotguard.conf.example") || fail 'The configuration of the package is refused.'
