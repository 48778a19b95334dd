#!/bin/bash
# SPDX-License-Identifier: MIT
# t42-ops: what is shipped for admins: alert rules, dashboard, completion, and a backup that can be restored
# shellcheck disable=SC2154
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
command -v promtool >/dev/null || skip 'promtool is missing; ./bootstrap check installs it (prometheus).'
stand_start --courier
. "$srcdir/tests/journey.sh"

note 'Prometheus takes the scrape configuration, and each alert fires when it should'
cp "$srcdir"/ops/prometheus/*.yml "$srcdir/tests/rules-test.yml" "$work"
promtool check config "$work/scrape.yml" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
promtool test rules "$work/rules-test.yml" >"$work/said" 2>&1 || fail "$(cat "$work/said")"

note 'What rules and dashboard ask for is counted'
new_booking
look
click "${slots[20]}"
expect_status 303
courier_has_looked() { get /metrics && grep -q '^slotguard_courier_last_round_seconds' "$body"; }
wait_until courier_has_looked
jq -r '.panels[].targets[].expr' "$srcdir/ops/grafana.json" >"$work/expressions"
# Each of them is an expression of Prometheus.
jq -n --rawfile all "$work/expressions" '{groups: [{name: "panels", rules: [$all | rtrimstr("\n") | split("\n") | to_entries[] |
	{record: "panel:\(.key)", expr: .value}]}]}' >"$work/panels.yml"
promtool check rules "$work/panels.yml" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
for name in $(cat "$work/expressions" "$srcdir/ops/prometheus/rules.yml" | grep -oE 'slotguard_[a-z_]+' | sort -u); do
	grep -q "^# TYPE ${name%_bucket} " "$body" || fail "Nothing counts $name."
done
for name in $(sed -n 's/.*- alert: //p' "$srcdir/ops/prometheus/rules.yml"); do
	grep -q "^\.It Li.* $name\b" "$srcdir/app/slotguard-operations.7.in" || fail "The guide does not say what to do at $name."
done

note 'Completion knows the commands, and the options of each'
complete_it() { # WORD ...: what may follow the last
	COMP_WORDS=("$builddir/slotguardctl" "$@") COMP_CWORD=$#
	COMPREPLY=()
	_slotguardctl
	printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}
# shellcheck disable=SC1091
. "$srcdir/ops/slotguardctl.bash"
expect_equal "$(complete_it mig)" migrate 'what begins with mig'
[[ " $(complete_it -c "$CONF" list --) " == *' --from '* ]] || fail "list is completed with '$(complete_it list --)'."

note 'A backup of database and configuration, what is too old goes, and it can be restored'
etc=$work/etc/slotguard
mkdir -p "$etc"
cp -r "$CONF" "$CREDENTIALS_DIRECTORY" "$etc"
backups=$STAND_DIR/backups
# What stands in other sections is not ClickHouse's, and a remark is no part of a value.
sed -i 's/^\(\[clickhouse\]\)$/\1\r/; s/^\(url = .*\)$/\1 ; on this machine\r/
	/^\[google\]$/i [calendar work]\nkind = ics\nurl = http://127.0.0.1:9/key-of-the-calendar' "$etc/slotguard.conf"
touch -d '-8 days' "$backups/slotguard-old.backup"
touch -d '-6 days' "$backups/slotguard-young.backup"
# The password goes to no proxy of whoever runs it.
env -u no_proxy http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9 \
	sh "$builddir/ops/backup" -c "$etc/slotguard.conf" -d "$backups" -k 7 >"$work/said" 2>&1 || fail "$(cat "$work/said")"
[ ! -e "$backups/slotguard-old.backup" ] && [ -e "$backups/slotguard-young.backup" ] || fail 'The wrong backups are kept.'
tar -tzf "$backups"/slotguard-2*.etc.tar.gz >"$work/listed"
grep -qx slotguard/credentials/signing-key "$work/listed" || fail 'The backup lacks the secrets.'
expect_equal "$(stat -c %a "$backups"/slotguard-2*.etc.tar.gz)" 600 'the mode of the secrets'
made=$(basename "$backups"/slotguard-2*.backup)
ch "RESTORE DATABASE argus AS restored FROM File('$made')" >"$work/said"
expect_equal "$(ch 'SELECT count() FROM restored.ledger')" "$(rows ledger)" 'the entries of the restored ledger'
code=0
sh "$builddir/ops/backup" -c "$etc/slotguard.conf" -d "$work" >"$work/said" 2>&1 || code=$?
expect_equal "$code" 1 'the status of a backup that ClickHouse refuses'
grep -q '^backup: ClickHouse did not write it: .*backups.allowed_path' "$work/said" || fail "It does not say why: $(cat "$work/said")"
