#!/bin/bash
# SPDX-License-Identifier: MIT
# t36-courier-crashes: a courier that is killed between any two steps of a booking delivers all of it, once
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without courier --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults 'duty=.* state=(retry|trying) code=(busy|unsure|unreachable) '
outside_config resend '{"per_second":0}'
outside_config google '{"per_minute":0}'
courier_start 1

note 'kill -9 between any two steps of one booking'
for step in '"service":"clickhouse","route":"insert","match":"lease"' \
	'"service":"clickhouse","route":"insert","match":"trying"' \
	'"service":"resend","route":"emails.send"' \
	'"service":"clickhouse","route":"insert","match":"mail\tdone"' \
	'"service":"google","route":"events.list","match":"privateExtendedProperty"' \
	'"service":"google","route":"events.insert"' \
	'"service":"clickhouse","route":"insert","match":"event\tdone"' \
	'"service":"clickhouse","route":"insert","match":"INTO consulting_bookings"'; do
	for when in before after; do
		service=$(jq -r .service <<<"{$step}")
		hits() { outside_state "$service" '[.requests[] | select(.fault == "hang")] | length'; }
		before=$(hits)
		fault "$service" "{$step,\"kind\":\"hang\",\"when\":\"$when\",\"times\":1}"
		some 1
		was_hit() { [ "$(hits)" -gt "$before" ]; }
		wait_until was_hit
		sleep 0.1
		courier_end 1 KILL
		faults_clear "$service"
		leases_pass
		courier_start 1
		wait_until is_recorded mail done
		wait_until is_recorded event done
		wait_until is_recorded alert done
		mails_are 1 || fail "There are $(mails length) mails after a crash $when $step."
		expect_equal "$(stands 'events.filter((e) => e.status !== "cancelled").length')" 1 "the events after a crash $when $step"
		expect_equal "$(stands row.status)" booked "the row after a crash $when $step"
	done
done
audit
